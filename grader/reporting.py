"""Put what was found out about one submission into a report. Pure, but for the versions of what is installed."""

from __future__ import annotations

import math
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import version

from grader.assignment import Assignment, Specification
from grader.integrity import policy_findings, remarks
from grader.judge import check_results, excess_over_double
from grader.pictures import pictures
from grader.records import (
    Action,
    AnswerKey,
    AnyArray,
    Chart,
    CheckResult,
    Diagnosis,
    Finding,
    Isolation,
    Observation,
    Outcome,
    Report,
    Run,
    Series,
    SubmissionId,
    Verdict,
)
from grader.submission import Submission
from grader.training.remarks import PROBE, remarks_on_trace, remarks_on_training
from grader.wire.trace import QUANTITY
from grader.words import say


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
    checks = check_results(specification.checks, key, findings)
    if any(finding.action is Action.FORBID for finding in policy):
        checks = tuple(replace(check, points=0.0, message="not by hand") for check in checks)
    outcome, message = _outcome(key, run)
    return Report(
        submission=submission.id,
        assignment=assignment.slug,
        title=specification.title,
        outcome=outcome,
        message=message,
        score=round(sum(check.points for check in checks), 2),
        out_of=assignment.out_of,
        checks=checks,
        findings=tuple(finding for finding in findings if finding.probe in graded),
        diagnosis=diagnosis,
        policy=policy,
        remarks=(
            *_remarks(key, run, findings),
            *_remarks_on_the_file(submission),
            *_remarks_on_training(key, run, findings),
            *remarks(specification.policy, key, run),
        ),
        charts=tuple(_charts(specification, key, run)),
        output=run.output,
        isolation=isolation,
        seed=key.seed,
        versions=versions(),
        seconds=round(run.seconds, 3),
        pictures=tuple(pictures(key, run, findings)),
        student_level=specification.feedback.student,
    )


def not_graded(
    submission: SubmissionId, assignment: Assignment, outcome: Outcome, message: str, seed: str, isolation: Isolation
) -> Report:
    """The report on what could not be run at all: it cannot be read, or the grader failed."""
    verdict = Verdict.FAULT_OF_THE_GRADER if outcome is Outcome.FAULT_OF_THE_GRADER else Verdict.NOT_RUN
    specification = assignment.specification
    checks = tuple(CheckResult(c.id, c.title, 0.0, c.points, verdict, "", c.visibility) for c in specification.checks)
    return Report(
        submission=submission,
        assignment=assignment.slug,
        title=specification.title,
        outcome=outcome,
        message=message,
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
    )


def _outcome(key: AnswerKey, run: Run) -> tuple[Outcome, str]:
    """That of the first graded probe that did not return, or else of the process as a whole.

    The message tells the first of every part that did not. A line of ours, `at <title>:`, tells where; what a
    submission says is kept from looking like one.
    """
    failed: dict[str, tuple[Outcome, str]] = {}
    for probe in key.probes:
        seen = run.observations[probe.name]
        if probe.graded and seen.outcome not in (Outcome.RETURNED, Outcome.NOT_RUN, Outcome.NOT_ATTEMPTED):
            failed.setdefault(probe.family, (seen.outcome, f"at {probe.title}:\n{_no_place(seen.message)}"))
    if failed:
        return next(iter(failed.values()))[0], "\n".join(message for _, message in failed.values())
    return run.outcome, _no_place(run.message)


def _no_place(message: str) -> str:
    return "\n".join(f" {line}" if line.startswith("at ") else line for line in message.splitlines())


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


def _remarks(key: AnswerKey, run: Run, findings: list[Finding]) -> Iterator[str]:
    """What is worth knowing about work that is right, and costs nothing: the probes that are not graded."""
    if graded_but_wrong(key, findings):
        return
    excess = excess_over_double(key, run)
    if excess > 1:
        yield (
            f"The gradients are right to single precision only: off by {excess:.0e} times the rounding of double.\n"
            "Something was computed in float32, or by finite differences. No points are lost."
        )
    for probe in (probe for probe in key.probes if not probe.graded):
        wrong = [f for f in findings if f.verdict is not Verdict.CORRECT and f.probe == probe.name]
        if wrong and wrong[0].verdict is not Verdict.NOT_ATTEMPTED:
            seen = run.observations[probe.name]
            failed = seen.outcome is not Outcome.RETURNED
            what = f"the call ends with: {seen.message}" if failed else f"{wrong[0].quantity} {wrong[0].message}"
            yield f"{probe.title}: {what}\nThis trial earns no points, so none are lost."


def _remarks_on_training(key: AnswerKey, run: Run, findings: list[Finding]) -> Iterator[str]:
    for seen in run.observations.values():
        if QUANTITY in seen.arrays:
            yield from map(say, remarks_on_trace(seen.arrays[QUANTITY]))
    right = not graded_but_wrong(key, findings)
    yield from remarks_on_training(run.observations.get(PROBE, Observation()).arrays, right=right)


def _remarks_on_the_file(submission: Submission) -> Iterator[str]:
    if _WANTS_A_GRAPHICS_CARD.search(submission.data) and b"is_available" not in submission.data:
        yield "The file asks for a graphics card; it was run on the processor, and no points are lost."


_WANTS_A_GRAPHICS_CARD = re.compile(rb"""\.cuda\(\)|\\?["']cuda""")


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
