"""What a student's own check did not try: a full score there is no promise."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Report, Verdict


def scope(report: Report, untried: Sequence[str], held_back: int) -> list[str]:
    """Lines that say which trials and checks only grading adds.

    Args:
        untried: the titles of the checks that were left out.
        held_back: how many trials were.
    """
    trials = len({finding.probe for finding in report.findings if finding.verdict is not Verdict.NOT_RUN})
    tried = f"Checked on {trials} public trial{'s' * (trials != 1)} with numbers of your own"
    lines = [f"{tried if trials else 'Nothing could be tried'}; grading draws others{_and_more(held_back)}."]
    if untried:
        lines.append(f"Tried only when it is graded: {'; '.join(untried)}.")
    return lines


def _and_more(held_back: int) -> str:
    return f", and adds {held_back} hidden trial{'s' * (held_back != 1)}" if held_back else ""
