"""An exception as the author of a submission should see it: type, text, and the lines of hers that it went through."""

from __future__ import annotations

import linecache
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from errno import EACCES, EAGAIN, EFBIG, ENOENT, EPERM, EROFS
from functools import partial
from types import FrameType, TracebackType
from typing import Any

from grader.watch.reading.cells import Cell, UnreadableError
from grader.wire.facts import Fact, Value
from grader.wire.told import Place

_DENIED = (EACCES, EPERM, EFBIG, EAGAIN, ENOENT, EROFS)
"""What the sandbox answers to code that wants a file, the network or another process."""
_MOST_PLACES, _MOST_ERRORS = 8, 8


class Unavailable(NameError):
    """A name is used that an earlier statement failed to make; the message says why."""


def remember(cells: Sequence[Cell]) -> None:
    """Let `inspect.getsource`, Python's own tracebacks, and warnings find the lines of a submission."""
    for cell in cells:
        linecache.cache[cell.where] = (len(cell.source), None, cell.source.splitlines(keepends=True), cell.where)
    warnings.showwarning = partial(_show_warning, {cell.where for cell in cells})


def _show_warning(
    own: Collection[str], message: object, category: type[Warning], _: str, __: int, file: Any = None, ___: Any = None
) -> None:
    """Print a warning with the line of the submission that led to it: torch names the line that called torch."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename not in own:
        frame = frame.f_back
    place = f"{frame.f_code.co_filename}, line {frame.f_lineno}: " if frame else ""
    print(f"{place}{category.__name__}: {message}", file=file or sys.stderr)


def raised(error: BaseException, cells: Sequence[Cell]) -> Fact:
    """An exception as a fact; of its lines only those of the submission, the innermost last. A group as its errors."""
    if isinstance(error, ExceptionGroup):
        return Fact(
            "several-errors", {"errors": tuple(raised(each, cells) for each in error.exceptions[:_MOST_ERRORS])}
        )
    if isinstance(error, UnreadableError):
        return error.fact
    lines = {cell.where: cell.source.split("\n") for cell in cells}
    places = list(_own_lines(error.__traceback__, lines))[-_MOST_PLACES:]
    kind, text = type(error).__name__, text_of(error)
    if isinstance(error, SyntaxError) and error.filename in lines and error.lineno:
        places = [_place(lines, error.filename, error.lineno, "")]
        text = "\n".join([str(error.msg), *map(str, getattr(error, "__notes__", ()))])
    if isinstance(error, Unavailable):  # it names the error behind it
        kind = ""
    denied = isinstance(error, OSError) and error.errno in _DENIED
    values: dict[str, Value] = {"type": kind, "text": text, "places": tuple(places)}
    return Fact("raised-by-the-sandbox" if denied else "raised", values)


def raised_in(error: BaseException, cells: Sequence[Cell]) -> bool:
    """Whether a submission's own `raise` raised it: what a compiled function raises also shows its caller's line."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or last.tb_frame.f_code.co_filename not in {cell.where for cell in cells}:
        return False
    return "raise" in linecache.getline(last.tb_frame.f_code.co_filename, last.tb_lineno)


def text_of(error: BaseException) -> str:
    """The text of an exception, if it has one that can be had."""
    try:
        return str(error)[:2000]
    except BaseException:  # it may even exit
        return "(its message cannot be shown)"


def _own_lines(traceback: TracebackType | None, lines: Mapping[str, list[str]]) -> Iterator[Place]:
    told: list[Place] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename in lines:
            function = "" if code.co_name == "<module>" else code.co_name
            place = _place(lines, code.co_filename, traceback.tb_lineno, function)
            if place not in told[-3:]:  # a recursion repeats itself
                told.append(place)
                yield place
        traceback = traceback.tb_next


def _place(lines: Mapping[str, list[str]], where: str, number: int, function: str) -> Place:
    source = lines[where][number - 1].strip() if 0 < number <= len(lines[where]) else ""
    return where, number, function, source[:200]
