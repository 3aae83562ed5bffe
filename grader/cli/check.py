"""`grade check`: what students run themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from grader.cli.cool_down import stay_ready
from grader.cli.options import COURSE, KEEP_WARM, LANGUAGE, TEXT
from grader.cli.output import console, keep_inputs, notify, write
from grader.cli.status import BELOW, GRADED

if TYPE_CHECKING:
    from grader.practice import Checked, Desk


@click.command("check", short_help="Check your own file, on public trials.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--watch", is_flag=True, help="Check again whenever the file is saved, until Ctrl-C.")
@click.option("--assignment", type=TEXT, metavar="SLUG", help="The assignment, where the file does not tell.")
@click.option(
    "--seed", type=TEXT, metavar="TEXT", help="Draws the numbers; by default one that is drawn once and kept for you."
)
@COURSE
@KEEP_WARM
@LANGUAGE
@click.option("--summary", metavar="FILE", help="Also append the result as Markdown, as GitHub Actions shows it.")
@click.option("--result", metavar="FILE|-", help="Also write the result.json of Classroom 50.")
def check_command(
    file: Path,
    watch: bool,
    assignment: str | None,
    seed: str | None,
    course: Path | None,
    keep_warm: bool,
    language: str,
    summary: str | None,
    result: str | None,
) -> int:
    """Check your own file as it will be graded: on the public trials, with numbers of your own.

    Nothing is handed in, and nothing secret is needed: the right numbers come from differentiating the forward pass.

    Exit status: 0 all that was tried is right; 1 something is not; 2 the command line or the file is unusable.
    """
    keep_inputs({"--summary": summary, "--result": result}, [file])
    from grader.course import find_course
    from grader.practice import Desk
    from grader.sandbox.libraries import library_folders

    if watch and (summary or result):
        raise click.UsageError("--watch checks without end; --summary and --result are for one check")
    library_folders()
    root = find_course(course)
    with Desk(root, seed, notify) as desk:
        if watch:
            from grader.cli.watching import watch_file

            return watch_file(desk, file, assignment, language)
        checked = check_once(desk, file, assignment, language)
        show(checked, language)
    if summary:
        _append(summary, checked, language)
    if result:
        _write_result(result, checked)
    if keep_warm:
        stay_ready(root)
    return GRADED if checked.passed else BELOW


def check_once(desk: Desk, file: Path, assignment: str | None, language: str) -> Checked:
    """Read and try a file with those beside it that it imports, or a folder.

    Raises:
        SubmissionError: it cannot be read, or fits no assignment.
    """
    from grader import submission
    from grader.errors import SubmissionError
    from grader.hand_in import hand_in, read_files, with_imports
    from grader.records import Outcome
    from grader.words import say

    if file.is_dir():
        handed_in = hand_in(read_files([file]), desk.known(assignment))
    else:
        handed_in = with_imports(submission.read(file), file.parent)
    checked = desk.check(handed_in, assignment or desk.assignment_of(handed_in))
    if checked.report.outcome is Outcome.UNREADABLE:
        raise SubmissionError(f"{handed_in.id.file}: {say(checked.report.failures[0].fact, language)}")
    return checked


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


def _append(summary: str, checked: Checked, language: str) -> None:
    from grader.errors import GraderError
    from grader.reports.markdown import as_markdown
    from grader.reports.scope import scope

    text = as_markdown(checked.report, scope(checked.report, checked.untried, checked.held_back, language), language)
    try:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise GraderError(f"{summary}: the summary cannot be written: {error.strerror}") from error


def _write_result(result: str, checked: Checked) -> None:
    import os

    from grader.reports.classroom50 import as_result
    from grader.reports.json_report import as_data, dump

    write(result, dump(as_result(as_data(checked.report), os.environ)))
