"""One check of a file, and what is printed of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.output import console

if TYPE_CHECKING:
    from grader.selfcheck.practice import Checked, Desk


def check_once(desk: Desk, file: Path, assignment: str | None, language: str) -> Checked:
    """Read and try a file with those beside it that it imports, or a folder.

    Raises:
        SubmissionError: it cannot be read, or fits no assignment.
    """
    from grader import submission
    from grader.errors import SubmissionError, told_in
    from grader.records import Outcome
    from grader.submission.hand_in import hand_in, read_files, with_imports

    with told_in(language):
        if file.is_dir():
            handed_in = hand_in(read_files([file]), desk.known(assignment))
        else:
            handed_in = with_imports(submission.read(file), file.parent)
        checked = desk.check(handed_in, assignment or desk.assignment_of(handed_in))
        if checked.report.outcome is not Outcome.UNREADABLE:
            return checked
        raise SubmissionError.of(handed_in.id.file, checked.report.failures[0].fact)


def show(checked: Checked, language: str) -> None:
    """Print a report, and what only grading will try."""
    from grader.reports import terminal
    from grader.reports.scope import scope

    screen = console()
    ascii_only = screen.options.ascii_only
    level = checked.report.student_level
    screen.print(terminal.render(checked.report, level=level, language=language, ascii_only=ascii_only, to_try=True))
    for line in scope(checked.report, checked.untried, checked.held_back, language):
        screen.print(line, style="dim")
