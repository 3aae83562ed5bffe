"""`grade check --watch`: check a file again whenever it is saved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.checked import check_once, show
from grader.cli.output import console, notify
from grader.cli.status import GRADED

if TYPE_CHECKING:
    from grader.records import Report
    from grader.selfcheck.practice import Checked, Desk

_QUIET_MS = 20
"""Events that follow one another this quickly are one save."""
_LONGEST_MS = 200
_LOOK_MS = 500
_RETURN_SECONDS = 0.5
"""For so long a file may be gone or empty while an editor saves it, before that is told."""
_POLL_SECONDS = 0.02


def watch_file(desk: Desk, file: Path, assignment: str | None, language: str) -> int:
    """Check a file now and at every save, and tell what changed, until Ctrl-C.

    Raises:
        AssignmentError: the assignment cannot be used.
        GraderFault: the program failed.
    """
    before: Report | None = None
    try:
        for _ in _saves(file):
            checked = _try(desk, file, assignment, language)
            if checked is None:
                continue
            _tell(checked, before, language)
            before, assignment = checked.report, checked.report.assignment
    except KeyboardInterrupt:
        pass
    console(stderr=True).print()
    return GRADED


def _saves(file: Path) -> Iterator[None]:
    """Once at first, and then whenever the bytes of the file are others than the last time.

    The folder is watched, not the file: many editors write a new file and give it the old name. Twice a second the file
    is looked at in any case: some file systems tell of nothing.
    """
    from watchfiles import watch

    folder, name = file.absolute().parent, file.name
    last = _content(file)
    yield
    for _ in watch(
        folder,
        watch_filter=lambda _, path: Path(path).name == name,
        debounce=_LONGEST_MS,
        step=_QUIET_MS,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        recursive=False,
        raise_interrupt=True,
    ):
        now = _content(file)
        if now != last:
            last = now
            yield


def _content(file: Path) -> bytes | None:
    """The bytes of the file, once there are any; what there is after half a second, where there are none."""
    deadline = time.monotonic() + _RETURN_SECONDS
    while True:
        content = _bytes(file)
        if content or time.monotonic() >= deadline:
            return content
        time.sleep(_POLL_SECONDS)


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _try(desk: Desk, file: Path, assignment: str | None, language: str) -> Checked | None:
    """The result, or None where there is none, which is told."""
    from grader.errors import SubmissionError
    from grader.words import Words

    try:
        return check_once(desk, file, assignment, language)
    except SubmissionError as error:
        notify(f"{error}\n{Words(language)('still-watching')}")
        return None


def _tell(checked: Checked, before: Report | None, language: str) -> None:
    from rich.text import Text

    from grader.reports.changes import changes
    from grader.reports.clean import clean
    from grader.words import Words

    screen, words = console(), Words(language)
    if before is not None:
        screen.rule(time.strftime("%H:%M:%S"), style="dim")
    show(checked, language)
    if before is not None:
        screen.print(Text(f"\n{words('since-the-last-time')}", style="bold"))
        for line in changes(before, checked.report, language):
            screen.print(Text(f"  {clean(line)}"))
    screen.print(Text(f"\n{words('watching')}", style="dim"))
