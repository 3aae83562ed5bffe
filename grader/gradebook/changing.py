"""Decisions that change many scores at once: who would get what, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.assignment import Specification
from grader.decisions import Decision, Standing, What
from grader.gradebook.roster import Roster
from grader.gradebook.rows import Row, rows
from grader.gradebook.times import Told
from grader.intake.naming import folded
from grader.report_folder import ReportFolder


@dataclass(frozen=True)
class Change:
    """A student whose score changes; None where there is none. `penalty`: percent that are taken off afterwards."""

    student: str
    before: float | None
    after: float | None
    penalty: float


def changes(folder: ReportFolder, roster: Roster, new: Sequence[Decision]) -> list[Change]:
    """Whose score would change by some decisions, made in place of those on the same subjects."""
    kept = folder.standing()
    marked = [_marked(decision, kept, number) for number, decision in enumerate(new)]
    after = Standing([*kept.all, *marked])
    pairs = zip(rows(folder, roster, []), rows(folder, roster, [], after), strict=True)
    return [
        Change(old.student, old.score, now.score, now.entry.penalty) for old, now in pairs if old.score != now.score
    ]


def _marked(decision: Decision, kept: Standing, number: int) -> Decision:
    return replace(decision, id=f"new {number}", replaces=kept.replaced_by_a_new_one(decision.subject))


def lateness(known: Sequence[Row], told: Sequence[Told]) -> Iterator[Decision]:
    """How late each report was; a report of whom nothing is told has none."""
    hours = {name: line.hours for line in told for name in line.names}
    for row in known:
        late = next((hours[name] for name in _names(row) if name in hours), None)
        if late is not None:
            yield Decision("", "", What.LATE, row.attempts[-1], hours=round(late, 4))


def strangers(known: Sequence[Row], told: Sequence[Told]) -> list[Told]:
    """The lines on somebody who was late and has no report: a slip in a name, or nothing was handed in."""
    names = {name for row in known for name in _names(row)}
    return [line for line in told if line.hours and not names.intersection(line.names)]


def _names(row: Row) -> list[str]:
    """Everything that names a student, folded."""
    told = (row.student_id, row.student, str(row.submission["student"]), *row.entry.known.values())
    return [folded(name) for name in told if name]


def worths(specification: Specification, known: Mapping[str, float]) -> tuple[list[Decision], list[str]]:
    """What checks are worth by an assignment, where reports have other points; and checks that no report has.

    Args:
        known: the points of each check in the reports, as they count now.
    """
    listed = {check.id: check.points for check in specification.checks}
    changed = [
        Decision("", "", What.WORTH, check=check, points=points)
        for check, points in listed.items()
        if known.get(check, points) != points
    ]
    gone = [Decision("", "", What.WORTH, check=check, points=0.0) for check in known if check not in listed]
    return changed + [d for d in gone if known[d.check]], [check for check in listed if check not in known]
