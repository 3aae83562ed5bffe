"""Run what the entry points of a submission need, and hand out the entry points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn

from grader.sandbox.inside.reading import Cell, UnreadableError
from grader.sandbox.inside.selecting import Statement, find_entry, needed, statements


class _Absent:
    """Stands for something that could not be imported, and says so when it is used."""

    def __init__(self, name: str, why: Exception) -> None:
        self.__dict__["_complaint"] = f"`{name}` was imported, but is not available here ({why})"

    def _complain(self, *_: object, **__: object) -> NoReturn:
        raise ModuleNotFoundError(self.__dict__["_complaint"])

    __getattr__ = __setattr__ = __call__ = __getitem__ = __iter__ = _complain


def load(cells: Sequence[Cell], entries: Mapping[str, Sequence[str]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The namespace of a submission, with each entry point under its own name.

    Args:
        entries: the name of each entry point, and all its accepted spellings.
        given: names that the submission finds without defining them.

    Raises:
        UnreadableError: an entry point is missing.
        SyntaxError: one is missing, and a cell that may have held it is not Python.
        Exception: whatever the submission raises.
    """
    program = statements(cells)
    found = {}
    for name, spellings in entries.items():
        place = find_entry(program, spellings)
        if place is None:
            broken = [cell.error for cell in cells if cell.error]
            if broken:
                raise broken[0]
            raise UnreadableError(f"defines no function `{name}`")
        found[name] = place
    tops = [top for top, _ in found.values()]
    try:
        namespace = _namespace(needed(program, tops, last=True), given)
    except NameError:  # something was made of a definition that a later one replaces
        namespace = _namespace(needed(program, tops, last=False), given)
    for name, (top, attribute) in found.items():
        entry = getattr(namespace[top], attribute) if attribute else namespace[top]
        if not callable(entry):
            raise UnreadableError(f"`{name}` is a {type(entry).__name__}, not a function")
        namespace[name] = entry
    return namespace


def _namespace(chosen: Sequence[Statement], given: Mapping[str, Any]) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "submission", **given}
    for statement in chosen:
        _run(statement, namespace, given)
    return namespace


def _run(statement: Statement, namespace: dict[str, Any], given: Mapping[str, Any]) -> None:
    try:
        exec(statement.code, namespace)
    except Exception as error:
        if not statement.is_import:
            raise
        for name in statement.binds - given.keys():
            namespace[name] = _Absent(name, error)


def describe(error: BaseException, cells: Sequence[Cell]) -> str:
    """An exception as its author should see it: only lines of the submission, innermost last, then type and message."""
    lines = {cell.where: cell.source.split("\n") for cell in cells}
    shown = list(_own_lines(error.__traceback__, lines))
    if isinstance(error, SyntaxError) and error.filename in lines and error.lineno:
        shown = [_place(lines, error.filename, error.lineno, "")]
        return "\n".join([*shown, f"{type(error).__name__}: {error.msg}"])
    return "\n".join([*shown[-8:], f"{type(error).__name__}: {_message(error)}".removesuffix(": ")])


def _message(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return "(its message cannot be shown)"


def _own_lines(traceback: TracebackType | None, lines: Mapping[str, list[str]]) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename in lines:
            function = "" if code.co_name == "<module>" else f", in {code.co_name}"
            places.append(_place(lines, code.co_filename, traceback.tb_lineno, function))
        traceback = traceback.tb_next
    return places


def _place(lines: Mapping[str, list[str]], where: str, number: int, function: str) -> str:
    source = lines[where][number - 1].strip() if 0 < number <= len(lines[where]) else ""
    return f"{where}, line {number}{function}\n    {source[:200]}"
