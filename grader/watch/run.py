"""Run what the entry points of a submission need, and hand out the entry points."""

from __future__ import annotations

import linecache
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from errno import EACCES, EAGAIN, EFBIG, ENOENT, EPERM, EROFS
from io import TextIOBase
from types import CodeType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.watch.cells import Cell, UnreadableError
from grader.watch.entry_points import derived_value, find_entry
from grader.watch.limits import EndOfTime, alarm, patience
from grader.watch.select import Place, Selection, Statement, needed, statements

_TENTATIVE_SECONDS = 1.0
"""How long statements that may be of no use may compute, all together; and how long they may wait besides."""


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
        raise NameError(f"`{self._name}` is not available here: {type(self._why).__name__}: {_message(self._why)}")

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


def load(
    cells: Sequence[Cell],
    entries: Mapping[str, Entry],
    given: Mapping[str, Any],
    begin: Callable[[], object] = lambda: None,
) -> Loaded:
    """Run what the entry points need.

    A statement that raises costs no more than it would in a notebook: what it was to make is not there.

    Args:
        given: names that the submission finds without defining them.
        begin: is called before anything of the submission runs.

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
    begin()
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
    seconds = patience_left = _TENTATIVE_SECONDS
    for number, statement in selection.statements.items():
        before = {name: namespace[name] for name in statement.binds if name in defined and name in namespace}
        try:
            if number not in selection.tentative:
                exec(statement.code, namespace)
            elif min(seconds, patience_left) > 0:
                started = time.process_time()
                patience_left -= _try(statement.code, namespace, seconds, patience_left)
                seconds -= time.process_time() - started
            namespace.update({n: f for n, f in before.items() if callable(f) and not _is_function(namespace.get(n))})
            made[number] = {name: namespace[name] for name in statement.binds if name in namespace}
        except Exception as error:
            failures |= dict.fromkeys(statement.binds, error)
            namespace.update({name: _Absent(name, error) for name in statement.binds - namespace.keys()})
    return made, failures


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, _Absent)


def _try(code: CodeType, namespace: dict[str, Any], seconds: float, patience_left: float) -> float:
    """Run code that is perhaps of no use; the seconds that it waited."""
    silence = _Silence()
    try:
        with redirect_stdout(silence), redirect_stderr(silence), patience(patience_left) as waiting, alarm(seconds):
            exec(code, namespace)
    except (EndOfTime, SystemExit):
        pass
    return waiting.seconds


class _Silence(TextIOBase):
    """Takes what is printed, and keeps nothing."""

    def write(self, text: str) -> int:
        """Nothing is written."""
        return len(text)


def describe(error: BaseException, cells: Sequence[Cell]) -> str:
    """An exception as its author should see it: only lines of the submission, innermost last, then type and message."""
    lines = {cell.where: cell.source.split("\n") for cell in cells}
    shown = list(_own_lines(error.__traceback__, lines))
    if isinstance(error, SyntaxError) and error.filename in lines and error.lineno:
        shown = [_place(lines, error.filename, error.lineno, "")]
        return "\n".join([*shown, f"{type(error).__name__}: {error.msg}"])
    shown = [*shown[-8:], f"{type(error).__name__}: {_message(error)}".removesuffix(": ")]
    if isinstance(error, OSError) and error.errno in (EACCES, EPERM, EFBIG, EAGAIN, ENOENT, EROFS):
        shown.append(
            "(A submission may write no file, read none but libraries, and use no network and no other process.)"
        )
    return "\n".join(shown)


def raised_in(error: BaseException, cells: Sequence[Cell]) -> bool:
    """Whether a submission's own `raise` raised it: what a compiled function raises also shows its caller's line."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or last.tb_frame.f_code.co_filename not in {cell.where for cell in cells}:
        return False
    return "raise" in linecache.getline(last.tb_frame.f_code.co_filename, last.tb_lineno)


def _message(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except BaseException:  # a message may even exit
        return "(its message cannot be shown)"


def _own_lines(traceback: TracebackType | None, lines: Mapping[str, list[str]]) -> list[str]:
    places: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename in lines:
            function = "" if code.co_name == "<module>" else f", in {code.co_name}"
            place = _place(lines, code.co_filename, traceback.tb_lineno, function)
            if place not in places[-3:]:  # a recursion repeats itself
                places.append(place)
        traceback = traceback.tb_next
    return places


def _place(lines: Mapping[str, list[str]], where: str, number: int, function: str) -> str:
    source = lines[where][number - 1].strip() if 0 < number <= len(lines[where]) else ""
    return f"{where}, line {number}{function}\n    {source[:200]}"
