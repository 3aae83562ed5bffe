"""Grade one submission: run it, judge what came back, and write it all into one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from grader.assignment import Assignment
from grader.errors import GraderError
from grader.grading.reporting import graded_but_wrong, graded_probes, report_on
from grader.judging.integrity import AUTOGRAD_NODES, EVIDENCE
from grader.judging.judge import judge
from grader.judging.scoring import counting
from grader.records import (
    AnswerKey,
    Diagnosis,
    Finding,
    FlowEdge,
    Observation,
    Outcome,
    Remark,
    Report,
    Run,
    Trial,
    Verdict,
)
from grader.sandbox.jobs import Job, Runner, Setup
from grader.submission import Submission
from grader.wire.facts import Fact
from grader.wire.noticed import NOTICED

_NEAR_MISS = 1e3
"""An error of more than 1 and less than this many tolerances may be a rare accident of rounding; bugs give 1e8."""
_SECOND_LOOKS = 3


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds of the processor, bytes of memory beyond the idle process and of output."""

    seconds: float
    memory: int
    output: int

    @classmethod
    def of(cls, assignment: Assignment, seconds: float | None = None, memory_mb: int | None = None) -> Limits:
        """Those of the assignment, where none are given."""
        resources = assignment.specification.resources
        return cls(
            seconds=resources.seconds if seconds is None else seconds,
            memory=(resources.memory_mb if memory_mb is None else memory_mb) << 20,
            output=resources.output_kb << 10,
        )


def setup(assignment: Assignment, key: AnswerKey) -> Setup:
    """What the sandbox is told: everything but what is expected."""
    specification = assignment.specification
    return Setup(
        exercise=assignment.exercise,
        layers=assignment.declarations,
        given=specification.given,
        entries={name: ((name, *entry.accept), entry.base or "") for name, entry in specification.entry_points.items()},
        script=specification.script,
        probes=key.probes,
        quantities={
            name: [(e.quantity, e.double.value.size) for e in expected if e.rule.is_reported]
            + [(quantity, p.by_hand.size) for quantity, p in key.predictions.get(name, {}).items()]
            + [*key.extras.get(name, ()), *((evidence, 1) for evidence in (*EVIDENCE, NOTICED))]
            for name, expected in key.expected.items()
        },
        always=[AUTOGRAD_NODES],
    )


def grade(
    submission: Submission,
    assignment: Assignment,
    key: AnswerKey,
    pool: Runner,
    limits: Limits,
    other_key: Callable[[str], AnswerKey],
    *,
    places: bool = True,
    annotate: bool = False,
) -> Report:
    """The report on one submission. `pool` has been prepared with `setup(assignment, key)`.

    Several threads may grade with one pool at the same time.

    Args:
        other_key: gives the key for another seed; asked only where an error is so small that it may be an accident.
        places: whether the expressions that are wrong are looked for in a wrong submission.
        annotate: whether it is told of a right one, too, what its lines hold.
    """
    job = Job(
        submission.id.name,
        submission.data,
        submission.is_notebook,
        limits.seconds,
        limits.memory,
        limits.output,
        modules=submission.modules,
    )
    run = _run(pool, job, key)
    counted, findings = _judged(assignment, key, run)
    if _is_near_miss(counted, findings) and _passes_elsewhere(job, assignment, key, pool, other_key):
        graded = graded_probes(counted)
        findings = [replace(f, verdict=Verdict.CORRECT, fact=None) if f.probe in graded else f for f in findings]
    diagnosis = Diagnosis()
    failure = unplaced = None
    edges: tuple[FlowEdge, ...] = ()
    if graded_but_wrong(counted, findings):
        diagnosis, findings, failure = _diagnosed(assignment, counted, run, findings)
        if places:
            diagnosis, unplaced = _with_places(diagnosis, counted, findings, job, pool, setup(assignment, key))
        edges = _flow(counted, findings, diagnosis)
    elif annotate and run.outcome is Outcome.RETURNED:
        diagnosis, unplaced = _annotated(key, job, pool, setup(assignment, key))
    report = report_on(submission, assignment, counted, run, findings, pool.isolation, diagnosis)
    remarks = (*report.remarks, *_of_others(submission), *filter(None, (failure, unplaced)))
    report = replace(report, remarks=remarks, flow=edges)
    trials = tuple(Trial(p.name, p.title, p.visibility, p.graded) for p in key.probes)
    return replace(report, trials=trials)


def _of_others(submission: Submission) -> Iterator[Remark]:
    """Of files that define the same, which was graded."""
    if submission.alike:
        yield Remark(Fact("same-in-other-files", {"files": submission.alike, "file": submission.id.name}))


def _diagnosed(
    assignment: Assignment, key: AnswerKey, run: Run, findings: list[Finding]
) -> tuple[Diagnosis, list[Finding], Remark | None]:
    """What is wrong, and the findings with marks for what follows from an earlier error, if the assignment wants that.

    What a submission stored may be of any shape and size; where that is too much for the diagnosis, there is none, and
    a remark, the last that is returned, says so: no diagnosis may cost a report.

    Raises:
        AssignmentError: the catalogue of known mistakes cannot be used.
    """
    # Right submissions do not pay for these imports.
    from grader.diagnosis import diagnose
    from grader.diagnosis.following import followed
    from grader.diagnosis.generic import diagnose_by_formula, explained, followed_by_formula
    from grader.diagnosis.loading import load_catalogue
    from grader.diagnosis.symptoms import symptoms, symptoms_of_layers

    catalogue = load_catalogue(assignment.reference)
    try:
        if catalogue is None:
            found = explained(key, run)
            diagnosis = diagnose_by_formula(found)
            if assignment.specification.layers:
                named = [layer for layer, explanations in found.items() if explanations]
                diagnosis = replace(diagnosis, unknown=tuple(symptoms_of_layers(key, run, findings, named)))
            elif diagnosis == Diagnosis():
                return replace(symptoms(key, run, findings), catalogue=False), findings, None
            if not diagnosis.mistakes:
                return replace(diagnosis, catalogue=False), findings, None
            earned = followed_by_formula(key, found) if assignment.specification.follow_through else frozenset()
            return diagnosis, _following(findings, earned), None
        diagnosis = diagnose(key, run, catalogue)
        if diagnosis == Diagnosis():
            diagnosis = symptoms(key, run, findings)
        if assignment.specification.follow_through:
            earned = followed(key, run, catalogue)
            findings = _following(findings, earned)
    except GraderError:
        raise
    except Exception as error:
        failure = Fact("not-diagnosed", {"type": type(error).__name__, "text": str(error)})
        return Diagnosis(), findings, Remark(failure, for_students=False)
    return diagnosis, findings, None


def _following(findings: list[Finding], earned: frozenset[tuple[str, str]]) -> list[Finding]:
    """The findings, where those that follow from an earlier error are marked so."""
    return [replace(f, follows=(f.probe, f.quantity) in earned) if _lost(f) else f for f in findings]


def _with_places(
    diagnosis: Diagnosis, key: AnswerKey, findings: list[Finding], job: Job, pool: Runner, usual: Setup
) -> tuple[Diagnosis, Remark | None]:
    """The diagnosis with the places that are wrong in the code.

    No search for them may cost a report; where it fails, a remark for the instructor says so.
    """
    from grader.grading.pinpointing import pinpoint

    try:
        found = pinpoint(key, graded_but_wrong(key, findings), job, pool, usual)
    except Exception as error:
        return diagnosis, _unplaced("no-places-found", f"{type(error).__name__}: {error}")
    diagnosis = replace(diagnosis, places=found.places, mended=found.complete, annotations=found.annotations)
    return diagnosis, _unplaced("no-quantities-known", key.underived) if key.underived else None


def _flow(key: AnswerKey, findings: list[Finding], diagnosis: Diagnosis) -> tuple[FlowEdge, ...]:
    from grader.diagnosis.flow import flow

    return flow(key, findings, diagnosis.places)


def _annotated(key: AnswerKey, job: Job, pool: Runner, usual: Setup) -> tuple[Diagnosis, Remark | None]:
    """What the lines of right code hold; where that fails, a remark for the instructor says so."""
    from grader.grading.pinpointing import annotated

    try:
        return Diagnosis(annotations=annotated(key, job, pool, usual)), None
    except Exception as error:
        return Diagnosis(), _unplaced("no-places-found", f"{type(error).__name__}: {error}")


def _unplaced(kind: str, text: str) -> Remark:
    return Remark(Fact(kind, {"text": text}), for_students=False)


def _lost(finding: Finding) -> bool:
    return finding.verdict is Verdict.WRONG


def _run(pool: Runner, job: Job, key: AnswerKey, wanted: Setup | None = None) -> Run:
    """Run a submission on all probes.

    Where one does not come to its end, what is left of the same part is given up, and the other parts are run again in
    a process of their own: an attempt at one part is not punished by a failure in another. Each time fewer are left.

    Args:
        wanted: another setup than that of the pool.
    """
    run = pool.run(job, wanted)
    before = {probe.name for probe in key.probes}
    while run.outcome is Outcome.RETURNED and (rest := _left(key, run)) < before and rest:
        before = rest
        skip = [number for number, probe in enumerate(key.probes) if probe.name not in rest]
        again = pool.run(replace(job, skip=skip), wanted)
        observations: Mapping[str, Observation] = again.observations
        if again.outcome is not Outcome.PROTOCOL_VIOLATION:
            observations = {**run.observations, **{name: observations[name] for name in rest}}
        run = Run(again.outcome, again.fact, observations, run.output + again.output, run.seconds + again.seconds)
    return run


def _left(key: AnswerKey, run: Run) -> set[str]:
    """The probes that were not tried because one of another part did not come to its end."""
    fatal = {probe.family for probe in key.probes if run.observations[probe.name].outcome in _FATAL}
    untried = {
        probe.name: probe.family for probe in key.probes if run.observations[probe.name].outcome is Outcome.NOT_RUN
    }
    return {name for name, part in untried.items() if part not in fatal} if fatal else set()


_FATAL = (Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.TOO_MUCH_OUTPUT, Outcome.CRASHED, Outcome.REFUSED)
"""Outcomes of a probe after which the process may be gone."""


def _judged(assignment: Assignment, key: AnswerKey, run: Run) -> tuple[AnswerKey, list[Finding]]:
    """The key with those probes that count, and what is found on them."""
    findings = list(judge(key, run))
    count = counting(assignment.specification.checks, key, findings)
    return replace(key, probes=tuple(p for p in key.probes if p.name in count)), [
        finding for finding in findings if finding.probe in count
    ]


def _is_near_miss(key: AnswerKey, findings: list[Finding]) -> bool:
    """Whether all that is wrong in graded probes are errors only a little beyond their tolerance."""
    wrong = graded_but_wrong(key, findings)
    return bool(wrong) and all(finding.ratio is not None and finding.ratio < _NEAR_MISS for finding in wrong)


def _passes_elsewhere(
    job: Job, assignment: Assignment, key: AnswerKey, pool: Runner, other_key: Callable[[str], AnswerKey]
) -> bool:
    """Whether a submission is right on three other draws of the probes."""
    for number in range(_SECOND_LOOKS):
        other = other_key(f"{key.seed}/{number + 1}")
        counted, findings = _judged(assignment, other, _run(pool, job, other, setup(assignment, other)))
        if graded_but_wrong(counted, findings):
            return False
    return True
