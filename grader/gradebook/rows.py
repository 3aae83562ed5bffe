"""Reports -> one row for each student."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from grader.gradebook.roster import Entry, Roster
from grader.intake.naming import from_file_name
from grader.records import WITHOUT_SCORE, Outcome
from grader.report_folder import ReportFolder


@dataclass(frozen=True)
class Row:
    """One student: the attempt that counts, and what it is worth. `score` is None where a person must look."""

    name: str
    data: dict[str, Any]
    attempts: int
    score: float | None
    entry: Entry

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
    """Each student, in order of the names of the reports; what cannot be read is told in `problems`."""
    for _, names in groupby(folder.names(), key=lambda name: from_file_name(name)[0]):
        attempts = []
        for name in names:
            data = folder.load(name)
            if data is None:
                problems.append(f"{folder.json / name}.json: is not a report; the next batch writes it anew")
            else:
                attempts.append((name, data))
        if attempts:
            yield _row(attempts, roster)


def _row(attempts: list[tuple[str, dict[str, Any]]], roster: Roster) -> Row:
    submission = attempts[0][1]["submission"]
    entry = roster.find(submission["student"], submission["student_id"]) or Entry()
    if entry.attempts == "last":
        name, data = attempts[-1]
    else:
        name, data = max(attempts, key=lambda a: (a[1]["outcome"] not in WITHOUT_SCORE, a[1]["score"]))
    score = None if data["outcome"] in WITHOUT_SCORE else round(data["score"] * (1 - entry.penalty / 100), 2)
    return Row(name, data, len(attempts), score, entry)
