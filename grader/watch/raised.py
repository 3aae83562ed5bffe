"""An exception as the author of a submission should see it."""

from __future__ import annotations

import linecache
from collections.abc import Mapping, Sequence
from errno import EACCES, EAGAIN, EFBIG, ENOENT, EPERM, EROFS
from types import TracebackType

from grader.watch.cells import Cell

_MOST_ERRORS = 8


class Unavailable(NameError):
    """A name is used that an earlier statement failed to make; the message says why."""


def remember(cells: Sequence[Cell]) -> None:
    """Let `inspect.getsource`, and Python's own tracebacks, find the lines of a submission."""
    for cell in cells:
        linecache.cache[cell.where] = (len(cell.source), None, cell.source.splitlines(keepends=True), cell.where)


def describe(error: BaseException, cells: Sequence[Cell]) -> str:
    """Only lines of the submission, innermost last, then type and message; of several errors one after the other."""
    if isinstance(error, ExceptionGroup):
        return "\n".join(describe(each, cells) for each in error.exceptions[:_MOST_ERRORS])
    lines = {cell.where: cell.source.split("\n") for cell in cells}
    shown = list(_own_lines(error.__traceback__, lines))
    if isinstance(error, SyntaxError) and error.filename in lines and error.lineno:
        shown = [_place(lines, error.filename, error.lineno, "")]
        return "\n".join([*shown, f"{type(error).__name__}: {error.msg}", *getattr(error, "__notes__", ())])
    kind = "" if isinstance(error, Unavailable) else f"{type(error).__name__}: "  # it names the error behind it
    shown = [*shown[-8:], f"{kind}{text_of(error)}".removesuffix(": ")]
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


def text_of(error: BaseException) -> str:
    """What an exception says, which may be anything."""
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
