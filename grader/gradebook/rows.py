"""Reports -> one row for each student."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.decisions import Standing, What
from grader.decisions.applying import decided, is_on
from grader.decisions.checking import problems as problems_of
from grader.decisions.lateness import late_penalty
from grader.gradebook.roster import Roster, RosterRow
from grader.intake.naming import folded, from_file_name
from grader.records import WITHOUT_SCORE
from grader.report_folder import ReportFolder
from grader.wire.facts import Fact, Value


@dataclass(frozen=True)
class Row:
    """One student: the attempt that counts, as people decided on it, and what it is worth.

    Attributes:
        measured: the score before anybody decided anything.
        is_decided: a person decided on the points.
        attempts: names of the reports of all attempts.
        score: None where a person must look.
        disputed: another row claims the same identity; no other system is told of either.
    """

    name: str
    data: dict[str, Any]
    attempts: tuple[str, ...]
    score: float | None
    entry: RosterRow
    disputed: bool = False
    measured: float = 0.0
    is_decided: bool = False

    @property
    def student(self) -> str:
        """The name, as the roster or else the report tells it."""
        return self.entry.known.get("name") or str(self.submission["student"] or self.submission["name"])

    @property
    def submission(self) -> dict[str, Any]:
        """Whose it is, and which file."""
        submission: dict[str, Any] = self.data["submission"]
        return submission

    @property
    def comments(self) -> list[str]:
        """What people wrote to the student."""
        facts = (remark["fact"] for remark in self.data["remarks"])
        return [str(fact["values"]["text"]) for fact in facts if fact["kind"] == "comment"]

    @property
    def student_id(self) -> str:
        """The number of the student, as the report tells it."""
        return str(self.submission["student_id"])


def rows(folder: ReportFolder, roster: Roster, problems: list[Fact], standing: Standing | None = None) -> Iterator[Row]:
    """Each student, in order of the names of the reports.

    What cannot be read is told in `problems`, and who is disputed, and what is wrong with decisions.

    Args:
        standing: what holds; by default what the folder keeps.
    """
    standing = standing or folder.standing()
    students: dict[str, list[str]] = {}
    for name in folder.names():
        students.setdefault(folded(from_file_name(name)[0]), []).append(name)
    entries, disputed = _entries(folder, students, roster, problems)
    seen: dict[str, dict[str, Any]] = {}
    for key, names in students.items():
        attempts = [(name, data) for name in names if (data := _loaded(folder, name, problems)) is not None]
        told = [(name, data) for name, data in attempts if standing.of(name) or not seen]  # any one tells the checks
        seen |= {name: {part: data[part] for part in ("submission", "checks")} for name, data in told}
        if attempts:
            yield _row(attempts, entries.get(key) or RosterRow(), standing, disputed=key in disputed)
    problems += problems_of(folder.log.path, folder.log.read(), standing, seen, folder.names())


def _entries(
    folder: ReportFolder, students: Mapping[str, Sequence[str]], roster: Roster, problems: list[Fact]
) -> tuple[dict[str, RosterRow], set[str]]:
    """The entry of each student, and the students of whom two claim to be the same one."""
    found: dict[str, RosterRow] = {}
    claims: dict[tuple[str, object], list[str]] = {}
    for key, names in students.items():
        whose = None
        for name in names:
            whose = whose or folder.submission(name)
        if whose is None:
            continue
        entry = roster.find(whose["student"], whose["student_id"], problems)
        if entry:
            found[key] = entry
            claims.setdefault(("line", entry.line), []).append(key)
        if whose["student_id"]:
            claims.setdefault(("id", whose["student_id"]), []).append(key)
    disputed = set()
    for (what, value), keys in claims.items():
        if len(keys) > 1:
            names = tuple(students[key][0] for key in keys)
            told: dict[str, Value] = {"names": names, "by_line": what == "line", "value": str(value)}
            problems.append(Fact("rows: same-student", told))
            disputed |= set(keys)
    for key, entry in list(found.items()):
        if key in disputed:
            del found[key]
        else:
            entry.seen = True
    return found, disputed


def _loaded(folder: ReportFolder, name: str, problems: list[Fact]) -> dict[str, Any] | None:
    data = folder.load(name)
    if data is None:
        problems.append(folder.why_not(name))
    return data


def _row(attempts: list[tuple[str, dict[str, Any]]], entry: RosterRow, standing: Standing, *, disputed: bool) -> Row:
    counting = [(name, decided(name, data, standing)) for name, data in attempts]
    settled = [_agreed(name, data, entry, standing) for name, data in counting]
    scores = [
        None if data["outcome"] in WITHOUT_SCORE else round(data["score"] * (1 - agreed.penalty / 100), 2)
        for (_, data), agreed in zip(counting, settled, strict=True)
    ]
    place = len(scores) - 1
    if entry.attempts != "last":
        place = max(range(len(scores)), key=lambda n: (scores[n] is not None, scores[n] or 0.0, -n))
    name, data = counting[place]
    names = tuple(one for one, _ in attempts)
    measured = attempts[place][1]
    is_decided = any(d.what in (What.POINTS, What.TOTAL) and is_on(d, measured) for d in standing.of(name))
    return Row(name, data, names, scores[place], settled[place], disputed, measured["score"], is_decided)


def _agreed(name: str, data: dict[str, Any], entry: RosterRow, standing: Standing) -> RosterRow:
    """What is agreed with a student on one attempt; a penalty in the roster stands before the rule of the class."""
    late = late_penalty(standing, name, marked=data["submission"]["late"])
    excused = entry.excused or standing.on((What.EXCUSE, name, "")) is not None
    return replace(entry, penalty=entry.penalty or late, excused=excused)


def without_score(row: Row) -> Fact:
    """That a student is left out, and why: there is no score, or it does not count."""
    if row.entry.excused:
        return Fact("left-out: excused", {"name": row.name})
    return Fact("left-out: no-score", {"name": row.name, "why": Fact(f"ended: {row.data['outcome']}")})


def for_systems(found: Iterable[Row]) -> Iterator[Row]:
    """The rows that other systems may be told of."""
    return (row for row in found if not row.disputed)
