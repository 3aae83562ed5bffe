"""Run what the entry points of a submission need, and hand out the entry points."""

from __future__ import annotations

import linecache
import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import TextIOBase
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.watch.cells import Cell, UnreadableError
from grader.watch.entry_points import derived_value, find_entry
from grader.watch.limits import EndOfTime, alarm
from grader.watch.raised import text_of
from grader.watch.select import Place, Selection, Statement, needed, statements

_TENTATIVE_SECONDS = 1.0
"""How long statements that may be of no use are run, all together."""


class _Absent:
    """Stands for something that the top level of a submission failed to make, and says so when it is used."""

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
        raise NameError(f"`{self._name}` is not available here: {type(self._why).__name__}: {text_of(self._why)}")

    __setattr__ = __call__ = __iter__ = __bool__ = __len__ = __float__ = __index__ = _complain
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __matmul__ = __neg__ = _complain


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


def load(cells: Sequence[Cell], entries: Mapping[str, Entry], given: Mapping[str, Any]) -> Loaded:
    """Run what the entry points need.

    A statement that raises costs no more than it would in a notebook: what it was to make is not there.

    Args:
        given: names that the submission finds without defining them.

    Raises:
        UnreadableError: it defines none of the entry points.
        SyntaxError: likewise, and a cell that may have held them is not Python.
        Exception: whatever the statement that defines the only one raises.
    """
    for cell in cells:
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[cell.where] = (len(cell.source), None, lines, cell.where)  # for `inspect.getsource`
    program, errors = statements(cells)
    found: dict[str, Place] = {}
    for name, entry in entries.items():
        place = find_entry(program, entry.spellings, entry.base, [other.name for other in found.values()])
        if place:
            found[name] = place
    if not found:
        raise errors[0] if errors else UnreadableError(f"defines no function `{'`, `'.join(entries)}`")
    absent = [entry for name, entry in entries.items() if name not in found and entry.base]
    objects = [*given, *_likely(program, absent)]
    made, failures = _run(needed(program, found.values(), objects, last=True), given)
    if any(isinstance(failure, NameError) for failure in failures.values()):
        # something was made of a definition that a later one replaces
        made, failures = _run(needed(program, found.values(), objects, last=False), given)
    loaded = Loaded(made[None], {})
    for name, place in found.items():
        try:
            loaded.names[name] = _entry(name, place, made.get(place.statement, {}), failures)
        except Exception as error:
            loaded.failures[name] = error
    for name in entries.keys() - found.keys():
        made_elsewhere = entries[name].base and derived_value(made[None], entries[name].spellings, entries[name].base)
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


def _run(
    selection: Selection, given: Mapping[str, Any]
) -> tuple[dict[int | None, dict[str, Any]], dict[str, Exception]]:
    """Run statements as a module of their own. The tentative ones do so in silence, and until their time is over.

    Where a number takes the name of a function, `loss = loss(v, t)`, the function keeps it.

    Returns:
        What each statement had bound when it was done, and under None the namespace after all of them; and what raised,
        by the names that it was to bind.
    """
    module = ModuleType("submission")
    sys.modules["submission"] = module  # dataclasses and pickling look themselves up there
    namespace = vars(module)
    namespace.update(given)
    made: dict[int | None, dict[str, Any]] = {None: namespace}
    failures: dict[str, Exception] = {}
    defined = {name for s in selection.statements.values() for name in s.binds if s.defines(name)}
    seconds = _TENTATIVE_SECONDS
    for number, statement in selection.statements.items():
        before = {name: namespace[name] for name in statement.binds if name in defined and name in namespace}
        try:
            if number not in selection.tentative:
                exec(statement.code, namespace)
            elif seconds > 0:
                started = time.perf_counter()
                _try(statement.code, namespace, seconds)
                seconds -= time.perf_counter() - started
            namespace.update({n: f for n, f in before.items() if callable(f) and not _is_function(namespace.get(n))})
            made[number] = {name: namespace[name] for name in statement.binds if name in namespace}
        except Exception as error:
            failures |= dict.fromkeys(statement.binds, error)
            namespace.update({name: _Absent(name, error) for name in statement.binds - namespace.keys()})
    return made, failures


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, _Absent)


def _try(code: CodeType, namespace: dict[str, Any], seconds: float) -> None:
    """Run code that is perhaps of no use."""
    silence = _Silence()
    try:
        with redirect_stdout(silence), redirect_stderr(silence), alarm(seconds, waiting=True):
            exec(code, namespace)
    except (EndOfTime, SystemExit):
        pass


class _Silence(TextIOBase):
    """Takes what is printed, and keeps nothing."""

    def write(self, text: str) -> int:
        """Nothing is written."""
        return len(text)
