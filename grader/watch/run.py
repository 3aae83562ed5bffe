"""Run the statements of a submission, and hand out what they made: entry points, or the whole namespace of a script."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from io import TextIOBase
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.watch import rewrite
from grader.watch.cells import Cell, UnreadableError
from grader.watch.entry_points import derived_value, find_entry
from grader.watch.limits import EndOfTime, Waiting, alarm, patience
from grader.watch.raised import Unavailable, remember, text_of
from grader.watch.select import Place, Statement, needed, statements
from grader.watch.stubs import modules as stubs

_TENTATIVE_SECONDS = 1.0
"""How long statements that may be of no use may compute, all together; and how long they may wait besides."""


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

    __setattr__ = __call__ = __iter__ = __bool__ = __len__ = __float__ = __index__ = _complain
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __matmul__ = __neg__ = _complain


@dataclass
class Execution:
    """Statements that are run one after the other, as a module of their own.

    A statement that raises costs no more than it would in a notebook: what it was to make is not there.

    Args:
        given: names that the submission finds without defining them.
        kept: names of functions that keep them where a number takes one, as in `loss = loss(v, t)`.

    Attributes:
        failures: what raised, by the names that it was to bind.
        errors: what raised, in order, but for what only follows from an earlier error.
    """

    given: Mapping[str, Any]
    kept: Collection[str] = ()
    failures: dict[str, Exception] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        module = sys.modules["submission"] = ModuleType(
            "submission"
        )  # dataclasses and pickling look themselves up there
        self.namespace = vars(module)
        self.namespace |= self.given
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
        started, silence, waiting = time.process_time(), _Silence(), Waiting()
        patient, bounded = patience(self._patience, waiting), alarm(self._seconds)
        try:
            with suppress(EndOfTime, SystemExit), redirect_stdout(silence), redirect_stderr(silence), patient, bounded:
                exec(code, self.namespace)
        finally:
            self._seconds -= time.process_time() - started
            self._patience -= waiting.seconds


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, _Absent)


class _Silence(TextIOBase):
    """Takes what is printed, and keeps nothing."""

    def write(self, text: str) -> int:
        """Nothing is written."""
        return len(text)


@dataclass(frozen=True)
class Entry:
    """An entry point: its accepted spellings, and the end of the name of its base class, if that makes it one."""

    spellings: Sequence[str]
    base: str = ""


@dataclass(frozen=True)
class Loaded:
    """The namespace of a submission, with each entry point that was made under its own name.

    `failures` tells why others, which it seems to define, could not be made. What is in neither was not attempted.
    """

    names: dict[str, Any]
    failures: dict[str, Exception]


def load(
    cells: Sequence[Cell],
    entries: Mapping[str, Entry],
    given: Mapping[str, Any],
    begin: Callable[[], object] = lambda: None,
) -> Loaded:
    """Run what the entry points need.

    Args:
        given: names that the submission finds without defining them.
        begin: is called before anything of the submission runs.

    Raises:
        UnreadableError: it defines none of the entry points.
        SyntaxError: likewise, and a cell that may have held them is not Python.
        Exception: whatever the statement that defines the only one raises.
    """
    remember(cells)
    program, errors = statements(cells)
    found: dict[str, Place] = {}
    for name, entry in entries.items():
        place = find_entry(program, entry.spellings, entry.base, [other.name for other in found.values()])
        if place:
            found[name] = place
    if not found:
        raise errors[0] if errors else UnreadableError(f"defines no function `{'`, `'.join(entries)}`")
    absent = [entry for name, entry in entries.items() if name not in found and entry.base]
    selection = needed(program, found.values(), [*given, *_likely(program, absent)])
    begin()
    execution = Execution(given, {name for s in program if s.is_definition for name in s.binds})
    made = {
        number: execution.run(statement, tentatively=number in selection.tentative)
        for number, statement in selection.statements.items()
    }
    loaded = Loaded(execution.namespace, {})
    values = {name: made.get(place.statement, execution.namespace) for name, place in found.items()}  # type: ignore[arg-type]
    for name, place in found.items():
        try:
            loaded.names[name] = _entry(name, place, values[name], execution.failures)
        except Exception as error:
            loaded.failures[name] = error
    for name in entries.keys() - found.keys():
        made_elsewhere = entries[name].base and derived_value(
            execution.namespace, entries[name].spellings, entries[name].base
        )
        if made_elsewhere:
            loaded.names[name] = made_elsewhere
            continue
        broken = [cell.error for cell in cells if cell.error and _mentions(cell.source, entries[name].spellings)]
        if broken:
            loaded.failures[name] = broken[0]
    if len(entries) == 1 and loaded.failures:
        raise next(iter(loaded.failures.values()))
    return loaded


def _likely(program: Iterable[Statement], entries: Iterable[Entry]) -> list[str]:
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
    """

    def __init__(self, cells: Sequence[Cell], usual: Mapping[str, Any] | None = None) -> None:
        self._cells = cells
        self._usual = usual or {}

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
        remember(self._cells)
        program, refused = statements(rewrite.as_run(self._cells, given))
        if not program:
            raise refused[0] if refused else UnreadableError("holds no statement")
        sys.argv = [self._cells[0].where]
        standing = stubs.install(given.get(rewrite.SCALARS, []), given.get(rewrite.MODULES, {}))
        usual = {**self._usual, **standing, "__file__": self._cells[0].where}
        execution = Execution({**usual, **given, **rewrite.helpers(given)})
        with suppress(SystemExit):
            for statement in program:
                execution.run(statement)
        errors = [*execution.errors, *refused]
        if errors:
            full = (error for error in errors if isinstance(error, MemoryError))
            raise next(full, errors[0] if len(errors) == 1 else ExceptionGroup("several errors", errors))
        return execution.namespace
