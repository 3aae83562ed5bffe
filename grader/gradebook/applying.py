"""What is agreed with the students of a class, applied to their reports before they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.decisions import Standing, What
from grader.decisions.applying import decided
from grader.gradebook.roster import Roster
from grader.gradebook.rows import Row, rows
from grader.records import WITHOUT_SCORE, Remark, Report
from grader.report_folder import ReportFolder
from grader.reports import json_report, reading
from grader.wire.facts import Fact


@dataclass(frozen=True, slots=True)
class _Agreed:
    name: str
    penalty: float
    excused: bool
    counts: str
    """The name of the report of the attempt that counts."""
    attempts: tuple[str, ...]


class Agreements:
    """What people decided, and the names, penalties, attempts and excuses of a roster, for each report of a folder."""

    def __init__(self, folder: ReportFolder, roster: Roster) -> None:
        self.problems: list[Fact] = []
        self._take(rows(folder, roster, self.problems), folder.standing())

    @classmethod
    def of_rows(cls, known: Iterable[Row], standing: Standing) -> Agreements:
        """Of students whose rows are known."""
        new = cls.__new__(cls)
        new.problems = []
        new._take(known, standing)
        return new

    def _take(self, known: Iterable[Row], standing: Standing) -> None:
        self._standing = standing
        self._of: dict[str, _Agreed] = {}
        for row in known:
            entry = row.entry
            agreed = _Agreed(entry.known.get("name", ""), entry.penalty, entry.excused, row.name, row.attempts)
            self._of |= dict.fromkeys(row.attempts, agreed)

    def applied(self, name: str, report: Report) -> Report:
        """The report of this name as it counts: as decided, under the name of the roster, less the penalty."""
        agreed = self._of.get(name)
        if agreed is None:
            return report
        if self._standing.of(name) or self.weighs:
            report = reading.from_data(decided(name, json_report.as_data(report), self._standing))
        facts = []
        score = report.score
        if agreed.penalty and report.outcome not in WITHOUT_SCORE:
            score = round(score * (1 - agreed.penalty / 100), 2)
            values = {"percent": agreed.penalty, "before": report.score, "after": score}
            facts.append(Fact("roster: penalty", values))
        if agreed.excused:
            facts.append(Fact("roster: excused"))
        elif agreed.counts != name:
            facts.append(Fact("roster: another-attempt"))
        whose = replace(report.submission, student=agreed.name or report.submission.student)
        return replace(report, submission=whose, score=score, remarks=(*report.remarks, *map(Remark, facts)))

    @property
    def weighs(self) -> bool:
        """Whether checks are worth other points now, for which findings are counted once more."""
        return any(True for _ in self._standing.of_class(What.WORTH))

    def attempts(self, name: str) -> tuple[str, ...]:
        """The names of the reports of all attempts of a student, of one of which this is the name."""
        agreed = self._of.get(name)
        return agreed.attempts if agreed else (name,)

    def counts(self, name: str) -> bool:
        """Whether a report is of the attempt that counts, and its student is not excused."""
        agreed = self._of.get(name)
        return agreed is None or (agreed.counts == name and not agreed.excused)
