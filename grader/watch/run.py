"""Run the statements of a submission, and hand out what they made: entry points, or the whole namespace of a script."""

from __future__ import annotations

import ast
import re
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.watch import older, rewrite
from grader.watch.cells import Cell, UnreadableError
from grader.watch.counted import counted
from grader.watch.entry_points import AskedFor, derived_value, find_entry, missing_module, rivals
from grader.watch.limits import EndOfTime, Waiting, alarm, patience
from grader.watch.meant import HowRight, most_right, nobody_knows
from grader.watch.noticed import asked_for, misplaced
from grader.watch.own_modules import OwnModules
from grader.watch.raised import Unavailable, remember, text_of
from grader.watch.select import Place, Statement, needed, statements
from grader.watch.silence import Silence
from grader.watch.stubs import modules as stubs
from grader.watch.stubs.loaders import Data, data_of, loading
from grader.watch.stubs.texts import Texts

_TENTATIVE_SECONDS = 1.0
"""How long statements that may be of no use may compute, all together; and how long they may wait besides."""

_SHOWN = 12


class _Absent:
    """Stands for something that a statement failed to make, and says so when it is used."""

    def __init__(self, name: str, why: Exception) -> None:
        self.__dict__.update(_name=name, _why=why)

    if TYPE_CHECKING:
        _name: str
        _why: Exception

    def __getattr__(self, attribute: str) -> _Absent:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return _Absent(f"{self._name}.{attribute}", self._why)

    def __getitem__(self, _: object) -> _Absent:  # an annotation like Float[Tensor, "n"] is no use
        return self

    def _complain(self, *_: object, **__: object) -> NoReturn:
        raise Unavailable(f"`{self._name}` is not available here: {type(self._why).__name__}: {text_of(self._why)}")

    __setattr__ = __call__ = __iter__ = __bool__ = __len__ = __float__ = __index__ = __mro_entries__ = _complain
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __matmul__ = __neg__ = _complain


@dataclass
class Execution:
    """Statements that are run one after the other, as a module of their own.

    A statement that raises costs no more than it would in a notebook: what it was to make is not there.

    Args:
        given: names that the submission finds without defining them.
        kept: names of functions that keep them where a number takes one, as in `loss = loss(v, t)`.
        module: in which they are run; by default that of the submission.

    Attributes:
        failures: what raised, by the names that it was to bind.
        errors: what raised, in order, but for what only follows from an earlier error.
    """

    given: Mapping[str, Any]
    kept: Collection[str] = ()
    module: ModuleType = field(default_factory=partial(ModuleType, "submission"))
    failures: dict[str, Exception] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        sys.modules[self.module.__name__] = self.module  # dataclasses and pickling look themselves up there
        self.namespace = vars(self.module)
        self.namespace |= {**older.NAMES, **self.given}
        self._seconds = self._patience = _TENTATIVE_SECONDS

    def run(self, statement: Statement, *, tentatively: bool = False) -> dict[str, Any]:
        """Run one, in silence and for a short time where that is tentative.

        Returns:
            What it has bound.
        """
        names = self.namespace
        before = {name: names[name] for name in statement.binds.intersection(self.kept) if name in names}
        try:
            if tentatively:
                self._try(statement.code)
            else:
                exec(statement.code, names)
        except Exception as error:
            self.failures |= dict.fromkeys(statement.binds, error)
            if not self._follows(error, statement):
                self.errors.append(error)
            names |= {name: _Absent(name, error) for name in statement.binds - names.keys()}
            return {}
        names |= {n: f for n, f in before.items() if _is_function(f) and not _is_function(names.get(n))}
        return {name: names[name] for name in statement.binds if name in names}

    def _follows(self, error: Exception, statement: Statement) -> bool:
        """Whether an error is one that would not be there but for an earlier one."""
        absent = any(isinstance(self.namespace.get(name), _Absent) for name in statement.reads)
        return absent or isinstance(error, Unavailable)

    def _try(self, code: CodeType) -> None:
        """Run code that is perhaps of no use."""
        if min(self._seconds, self._patience) <= 0:
            return
        started, silence, waiting = time.process_time(), Silence(), Waiting()
        patient, bounded = patience(self._patience, waiting), alarm(self._seconds)
        try:
            with suppress(EndOfTime, SystemExit), redirect_stdout(silence), redirect_stderr(silence), patient, bounded:
                exec(code, self.namespace)
        finally:
            self._seconds -= time.process_time() - started
            self._patience -= waiting.seconds


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, _Absent)


@dataclass(frozen=True)
class Loaded:
    """The namespace of a submission, with each entry point that was made under its own name.

    `failures` tells why others, which it seems to define, could not be made. What is in neither was not attempted.
    """

    names: dict[str, Any]
    failures: dict[str, Exception]


def load(
    cells: Sequence[Cell],
    entries: Mapping[str, AskedFor],
    given: Mapping[str, Any],
    begin: Callable[[], object] = lambda: None,
    modules: Mapping[str, Sequence[Cell]] = MappingProxyType({}),
    how_right: HowRight = nobody_knows,
) -> Loaded:
    """Run what the entry points need.

    Args:
        given: names that the submission finds without defining them.
        begin: is called before anything of the submission runs.
        modules: the cells of other files, which it may import and which may define what it does not, by their paths.
        how_right: tells of several classes the one that was meant.

    Raises:
        UnreadableError: nothing defines any of the entry points.
        SyntaxError: likewise, and a cell that may have held them is not Python.
        Exception: whatever the statement that defines the only one raises.
    """
    remember([*cells, *(cell for file in modules.values() for cell in file)])
    own = own_modules(modules, given)
    program, found = own.of_file(cells), dict[str, Place]()
    for name, entry in entries.items():
        place = find_entry(program, entry.spellings, entry.base, [other.name for other in found.values()])
        if place:
            found[name] = place
    elsewhere = _elsewhere(own, modules, {name: entry for name, entry in entries.items() if name not in found})
    if not found and not elsewhere:
        refused = statements(cells)[1]
        raise refused[0] if refused else UnreadableError(_defines_none(cells, program, entries))
    absent = [entry for name, entry in entries.items() if name not in found and entry.base]
    selection = needed(program, found.values(), [*given, *_likely(program, absent)])
    begin()
    own.install()
    execution = Execution(given, {name for s in program if s.is_definition for name in s.binds})
    made: dict[int | None, Mapping[str, Any]] = {None: execution.namespace}
    for number, statement in selection.statements.items():
        made[number] = execution.run(statement, tentatively=number in selection.tentative)
    loaded = Loaded(execution.namespace, {})
    for name, place in found.items():
        _take(loaded, name, partial(_entry, name, place, made[place.statement], execution.failures))
    never_made = {name for name in loaded.failures if found[name].name not in execution.namespace}
    # as where `if TYPE_CHECKING: from .scalar import Scalar` names what another file makes
    elsewhere |= _elsewhere(own, modules, {name: entries[name] for name in never_made})
    for name, (path, place) in elsewhere.items():
        _take(loaded, name, partial(_imported, name, place, own, path))
    chosen = {name: loaded.names[name] for name in {*found, *elsewhere} - loaded.failures.keys()}
    for name, entry in entries.items():
        others = rivals(program, entry, found.get(name), found.values())
        makers = (partial(_made_late, name, place, program, given, execution, made) for place in others)
        meant = most_right(chosen.get(name), makers, partial(how_right, name, loaded.names))
        if meant is not None and meant is not chosen.get(name):
            chosen[name] = meant
            _take(loaded, name, partial(_itself, meant))
    for name in entries.keys() - chosen.keys() - found.keys() - elsewhere.keys():
        _find_made(loaded, name, entries[name], cells)
    if len(entries) == 1 and loaded.failures:
        raise next(iter(loaded.failures.values()))
    return loaded


def _made_late(
    name: str,
    place: Place,
    program: Sequence[Statement],
    given: Mapping[str, Any],
    execution: Execution,
    made: dict[int | None, Mapping[str, Any]],
) -> Any:
    """What is at a place that was not chosen; what it needs and was not run yet is run."""
    for number, statement in needed(program, [place], given).statements.items():
        if number not in made:
            made[number] = execution.run(statement, tentatively=True)
    return _entry(name, place, made[place.statement], execution.failures)


def _defines_none(cells: Sequence[Cell], program: Iterable[Statement], entries: Mapping[str, AskedFor]) -> str:
    """What a file defines in place of what is asked for, and whether that stands where nothing runs it."""
    text = f"defines no {asked_for(entries)}"
    for fact in misplaced(cells, entries, ()):
        if fact.kind == "stands-inside":
            place = "`{name}` stands inside `{inside}` ({where}, line {line}), and must stand at the top level"
        else:
            place = "`{name}` stands in a cell of text ({where}), which is not run"
        return f"{text}: {place.format_map(fact.values)}"
    own = [f"`{name}`" for statement in program if statement.is_definition for name in sorted(statement.binds)]
    text += f"; it defines {', '.join(own[:_SHOWN])}" if own else ""
    return "; ".join([text, *_absent_bases(program)])


def _absent_bases(program: Iterable[Statement]) -> Iterator[str]:
    """What classes derive from that a module would have given which is not here."""
    absent = {name: module for s in program if (module := missing_module(s.node)) for name in s.binds}
    for statement in program:
        node = statement.node
        if not isinstance(node, ast.ClassDef):
            continue
        for base in map(ast.unparse, node.bases):
            if module := absent.get(base.partition(".")[0]):
                yield f"`{node.name}` derives from `{base}`, and the module `{module}` is not here"


def own_modules(modules: Mapping[str, Sequence[Cell]], given: Mapping[str, Any]) -> OwnModules:
    """The other files of a hand-in; what they do besides making things is done tentatively."""

    def run(module: ModuleType, program: Sequence[Statement]) -> None:
        execution = Execution(given, module=module)
        for statement in program:
            makes = statement.is_definition or statement.is_import or statement.is_assignment
            execution.run(statement, tentatively=not makes)

    return OwnModules(modules, run)


def _elsewhere(
    own: OwnModules, modules: Iterable[str], entries: Mapping[str, AskedFor]
) -> dict[str, tuple[str, Place]]:
    """The entry points that other files define, or else import, with the path of the file; the last of several."""
    imported, defined = dict[str, tuple[str, Place]](), dict[str, tuple[str, Place]]()
    for path in modules if entries else ():
        program = own.program(path)
        for name, entry in entries.items():
            if place := find_entry(program, entry.spellings, entry.base):
                makes = any(s.is_definition and place.name in s.binds for s in program)
                (defined if makes else imported)[name] = path, place
    return imported | defined


def _itself(value: Any) -> Any:
    return value


def _take(loaded: Loaded, name: str, made: Callable[[], Any]) -> None:
    """Keep an entry point, or why there is none."""
    try:
        loaded.names[name] = made()
        loaded.failures.pop(name, None)
    except Exception as error:
        loaded.failures[name] = error


def _find_made(loaded: Loaded, name: str, entry: AskedFor, cells: Sequence[Cell]) -> None:
    """An entry point that no statement defines: a class that was made in another way, or one in a refused cell."""
    value = derived_value(loaded.names, entry.spellings, entry.base) if entry.base else None
    if value is not None:
        loaded.names[name] = value
        return
    refused = [cell.error for cell in cells if cell.error and _mentions(cell.source, entry.spellings)]
    if refused:
        loaded.failures[name] = refused[0]


def _imported(name: str, place: Place, own: OwnModules, path: str) -> Any:
    """An entry point of another file.

    Raises:
        Exception: what kept it from being made.
    """
    return _entry(name, place, vars(own.module(path)), {})


def _likely(program: Iterable[Statement], entries: Iterable[AskedFor]) -> list[str]:
    """Names that classes may have which no class statement makes: `MyReLU = type(...)`."""
    spellings = [spelling.casefold() for entry in entries for spelling in entry.spellings]
    bound = sorted({name for statement in program for name in statement.binds})
    return [name for name in bound if any(spelling in name.casefold() for spelling in spellings)]


def _mentions(source: str, spellings: Sequence[str]) -> bool:
    return any(re.search(rf"\b{spelling}\b", source) for spelling in spellings)


def _entry(name: str, place: Place, made: Mapping[str, Any], failures: Mapping[str, Exception]) -> Any:
    """What an entry point is.

    Raises:
        UnreadableError: it is not callable.
        Exception: what its statement raised.
    """
    value = made.get(place.name)
    if isinstance(value, _Absent) or place.name not in made:
        raise failures.get(
            place.name, UnreadableError(f"`{place.name}` is defined only where the file is run by itself")
        )
    entry = getattr(value, place.attribute) if place.attribute else value
    if not callable(entry):
        raise UnreadableError(f"`{name}` is a {type(entry).__name__}, not a function")
    return entry


class Script:
    """A submission as a function: it runs with some names given, and returns its namespace.

    Args:
        cells: the submission.
        usual: names that every submission to the exercise finds; it may give them another meaning.
        modules: the cells of other files that it may import, by their paths.

    Attributes:
        absent: names of modules that it imports and that are nowhere.
        served: loaders that gave it data, with the shape of the columns where these stood for others.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        usual: Mapping[str, Any] = MappingProxyType({}),
        modules: Mapping[str, Sequence[Cell]] = MappingProxyType({}),
    ) -> None:
        self._cells, self._usual, self._modules = cells, usual, modules
        self.absent: list[str] = []
        self.served: dict[str, tuple[int, ...]] = {}

    def loops(self) -> bool:
        """Whether a loop stands at the top level, or in a function that is called from there. Nothing is run."""
        return rewrite.loops([cell.tree for cell in self._cells if cell.tree])

    def __call__(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Run all statements in order.

        Args:
            given: names that the script finds; where it loads something under one of them, it finds what was given.
                With `grader.watch.loops.EACH` and `BEGIN` among them, loops ask whether to go on.

        Raises:
            UnreadableError: there is nothing to run.
            Exception: what a statement raised, after all have been tried; several as a group.
        """
        remember([*self._cells, *(cell for file in self._modules.values() for cell in file)])
        own = own_modules(self._modules, self._usual)
        cells = rewrite.as_run(self._cells, given)
        program, refused = own.of_file(cells), statements(cells)[1]
        if not program:
            raise refused[0] if refused else UnreadableError("holds no statement")
        sys.argv = [self._cells[0].where]
        self.served = given.get(rewrite.SERVED, self.served)
        data = self._data(given.get(rewrite.DATA, ()))
        modules = loading(data, texts := Texts(data)) if data else {}
        for name, content in given.get(rewrite.MODULES, {}).items():
            modules[name] = modules.get(name, {}) | content
        missing = [texts.missing] if data else []
        standing = stubs.install(given.get(rewrite.SCALARS, []), modules, self.absent, *missing)
        own.install()
        usual = {**self._usual, **standing, "__file__": self._cells[0].where}
        execution = Execution({**usual, **given, **rewrite.helpers(given, self.served)})
        with suppress(SystemExit):
            for statement in program:
                execution.run(statement)
        errors = [*execution.errors, *refused]
        if errors:
            full = (error for error in errors if isinstance(error, MemoryError))
            raise next(full, errors[0] if len(errors) == 1 else ExceptionGroup("several errors", errors))
        return execution.namespace

    def _data(self, pairs: Sequence[tuple[Any, Any]]) -> Data | None:
        """What loaders give, where the exercise has data."""
        trees = [cell.tree for cell in self._cells if cell.tree]
        return data_of(pairs, counted(trees), self.served) if pairs else None
