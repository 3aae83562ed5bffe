"""`grade check`: what students run themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from grader.cli.checked import check_once, show
from grader.cli.cool_down import stay_ready
from grader.cli.options import COURSE, KEEP_WARM, TEXT, with_language
from grader.cli.output import keep_inputs, telling, write
from grader.cli.status import BELOW, GRADED
from grader.cli.watching import watch_file

if TYPE_CHECKING:
    from grader.selfcheck.practice import Checked


@click.command("check", short_help="Check your own file, on public trials.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--watch", is_flag=True, help="Check again whenever the file is saved, until Ctrl-C.")
@click.option("--assignment", type=TEXT, metavar="SLUG", help="The assignment, where the file does not tell.")
@click.option(
    "--seed", type=TEXT, metavar="TEXT", help="Draws the numbers; by default one that is drawn once and kept for you."
)
@COURSE
@KEEP_WARM
@with_language
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
    from grader.errors import ToldError
    from grader.sandbox.libraries import library_folders
    from grader.selfcheck.practice import Desk
    from grader.wire.facts import Fact

    if watch and (summary or result):
        raise ToldError(Fact("usage: watch"))
    library_folders()
    root = find_course(course)
    with Desk(root, seed, telling(language)) as desk:
        if watch:
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


def _append(summary: str, checked: Checked, language: str) -> None:
    from grader.errors import not_written
    from grader.reports.markdown import as_markdown
    from grader.reports.scope import scope

    text = as_markdown(checked.report, scope(checked.report, checked.untried, checked.held_back, language), language)
    try:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise not_written(summary, error) from error


def _write_result(result: str, checked: Checked) -> None:
    import os

    from grader.reports.classroom50 import as_result
    from grader.reports.json_report import as_data, dump

    write(result, dump(as_result(as_data(checked.report), os.environ)))
