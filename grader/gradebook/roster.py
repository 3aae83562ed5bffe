"""`roster.csv`: who the students are to other systems, and what is agreed with each of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import ToldError
from grader.gradebook.cells import read_table
from grader.intake.naming import folded
from grader.wire.facts import Fact

COLUMNS = {
    "student": "the name in the reports",
    "id": "the number in the reports: user id of Canvas, participant of Moodle, student id of Gradescope",
    "name": "the full name, where the reports have another",
    "login": "login, or username",
    "email": "address",
    "sis_id": "SIS user id of Canvas",
    "idnumber": "ID number of Moodle",
    "section": "section of Canvas",
    "penalty": "percent of the points that are taken off, 0 to 100",
    "attempts": "best (the default) or last",
    "excused": "yes or no",
}
_NAMES = ("student", "id", "login", "email", "sis_id", "idnumber")


@dataclass
class RosterRow:
    """One student of the roster."""

    line: int = 0
    known: dict[str, str] = field(default_factory=dict)
    penalty: float = 0.0
    attempts: str = "best"
    excused: bool = False
    seen: bool = False

    @property
    def title(self) -> str:
        """What the student is called."""
        return next((self.known[c] for c in ("name", *_NAMES) if self.known.get(c)), "somebody")


class Roster:
    """The students of a class; an empty one where there is no file."""

    def __init__(self, entries: list[RosterRow] | None = None) -> None:
        self.entries = entries or []
        self._by_name: dict[tuple[bool, str], list[RosterRow]] = {}
        for entry in self.entries:
            for key in {(column == "id", folded(entry.known[column])) for column in _NAMES if entry.known.get(column)}:
                self._by_name.setdefault(key, []).append(entry)

    def find(self, student: str, student_id: str, problems: list[Fact]) -> RosterRow | None:
        """The entry of a student, by number, or where there is none, by anything that names one.

        What names several entries, as a name that is the login of another, names none; that is told in `problems`.
        """
        for key in ((True, student_id), (False, student_id), (False, student)):
            entries = self._by_name.get((key[0], folded(key[1])), []) if key[1] else []
            if len(entries) > 1:
                lines = tuple(str(entry.line) for entry in entries)
                problems.append(Fact("roster: several-lines", {"who": key[1], "lines": lines}))
                return None
            if entries:
                return entries[0]
        return None

    def unmatched(self) -> Iterator[RosterRow]:
        """Those of whom no report was asked for."""
        return (entry for entry in self.entries if not entry.seen)


def read_roster(path: Path) -> Roster:
    """Read and check a roster.

    Raises:
        GraderError: one line for each problem, `file:line: column: what`.
    """
    table, _ = read_table(path)
    head = [cell.strip().lower() for cell in table[0]]
    first = f"{path}:1"
    unknown = tuple(dict.fromkeys(name for name in head if name not in COLUMNS))
    problems = [Fact("roster: columns", {"place": first, "names": unknown, "known": tuple(COLUMNS)})] if unknown else []
    twice = sorted({name for name in head if head.count(name) > 1})
    problems += [Fact("roster: column-twice", {"place": first, "name": name}) for name in twice]
    if not {"student", "id"} & set(head):
        problems.append(Fact("roster: whose", {"place": first}))
    if problems:
        raise ToldError(Fact("several-errors", {"errors": tuple(problems)}))
    entries = []
    seen: dict[tuple[str, str], int] = {}
    for line, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(head):
            counts = {"have": len(cells), "want": len(head)}
            problems.append(Fact("roster: cells", {"place": f"{path}:{line}", **counts}))
        known = {name: cell.strip() for name, cell in zip(head, cells, strict=False)}
        entry = _entry(line, known, f"{path}:{line}", problems)
        for column in ("student", "id"):
            place = (column, folded(known.get(column, "")))
            if place[1] and seen.setdefault(place, line) != line and (column == "id" or not known.get("id")):
                at = f"{path}:{line}: {column}"
                problems.append(Fact("roster: line-twice", {"place": at, "text": known[column], "line": seen[place]}))
        entries.append(entry)
    if problems:
        raise ToldError(Fact("several-errors", {"errors": tuple(problems)}))
    return Roster(entries)


def _entry(line: int, known: dict[str, str], place: str, problems: list[Fact]) -> RosterRow:
    def wrong(column: str, kind: str) -> None:
        told = {"place": f"{place}: {column}", "text": known.get(column, "")}
        problems.append(Fact(f"roster-cell: {kind}", told))

    if not known.get("student") and not known.get("id"):
        wrong("student", "nobody")
    penalty = _percent(known.get("penalty", ""))
    if penalty is None:
        wrong("penalty", "percent")
    attempts = known.get("attempts", "").lower() or "best"
    if attempts not in ("best", "last"):
        wrong("attempts", "attempts")
    excused = known.get("excused", "").lower()
    if excused not in ("", "yes", "no"):
        wrong("excused", "excused")
    return RosterRow(line, known, penalty or 0.0, attempts, excused == "yes")


def _percent(text: str) -> float | None:
    """A number from 0 to 100, with a comma or a point, perhaps followed by %."""
    try:
        value = float(text.removesuffix("%").strip().replace(",", ".") or 0)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= 100 else None
