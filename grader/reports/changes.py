"""What changed between two checks of one file, in words."""

from __future__ import annotations

from collections.abc import Iterator

from grader.records import Outcome, Report, Verdict
from grader.reports.terminal import points

_WORDS = {
    Verdict.CORRECT: "right",
    Verdict.WRONG: "wrong",
    Verdict.NOT_REPORTED: "not stored",
    Verdict.NOT_ATTEMPTED: "not attempted",
    Verdict.NOT_RUN: "not run",
}
_WORST_FIRST = (Verdict.NOT_RUN, Verdict.NOT_REPORTED, Verdict.NOT_ATTEMPTED, Verdict.WRONG)
_ENDS = {
    Outcome.RETURNED: "runs to its end",
    Outcome.RAISED: "stops with an error",
    Outcome.TIMED_OUT: "takes too long",
    Outcome.OUT_OF_MEMORY: "uses too much memory",
    Outcome.TOO_MUCH_OUTPUT: "prints too much",
    Outcome.CRASHED: "crashes",
    Outcome.REFUSED: "does something that is not allowed",
    Outcome.PROTOCOL_VIOLATION: "interferes with the grader",
    Outcome.UNREADABLE: "cannot be read",
    Outcome.FAULT_OF_THE_GRADER: "makes the grader fail",
    Outcome.NOT_RUN: "is not run",
}
_MANY = 6
"""Of more quantities that changed alike, only the number is told."""


def changes(before: Report, after: Report) -> list[str]:
    """One line for each change of quantities, of how it ended, and of the points; never empty."""
    lines = [*_endings(before, after), *_quantities(before, after)]
    if before.score != after.score:
        lines.append(f"{points(before.score)} -> {points(after.score)} points")
    elif lines:
        lines.append(f"still {points(after.score)} points")
    else:
        lines.append(f"nothing changed: {points(after.score)} points")
    return lines


def _endings(before: Report, after: Report) -> Iterator[str]:
    if before.outcome is not after.outcome:
        yield f"it {_ENDS[after.outcome]} now"


def _quantities(before: Report, after: Report) -> Iterator[str]:
    old, new = _verdicts(before), _verdicts(after)
    alike: dict[tuple[Verdict, Verdict], list[str]] = {}
    for quantity, verdict in new.items():
        if quantity in old and old[quantity] is not verdict:
            alike.setdefault((old[quantity], verdict), []).append(quantity)
    for (was, now), quantities in alike.items():
        many = len(quantities) > _MANY
        told = f"{len(quantities)} quantities" if many else ", ".join(quantities)
        verb, then = ("were", "are") if len(quantities) > 1 else ("was", "is")
        yield f"{told} {verb} {_WORDS[was]}, {then} {_WORDS[now]} now"


def _verdicts(report: Report) -> dict[str, Verdict]:
    """Of each quantity the worst verdict over all trials."""
    found: dict[str, set[Verdict]] = {}
    for finding in report.findings:
        found.setdefault(finding.quantity, set()).add(finding.verdict)
    return {q: next((v for v in _WORST_FIRST if v in verdicts), Verdict.CORRECT) for q, verdicts in found.items()}
