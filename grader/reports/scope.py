"""What a student's own check did not try: a full score there is no promise."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Report, Verdict
from grader.words import Words


def scope(report: Report, untried: Sequence[str], held_back: int, language: str = "en") -> list[str]:
    """Lines that say which trials and checks only grading adds.

    Args:
        untried: the titles of the checks that were left out.
        held_back: how many trials were.
    """
    words = Words(language)
    trials = len({finding.probe for finding in report.findings if finding.verdict is not Verdict.NOT_RUN})
    more = words("adds-hidden", n=held_back) if held_back else ""
    lines = [words("checked-on", trials=trials, more=more) if trials else words("nothing-tried", more=more)]
    if untried:
        lines.append(words("tried-in-grading-only", titles="; ".join(untried)))
    return lines
