"""Which trials count, and what the findings on them earn. Pure: findings in, rows of the report out."""

from __future__ import annotations

from grader.assignment import Check
from grader.records import AnswerKey, CheckResult, Finding, Probe, Rule, Verdict
from grader.wire.facts import Fact


def counting(checks: tuple[Check, ...], key: AnswerKey, findings: list[Finding]) -> frozenset[str]:
    """The probes that count: those without a group, and of each group the one that earns the most.

    A function that is tried with its derivative is held against the reading in which its value is right, if there is
    one: its derivative belongs to that. Between equals, the one whose convention earns the most in all groups, then the
    one in which the first quantities, the values that a function gives, are correct in most: somebody who follows one
    reading must not be told about errors under another. Then the one in which more quantities are correct, then in
    which more can be compared number by number; then the first.
    """
    if not any(probe.group for probe in key.probes):
        return frozenset(probe.name for probe in key.probes)
    found: dict[str, list[Finding]] = {probe.name: [] for probe in key.probes}
    for finding in findings:
        found[finding.probe].append(finding)
    standing = {name: _standing(checks, own) for name, own in found.items()}
    groups: dict[str, list[Probe]] = {}
    for probe in key.probes:
        groups.setdefault(probe.group or f"only {probe.name}", []).append(probe)
    followed: dict[tuple[str, str], tuple[float, int]] = {}
    for probe in (probe for probe in key.probes if probe.group and probe.convention):
        earned, values = followed.get(_reading(probe), (0.0, 0))
        right = found[probe.name][0].verdict is Verdict.CORRECT
        followed[_reading(probe)] = earned + standing[probe.name][0], values + right

    def rank(probe: Probe) -> tuple[float, ...]:
        earned, *others = standing[probe.name]
        return _has_the_value(key, found[probe.name]), earned, *followed.get(_reading(probe), (0.0, 0)), *others

    return frozenset(max(probes, key=rank).name for probes in groups.values())


def _has_the_value(key: AnswerKey, findings: list[Finding]) -> bool:
    """Whether a value is right in a trial in which its derivatives are asked for, too."""
    rules = [e.rule for f in findings[:1] for e in key.expected[f.probe]]
    both = rules[:1] == [Rule.VALUE] and Rule.GRADIENT in rules
    return both and findings[0].verdict is Verdict.CORRECT


def _reading(probe: Probe) -> tuple[str, str]:
    """The functions that are tried, and how the statement is read."""
    return probe.family, probe.convention


def _standing(checks: tuple[Check, ...], findings: list[Finding]) -> tuple[float, ...]:
    """What a probe earns, how many quantities are correct in it, and how many have at least the right shape."""
    earned = sum(check.points for check in checks if _holds(check, findings))
    correct = sum(finding.verdict is Verdict.CORRECT for finding in findings)
    return earned, correct, correct + sum(finding.ratio is not None for finding in findings)


def _holds(check: Check, findings: list[Finding]) -> bool:
    """Whether all quantities of a check, one at least, are correct, or follow from an error before."""
    own = [f for f in findings if f.check == check.id]
    return bool(own) and all(f.verdict is Verdict.CORRECT or f.follows for f in own)


def check_results(
    checks: tuple[Check, ...], key: AnswerKey, findings: list[Finding], after_an_error: float = 1.0
) -> tuple[CheckResult, ...]:
    """A row for each check; each graded probe in which all its quantities are correct earns an equal share.

    Args:
        findings: of the probes that count.
        after_an_error: how much of this share is earned where a quantity is wrong, and follows from an error before.
    """
    found: dict[str, list[Finding]] = {check.id: [] for check in checks}
    for finding in findings:
        found.setdefault(finding.check, []).append(finding)
    return tuple(_check_result(check, key, found[check.id], after_an_error) for check in checks)


def _check_result(check: Check, key: AnswerKey, findings: list[Finding], after_an_error: float) -> CheckResult:
    matters = {probe.name for probe in key.probes if probe.graded or not check.points}
    by_probe: dict[str, list[Finding]] = {}
    for finding in findings:
        by_probe.setdefault(finding.probe, []).append(finding)
    judged = [found for name, found in by_probe.items() if name in matters]
    passed = [found for found in judged if _holds(check, found)]
    following = sum(any(f.follows for f in found) for found in passed)
    verdicts = {finding.verdict for found in judged for finding in found}
    verdict = next((v for v in _WORST_FIRST if v in verdicts), Verdict.FAULT_OF_THE_GRADER)
    share = (len(passed) - following * (1 - after_an_error)) / len(judged) if judged else 0.0
    told = Fact("right-in-trials", {"right": len(passed), "of": len(judged), "follows": following > 0})
    if following and after_an_error < 1:
        told = Fact("right-but-for-one-error", {"share": after_an_error})
    fact = None if verdict is Verdict.CORRECT else told
    return CheckResult(
        check.id, check.title, round(check.points * share, 2), check.points, verdict, fact, check.visibility
    )


_WORST_FIRST = (Verdict.WRONG, Verdict.NOT_RUN, Verdict.NOT_REPORTED, Verdict.NOT_ATTEMPTED, Verdict.CORRECT)
