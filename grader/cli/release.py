"""`grade release`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from grader.cli.decide import REPORTS, WHO, the_folder
from grader.cli.options import with_language
from grader.cli.output import notify
from grader.cli.status import GRADED


@click.command("release", short_help="Return pages and comments to students.")
@click.option(
    "--for",
    "form",
    type=click.Choice(["moodle", "canvas", "gradescope", "mail"]),
    required=True,
    help="Which system takes it; mail is a folder of pages with a table for a mail merge.",
)
@REPORTS
@with_language
@WHO
def release_command(form: str, reports: Path | None, language: str, who: str | None) -> int:
    """Write what goes back to students, each as the student may read it, and record what was shown to whom.

    It goes into REPORTS/return: an archive that Moodle or Canvas takes, Gradescope's results, or a folder. Points go
    by `grade gradebook`. Nothing goes out while decisions contradict each other.
    """
    from grader.decisions.making import Maker, me
    from grader.gradebook import remembered
    from grader.gradebook.release import release
    from grader.wire.facts import Fact
    from grader.words import Words

    folder = the_folder(reports)
    done = release(folder, remembered(folder), form, Maker(folder.log, who or me()), language)
    words = Words(language)
    for problem in done.problems:
        notify(words.say(problem))
    print(words("returned", path=str(done.path), n=done.count, where=Fact(f"release: {form}")))
    return GRADED
