"""Reports -> one row for each student."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.gradebook.roster import Roster, RosterRow
from grader.intake.naming import folded, from_file_name
from grader.records import WITHOUT_SCORE, Outcome
from grader.report_folder import ReportFolder


@dataclass(frozen=True)
class Row:
    """One student: the attempt that counts, and what it is worth.

    Attributes:
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
    def student_id(self) -> str:
        """The number of the student, as the report tells it."""
        return str(self.submission["student_id"])

    @property
    def feedback(self) -> str:
        """What is wrong, in one line."""
        lost = [c["title"] for c in self.data["checks"] if c["points"] < c["out_of"]]
        if self.score is None:
            return f"{self.data['outcome']}: {self.data['failures'][0]['fact']['text']}".splitlines()[0]
        late = f"Penalty: {self.entry.penalty:g} %. " if self.entry.penalty else ""
        ended = f"Ended: {self.data['outcome']}. " if self.data["outcome"] != Outcome.RETURNED else ""
        return late + ended + (f"Points were lost at: {'; '.join(lost)}" if lost else "All checks hold.")


def rows(folder: ReportFolder, roster: Roster, problems: list[str]) -> Iterator[Row]:
    """Each student, in order of the names of the reports.

    What cannot be read is told in `problems`, and who is disputed.
    """
    students: dict[str, list[str]] = {}
    for name in folder.names():
        students.setdefault(folded(from_file_name(name)[0]), []).append(name)
    entries, disputed = _entries(folder, students, roster, problems)
    for key, names in students.items():
        attempts = [(name, data) for name in names if (data := folder.load(name)) is not None]
        if attempts:
            yield _row(attempts, entries.get(key) or RosterRow(), disputed=key in disputed)


def _entries(
    folder: ReportFolder, students: Mapping[str, Sequence[str]], roster: Roster, problems: list[str]
) -> tuple[dict[str, RosterRow], set[str]]:
    """The entry of each student, and the students of whom two claim to be the same one."""
    found: dict[str, RosterRow] = {}
    claims: dict[tuple[str, object], list[str]] = {}
    for key, names in students.items():
        whose = None
        for name in names:
            if (data := folder.load(name)) is None:
                problems.append(f"{folder.json / name}.json: is not a report; the next batch writes it anew")
            else:
                whose = whose or data["submission"]
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
            names = ", ".join(students[key][0] for key in keys)
            problems.append(f"{names}: claim to be the same student ({what} {value}), so none of them is taken to be")
            disputed |= set(keys)
    for key, entry in list(found.items()):
        if key in disputed:
            del found[key]
        else:
            entry.seen = True
    return found, disputed


def _row(attempts: list[tuple[str, dict[str, Any]]], entry: RosterRow, *, disputed: bool) -> Row:
    if entry.attempts == "last":
        name, data = attempts[-1]
    else:
        name, data = max(attempts, key=lambda a: (a[1]["outcome"] not in WITHOUT_SCORE, a[1]["score"]))
    score = None if data["outcome"] in WITHOUT_SCORE else round(data["score"] * (1 - entry.penalty / 100), 2)
    return Row(name, data, tuple(one for one, _ in attempts), score, entry, disputed)


def for_systems(found: Iterable[Row]) -> Iterator[Row]:
    """The rows that other systems may be told of."""
    return (row for row in found if not row.disputed)
