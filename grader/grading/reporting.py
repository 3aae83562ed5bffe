"""Put what was found out about one submission into a report. Pure, but for the versions of what is installed."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

from grader.assignment import Assignment, Specification
from grader.grading.pictures import pictures
from grader.grading.snippets import snippets
from grader.judging.exchanged import exchanged
from grader.judging.integrity import policy_findings, remarks
from grader.judging.judge import excess_over_double
from grader.judging.scoring import check_results
from grader.records import (
    Action,
    AnswerKey,
    AnyArray,
    Chart,
    CheckResult,
    Diagnosis,
    Failure,
    Finding,
    Isolation,
    Observation,
    Outcome,
    Remark,
    Report,
    Run,
    Series,
    SubmissionId,
    Verdict,
)
from grader.submission import Submission
from grader.training.remarks import PROBE, remarks_on_trace, remarks_on_training
from grader.wire.facts import Fact
from grader.wire.noticed import NOTICED, decode
from grader.wire.told import Place, errors_of, places_of
from grader.wire.trace import QUANTITY


def report_on(
    submission: Submission,
    assignment: Assignment,
    key: AnswerKey,
    run: Run,
    findings: list[Finding],
    isolation: Isolation,
    diagnosis: Diagnosis,
) -> Report:
    """The report on a submission that was run.

    Args:
        key: of the probes that count.
        findings: on these probes.
    """
    specification, graded = assignment.specification, graded_probes(key)
    policy = tuple(policy_findings(specification.policy, key, run))
    checks = check_results(specification.checks, key, findings, specification.share_after_an_error)
    if any(finding.action is Action.FORBID for finding in policy):
        checks = tuple(replace(check, points=0.0, fact=Fact("not-by-hand")) for check in checks)
    failures = _failures(key, run, submission)
    seen = tuple(pictures(key, run, findings))
    return Report(
        submission=submission.id,
        assignment=assignment.slug,
        title=specification.title,
        outcome=failures[0].outcome if failures else run.outcome,
        failures=failures,
        score=round(sum(check.points for check in checks), 2),
        out_of=assignment.out_of,
        checks=checks,
        findings=tuple(finding for finding in findings if finding.probe in graded),
        diagnosis=diagnosis,
        policy=policy,
        remarks=(
            *_remarks(key, run, findings),
            *_noticed(run, is_right=not graded_but_wrong(key, findings)),
            *map(Remark, exchanged(key, run, findings)),
            *_remarks_on_training(key, run, findings),
            *map(Remark, remarks(specification.policy, key, run)),
        ),
        charts=tuple(_charts(specification, key, run)),
        output=run.output,
        isolation=isolation,
        seed=key.seed,
        versions=versions(),
        seconds=round(run.seconds, 3),
        pictures=seen,
        student_level=specification.feedback.student,
        date=_now(),
        snippets=tuple(snippets(specification, key, run, findings)),
    )


def not_graded(
    submission: SubmissionId, assignment: Assignment, outcome: Outcome, fact: Fact, seed: str, isolation: Isolation
) -> Report:
    """The report on what could not be run at all: it cannot be read, or the grader failed."""
    verdict = Verdict.FAULT_OF_THE_GRADER if outcome is Outcome.FAULT_OF_THE_GRADER else Verdict.NOT_RUN
    specification = assignment.specification
    checks = tuple(CheckResult(c.id, c.title, 0.0, c.points, verdict, None, c.visibility) for c in specification.checks)
    return Report(
        submission=submission,
        assignment=assignment.slug,
        title=specification.title,
        outcome=outcome,
        failures=(Failure(outcome, fact),),
        score=0.0,
        out_of=assignment.out_of,
        checks=checks,
        findings=(),
        diagnosis=Diagnosis(),
        policy=(),
        remarks=(),
        charts=(),
        output="",
        isolation=isolation,
        seed=seed,
        versions=versions(),
        seconds=0.0,
        student_level=specification.feedback.student,
        date=_now(),
    )


def _now() -> str:
    """The date and the time, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _failures(key: AnswerKey, run: Run, submission: Submission) -> tuple[Failure, ...]:
    """The first graded probe of each part that did not return; or else how the process ended as a whole."""
    failed: dict[str, Failure] = {}
    for probe in key.probes:
        seen = run.observations[probe.name]
        returned = seen.outcome in (Outcome.RETURNED, Outcome.NOT_RUN, Outcome.NOT_ATTEMPTED)
        if probe.graded and not returned and probe.family not in failed:
            failed[probe.family] = _failure(seen.outcome, seen.fact, submission, probe.name)
    if failed:
        return tuple(failed.values())
    return () if run.outcome is Outcome.RETURNED else (_failure(run.outcome, run.fact, submission),)


def _failure(outcome: Outcome, fact: Fact | None, submission: Submission, trial: str = "") -> Failure:
    fact = fact or Fact(f"ended: {outcome}")
    return Failure(outcome, fact, trial, _own_line(fact, submission))


def _own_line(fact: Fact, submission: Submission) -> Place | None:
    """The last place of an error, if the file has that line; of a notebook, which nobody parses here, its number."""
    first = errors_of(fact)[0] if errors_of(fact) else fact
    where, number, _, source = (places_of(first) or (("", 0, "", ""),))[-1]
    name, cell = where.rpartition(", cell ")[::2] if submission.is_notebook and ", cell " in where else (where, "")
    data = {**submission.modules, submission.id.name: submission.data}.get(name, b"")
    lines = data.splitlines()
    if not 0 < number <= len(lines):
        return None
    if name == submission.id.name and submission.is_notebook:
        known = cell.isdecimal() and cell.isascii() and len(cell) < 6 and 0 < int(cell) <= len(lines)
        return (f"{name}, cell {int(cell)}", number, "", "") if known else None
    same = lines[number - 1].decode("utf-8", "replace").strip()[:200] == source
    return (name, number, "", source) if same else None


def _charts(specification: Specification, key: AnswerKey, run: Run) -> Iterator[Chart]:
    """The numbers that the assignment wants to be drawn, where they were reported."""
    for chart in specification.charts:
        arrays = run.observations[chart.probe].arrays if chart.probe in run.observations else {}
        expected = {e.quantity: e.double.value for e in key.expected.get(chart.probe, ()) if e.rule.is_work}
        series = tuple(
            Series(name, _flat(arrays[name]), _flat(expected.get(name))) for name in chart.quantities if name in arrays
        )
        if series:
            yield Chart(chart.title, chart.x, chart.y, chart.kind, series, chart.probe)


def _flat(array: AnyArray | None) -> tuple[float | None, ...]:
    values = [] if array is None else [float(value) for value in array.reshape(-1)]
    return tuple(value if math.isfinite(value) else None for value in values)


def _remarks(key: AnswerKey, run: Run, findings: list[Finding]) -> Iterator[Remark]:
    """What is worth knowing about work that is right, and costs nothing: the probes that are not graded."""
    if graded_but_wrong(key, findings):
        return
    excess = excess_over_double(key, run)
    if excess > 1:
        yield Remark(Fact("right-to-single-precision", {"times": excess}))
    for probe in (probe for probe in key.probes if not probe.graded):
        wrong = [f for f in findings if f.verdict is not Verdict.CORRECT and f.probe == probe.name]
        seen = run.observations.get(probe.name, Observation())
        silent = (Verdict.NOT_ATTEMPTED, *[Verdict.NOT_REPORTED] * (seen.outcome is Outcome.RETURNED))
        if wrong and wrong[0].verdict not in silent:
            wrongly = wrong[0].fact or Fact("not-right")
            fact = Fact("ungraded-is-wrong", {"trial": probe.title, "quantity": wrong[0].quantity, "what": wrongly})
            if seen.outcome is not Outcome.RETURNED:
                why = seen.fact or Fact(f"ended: {seen.outcome}")
                fact = Fact("ungraded-call-ends", {"trial": probe.title, "what": why})
            yield Remark(fact, probe.name)


def _remarks_on_training(key: AnswerKey, run: Run, findings: list[Finding]) -> Iterator[Remark]:
    traces = [seen.arrays[QUANTITY] for seen in run.observations.values() if QUANTITY in seen.arrays]
    yield from (Remark(fact) for array in traces for fact in remarks_on_trace(array))
    right = not graded_but_wrong(key, findings)
    seen = run.observations.get(PROBE, Observation()).arrays
    yield from (Remark(fact) for fact in remarks_on_training(seen, right=right))


_HELPS_WHERE_WRONG = frozenset({"reads-outside"})


def _noticed(run: Run, *, is_right: bool) -> Iterator[Remark]:
    """What the sandbox noticed about the file."""
    told = [observation.notes[NOTICED] for observation in run.observations.values() if NOTICED in observation.notes]
    for text in dict.fromkeys(str(fact.values.get("text", "")) for fact in told):
        yield from (Remark(fact) for fact in decode(text) if not (is_right and fact.kind in _HELPS_WHERE_WRONG))


@cache
def versions() -> Mapping[str, str]:
    """Of everything that the numbers in a report depend on."""
    return {
        "grader": version("backprop-grader"),
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
    }


def graded_probes(key: AnswerKey) -> frozenset[str]:
    """The names of the graded probes."""
    return frozenset(probe.name for probe in key.probes if probe.graded)


def graded_but_wrong(key: AnswerKey, findings: list[Finding]) -> list[Finding]:
    """What is not correct in graded probes."""
    wrong = [f for f in findings if f.verdict is not Verdict.CORRECT]
    graded = graded_probes(key) if wrong else frozenset()
    return [f for f in wrong if f.probe in graded]
