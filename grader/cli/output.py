"""What every command uses to print."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """The screen; letters that it lacks are replaced."""
    from rich.console import Console

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def notify(line: str) -> None:
    """Tell something on the standard error."""
    print(f"grade: {line}", file=sys.stderr)


def write(file: str, text: str) -> None:
    """Write a report into a file that nobody else may read, or on the standard output if that is `-`.

    Raises:
        GraderError: The file cannot be written.
    """
    from grader.errors import GraderError
    from grader.private import opener

    if file == "-":
        print(text, end="")
        return
    try:
        with open(file, "w", encoding="utf-8", opener=opener) as opened:
            opened.write(text)
    except OSError as error:
        raise GraderError(f"{file}: the report cannot be written: {error.strerror}") from error
