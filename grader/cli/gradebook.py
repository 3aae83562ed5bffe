"""`grade gradebook`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from grader.cli.options import TEXT, with_language
from grader.cli.output import bring_up_to_date, notify
from grader.cli.status import GRADED


@click.command("gradebook", short_help="Write a table of the reports of a class.")
@click.argument("reports", type=click.Path(path_type=Path), metavar="REPORTS")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "canvas", "moodle", "moodle-worksheet", "gradescope"]),
    default="csv",
    help="For whom; csv is for people and spreadsheets.",
)
@click.option("--roster", type=click.Path(path_type=Path), metavar="FILE", help="Who they are, penalties and attempts.")
@click.option("--template", type=click.Path(path_type=Path), metavar="FILE", help="The table that the system exported.")
@click.option(
    "--column", type=TEXT, default="", metavar="NAME", help="Its column, where that has another title (canvas)."
)
@with_language
def gradebook_command(
    reports: Path, form: str, roster: Path | None, template: Path | None, column: str, language: str
) -> int:
    """Write a table of the reports that `grade batch` made, for people or for a learning management system.

    The table goes into the folder of the reports. What the system would not match is listed and left out. The folder
    keeps the roster: whatever is written from it later has its names, penalties, attempts and excuses.
    """
    from grader import gradebook
    from grader.report_folder import ReportFolder
    from grader.words import Words

    folder = ReportFolder(reports)
    written, problems = gradebook.write(folder, form, roster, template, column, language)
    words = Words(language)
    for problem in problems:
        notify(words.say(problem))
    bring_up_to_date(folder, words)
    print(written)
    return GRADED
