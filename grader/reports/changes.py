"""What changed between two checks of one file, in words."""

from __future__ import annotations

from collections.abc import Iterator

from grader.records import Report, Verdict
from grader.reports.terminal import points
from grader.words import Words

_WORST_FIRST = (Verdict.NOT_RUN, Verdict.NOT_REPORTED, Verdict.NOT_ATTEMPTED, Verdict.WRONG)
_MANY = 6
"""Of more quantities that changed alike, only the number is told."""


def changes(before: Report, after: Report, language: str = "en") -> list[str]:
    """One line for each change of quantities, of how it ended, and of the points; never empty."""
    words = Words(language)
    lines = [*_endings(before, after, words), *_quantities(before, after, words)]
    if before.score != after.score:
        lines.append(words("changed: points", before=points(before.score), after=points(after.score)))
    elif lines:
        lines.append(words("changed: same-points", points=points(after.score)))
    else:
        lines.append(words("changed: nothing", points=points(after.score)))
    return lines


def _endings(before: Report, after: Report, words: Words) -> Iterator[str]:
    if before.outcome is not after.outcome:
        yield words("changed: ends", outcome=words(f"ended: {after.outcome}"))


def _quantities(before: Report, after: Report, words: Words) -> Iterator[str]:
    old, new = _verdicts(before), _verdicts(after)
    alike: dict[tuple[Verdict, Verdict], list[str]] = {}
    for quantity, verdict in new.items():
        if quantity in old and old[quantity] is not verdict:
            alike.setdefault((old[quantity], verdict), []).append(quantity)
    for (was, now), quantities in alike.items():
        many = len(quantities) > _MANY
        told = words("changed: many", n=len(quantities)) if many else ", ".join(quantities)
        names = {"was": words(f"verdict: {was}"), "now": words(f"verdict: {now}")}
        yield words("changed: verdicts", quantities=told, **names)


def _verdicts(report: Report) -> dict[str, Verdict]:
    """Of each quantity the worst verdict over all trials."""
    found: dict[str, set[Verdict]] = {}
    for finding in report.findings:
        found.setdefault(finding.quantity, set()).add(finding.verdict)
    return {q: next((v for v in _WORST_FIRST if v in verdicts), Verdict.CORRECT) for q, verdicts in found.items()}
