"""`grade late` and `grade points`: rules that change many scores, shown before they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from grader.cli.decide import REPORTS, WHO, named, the_folder
from grader.cli.options import COURSE, TEXT, Number, with_language
from grader.cli.output import bring_up_to_date, console, notify
from grader.cli.status import BELOW, GRADED

if TYPE_CHECKING:
    from grader.decisions import Decision
    from grader.report_folder import ReportFolder
    from grader.words import Words

_YES = ("y", "yes", "o", "oui")
YES = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


@click.command("late", short_help="Take off points for late days.")
@click.option("--percent", type=Number(0, 100), metavar="N", help="Percent of the points taken off for each day begun.")
@click.option("--cap", type=Number(0, 100), metavar="N", help="Percent that are taken off at most.")
@click.option("--grace", type=Number(0, 10_000), metavar="HOURS", help="So many hours late cost nothing.")
@click.option("--times", type=click.Path(path_type=Path), metavar="FILE", help="An export that tells who was how late.")
@click.option("--due", type=TEXT, metavar="TIME", help="The deadline: 2026-11-20T23:59.")
@YES
@REPORTS
@with_language
@WHO
def late_command(
    percent: float | None,
    cap: float | None,
    grace: float | None,
    times: Path | None,
    due: str | None,
    yes: bool,
    reports: Path | None,
    language: str,
    who: str | None,
) -> int:
    """Take off points for late days: lists whose score changes and how, asks, and keeps the rule with the reports.

    FILE is Moodle's grading worksheet, Gradescope's table of grades or submission_metadata.yml, or a table with
    `student` or `id` and `late` (hours) or `submitted` (a time). Whom Canvas marks as LATE, without a time, was late
    for one day. A penalty in the roster stands before the rule.

    Exit status: 0 kept, or nothing changes; 1 not kept; 2 the command line or a file is unusable.
    """
    from grader.decisions import Decision, What
    from grader.errors import ToldError
    from grader.gradebook import remembered
    from grader.gradebook.changing import lateness, strangers
    from grader.gradebook.rows import rows
    from grader.gradebook.times import read_times
    from grader.wire.facts import Fact
    from grader.words import Words

    words = Words(language)
    folder = the_folder(reports)
    new: list[Decision] = []
    if percent is not None:
        cap = 100.0 if cap is None else cap
        new.append(Decision("", "", What.LATE_RULE, percent=percent, cap=cap, grace=grace or 0.0))
    elif cap is not None or grace is not None:
        raise ToldError(Fact("usage: cap"))
    if times is not None:
        known = list(rows(folder, remembered(folder), []))
        told = read_times(times, _deadline(due))
        found = list(lateness(known, told))
        if not found:
            kind = "times: nobody" if told else "times: none"
            raise ToldError(Fact(kind, {"file": str(times), "folder": str(folder.path)}))
        for line in strangers(known, told):
            notify(words("late: stranger", place=line.place, names=line.names))
        new += found
        late = sum(1 for decision in found if decision.hours)
        counts = {"late": late, "in_time": len(found) - late, "missing": len(known) - len(found), "of": len(known)}
        print(words("late: times", file=str(times), **counts))
    if not new:
        raise ToldError(Fact("usage: late"))
    return _keep(folder, new, who, reports, words, yes=yes)


@click.command("points", short_help="Apply changed points of assignment.yaml.")
@COURSE
@YES
@REPORTS
@with_language
@WHO
def points_command(course: Path | None, yes: bool, reports: Path | None, language: str, who: str | None) -> int:
    """Apply the points that assignment.yaml gives now to reports that were made before, without grading again.

    Lists whose score changes and how, and asks. Points that a person gave keep their share: 1.5 of 2 is 3 of 4.

    Exit status: 0 kept, or nothing changes; 1 not kept; 2 the command line or a file is unusable.
    """
    from grader.assignment import load
    from grader.course import find_course
    from grader.gradebook import remembered
    from grader.gradebook.cells import number
    from grader.gradebook.changing import worths
    from grader.gradebook.rows import rows
    from grader.words import Words

    words = Words(language)
    folder = the_folder(reports)
    specification = load(find_course(course), folder.about()["assignment"]).specification
    known: dict[str, float] = {}
    for row in rows(folder, remembered(folder), []):
        known |= {check["id"]: check["out_of"] for check in row.data["checks"]}
    new, without = worths(specification, known)
    for check in without:
        notify(words("points: no-report", check=check))
    for decision in new:
        before = number(known[decision.check])
        print(words("points: changed", check=decision.check, before=before, after=number(decision.points)))
    return _keep(folder, new, who, reports, words, yes=yes)


def _keep(
    folder: ReportFolder,
    new: Sequence[Decision],
    who: str | None,
    reports: Path | None,
    words: Words,
    *,
    yes: bool,
) -> int:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from grader.decisions import What
    from grader.decisions.making import Maker, me
    from grader.gradebook import remembered
    from grader.gradebook.cells import number
    from grader.gradebook.changing import changes
    from grader.reports.clean import name

    if not new:
        print(words("changes: none"))
        return GRADED
    changed = changes(folder, remembered(folder), new)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in ("student", "before", "after", "off"):
        table.add_column(words(f"column: {title}"), justify="left" if title == "student" else "right")
    for change in changed:
        off = f"{number(change.penalty)} %" if change.penalty else ""
        table.add_row(Text(name(change.student)), number(change.before) or "-", number(change.after) or "-", off)
    if changed:
        console().print(table)
    print(words("changes: count", n=len(changed)))
    if not yes and not _agrees(words("changes: keep")):
        print(words("changes: not-kept"))
        return BELOW
    kept = Maker(folder.log, who or me()).all(new)
    ids = " ".join(decision.id for decision in kept if decision.what is not What.LATE)
    print(words("changes: kept", command=f"grade undo {ids}{named(reports)}" if ids else ""))
    bring_up_to_date(folder, words)
    return GRADED


def _agrees(question: str) -> bool:
    """Whether the answer is yes, in any of the languages; nothing is no."""
    try:
        answer: str = click.prompt(question, default="", show_default=False)
    except click.Abort:  # nobody is there to answer
        print()
        return False
    return answer.strip().lower() in _YES


def _deadline(text: str | None) -> datetime | None:
    from grader.errors import ToldError
    from grader.gradebook.times import end_of
    from grader.wire.facts import Fact

    if text is None:
        return None
    try:
        return end_of(text)
    except ValueError:
        raise ToldError(Fact("usage: due", {"text": text})) from None
