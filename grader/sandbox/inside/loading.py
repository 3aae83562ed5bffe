"""Run what the entry points of a submission need, and hand out the entry points."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Mapping, Sequence
from errno import EACCES, EAGAIN, EFBIG, EPERM, EROFS
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.sandbox.inside.reading import Cell, UnreadableError
from grader.sandbox.inside.selecting import Statement, find_entry, needed, statements


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


def load(cells: Sequence[Cell], entries: Mapping[str, Sequence[str]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The namespace of a submission, with each entry point under its own name.

    A statement that raises costs no more than it would in a notebook: what it was to make is not there.

    Args:
        entries: the name of each entry point, and all its accepted spellings.
        given: names that the submission finds without defining them.

    Raises:
        UnreadableError: an entry point is missing.
        SyntaxError: one is missing, and a cell that may have held it is not Python.
        Exception: whatever the statement that defines an entry point raises.
    """
    for cell in cells:
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[cell.where] = (len(cell.source), None, lines, cell.where)  # for `inspect.getsource`
    program, errors = statements(cells)
    found = {}
    for name, spellings in entries.items():
        place = find_entry(program, spellings)
        if place is None:
            raise errors[0] if errors else UnreadableError(f"defines no function `{name}`")
        found[name] = place
    tops = [top for top, _ in found.values()]
    failures: dict[str, Exception] = {}
    namespace = _run(needed(program, tops, last=True), given, failures)
    if any(isinstance(failure, NameError) for failure in failures.values()):
        # something was made of a definition that a later one replaces
        namespace = _run(needed(program, tops, last=False), given, failures := {})
    for name, (top, attribute) in found.items():
        if isinstance(namespace[top], _Absent):
            raise failures[top]
        entry = getattr(namespace[top], attribute) if attribute else namespace[top]
        if not callable(entry):
            raise UnreadableError(f"`{name}` is a {type(entry).__name__}, not a function")
        namespace[name] = entry
    return namespace


def _run(chosen: Sequence[Statement], given: Mapping[str, Any], failures: dict[str, Exception]) -> dict[str, Any]:
    """Run statements as a module of their own; note in `failures` what raised, by the names that it was to bind."""
    module = ModuleType("submission")
    sys.modules["submission"] = module  # dataclasses and pickling look themselves up there
    namespace = vars(module)
    namespace.update(given)
    for statement in chosen:
        try:
            exec(statement.code, namespace)
        except Exception as error:
            for name in statement.binds - namespace.keys():
                namespace[name] = _Absent(name, error)
                failures[name] = error
    return namespace


def describe(error: BaseException, cells: Sequence[Cell]) -> str:
    """An exception as its author should see it: only lines of the submission, innermost last, then type and message."""
    lines = {cell.where: cell.source.split("\n") for cell in cells}
    shown = list(_own_lines(error.__traceback__, lines))
    if isinstance(error, SyntaxError) and error.filename in lines and error.lineno:
        shown = [_place(lines, error.filename, error.lineno, "")]
        return "\n".join([*shown, f"{type(error).__name__}: {error.msg}"])
    shown = [*shown[-8:], f"{type(error).__name__}: {_message(error)}".removesuffix(": ")]
    if isinstance(error, OSError) and error.errno in (EACCES, EPERM, EFBIG, EAGAIN, EROFS):
        shown.append("(A submission may write no file, and use no network and no other process.)")
    return "\n".join(shown)


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
