"""Grade one submission: run it, judge what came back, and write it all into one report."""

from __future__ import annotations

import math
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from grader import answer_key
from grader.assignment import Assignment, Specification
from grader.errors import AssignmentError, GraderError, GraderFault
from grader.integrity import AUTOGRAD_NODES, EVIDENCE, policy_findings, remarks
from grader.judge import check_results, counting, excess_over_double, judge
from grader.pictures import pictures
from grader.records import (
    NOT_DIAGNOSED,
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
    Probe,
    Report,
    Run,
    Series,
    SubmissionId,
    Trial,
    Verdict,
)
from grader.remarks_on_training import PROBE, remarks_on_training
from grader.sandbox.jobs import Job, Runner, Setup
from grader.submission import Submission

_NEAR_MISS = 1e3
"""An error of more than 1 and less than this many tolerances may be a rare accident of rounding; bugs give 1e8."""
_SECOND_LOOKS = 3


@dataclass(frozen=True)
class Limits:
    """What one submission may use: wall-clock seconds, bytes of memory beyond the idle process, bytes of output."""

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


def obtain_key(assignment: Assignment, seed: str, notify: Callable[[str], None]) -> AnswerKey:
    """The answer key, from the cache or else built by a process of its own.

    Args:
        notify: called with a line for the user where something takes long or is out of order.

    Raises:
        AssignmentError: the key cannot be built because the assignment is wrong.
        GraderFault: the process that builds it failed.
    """
    path = answer_key.key_path(assignment, seed)
    try:
        return answer_key.load(path, assignment, seed)
    except FileNotFoundError:
        notify(f"building the answer key of {assignment.slug} (once for this seed)")
    except answer_key.UnusableKeyError as error:
        notify(f"{path}: this cached answer key {error}; building it again")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(path.parent, os.W_OK):
            return _build(assignment, seed, path)
    except OSError:
        pass
    notify(f"{path.parent}: cannot be written, so the answer key is built anew each time")
    with tempfile.TemporaryDirectory() as folder:
        return _build(assignment, seed, Path(folder) / "key")


def _build(assignment: Assignment, seed: str, path: Path) -> AnswerKey:
    course = assignment.folder.parent.parent
    # -P: the current directory, perhaps full of strangers' files, is not searched for modules
    command = [sys.executable, "-P", "-m", "grader.key_builder", str(course), assignment.slug, seed, str(path)]
    command += ["practice"] * assignment.practice
    modules = os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": modules}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode == 2:
        raise AssignmentError(done.stderr.strip())
    if done.returncode:
        raise GraderFault(f"the answer key of {assignment.slug} could not be built:\n{done.stderr.strip()}")
    return answer_key.load(path, assignment, seed)


def setup(assignment: Assignment, key: AnswerKey) -> Setup:
    """What the sandbox is told: everything but what is expected."""
    specification = assignment.specification
    return Setup(
        exercise=assignment.folder / "exercise.py",
        given=specification.given,
        entries={name: ((name, *entry.accept), entry.base or "") for name, entry in specification.entry_points.items()},
        script=specification.script,
        probes=key.probes,
        quantities={
            name: [(e.quantity, e.double.value.size) for e in expected if e.rule.is_reported]
            + [(quantity, p.by_hand.size) for quantity, p in key.predictions.get(name, {}).items()]
            + [*key.extras.get(name, ()), *((evidence, 1) for evidence in EVIDENCE)]
            for name, expected in key.expected.items()
        },
        always=[AUTOGRAD_NODES],
    )


@dataclass(frozen=True)
class Graded:
    """A report, and the key of the probes that count."""

    report: Report
    key: AnswerKey


def grade(
    submission: Submission,
    assignment: Assignment,
    key: AnswerKey,
    pool: Runner,
    limits: Limits,
    other_key: Callable[[str], AnswerKey],
) -> Report:
    """The report on one submission. `pool` has been prepared with `setup(assignment, key)`.

    Several threads may grade with one pool at the same time.

    Args:
        other_key: gives the key for another seed; asked only where an error is so small that it may be an accident.
    """
    return examine(submission, assignment, key, pool, limits, other_key).report


def examine(
    submission: Submission,
    assignment: Assignment,
    key: AnswerKey,
    pool: Runner,
    limits: Limits,
    other_key: Callable[[str], AnswerKey],
) -> Graded:
    """`grade`, with the key of the probes that count."""
    job = Job(submission.id.name, submission.data, submission.is_notebook, limits.seconds, limits.memory, limits.output)
    run = _run(pool, job, key)
    counted, findings = _judged(assignment, key, run)
    if _is_near_miss(counted, findings) and _passes_elsewhere(job, assignment, key, pool, other_key):
        graded = _graded(counted)
        findings = [replace(f, verdict=Verdict.CORRECT, message="") if f.probe in graded else f for f in findings]
    diagnosis, failure = Diagnosis(), ""
    if _graded_but_wrong(counted, findings):
        diagnosis, findings, failure = _diagnosed(assignment, counted, run, findings)
    report = _report(submission, assignment, counted, run, findings, pool.isolation, diagnosis)
    report = replace(report, remarks=(*report.remarks, failure)) if failure else report
    trials = tuple(Trial(p.name, p.title, p.visibility, p.graded) for p in key.probes)
    return Graded(replace(report, trials=trials), counted)


def _diagnosed(
    assignment: Assignment, key: AnswerKey, run: Run, findings: list[Finding]
) -> tuple[Diagnosis, list[Finding], str]:
    """What is wrong, and the findings with marks for what follows from an earlier error, if the assignment wants that.

    What a submission stored may be of any shape and size; where that is too much for the diagnosis, there is none, and
    a remark, the last that is returned, says so: no diagnosis may cost a report.

    Raises:
        AssignmentError: the catalogue of known mistakes cannot be used.
    """
    # Right submissions do not pay for these imports.
    from grader.diagnosis import diagnose
    from grader.diagnosis.following import followed
    from grader.diagnosis.loading import load_catalogue
    from grader.diagnosis.symptoms import symptoms

    catalogue = load_catalogue(assignment.reference)
    try:
        if catalogue is None:
            return replace(symptoms(key, run, findings), catalogue=False), findings, ""
        diagnosis = diagnose(key, run, catalogue)
        if diagnosis == Diagnosis():
            diagnosis = symptoms(key, run, findings)
        if assignment.specification.follow_through:
            earned = followed(key, run, catalogue)
            findings = [replace(f, follows=(f.probe, f.quantity) in earned) if _lost(f) else f for f in findings]
    except GraderError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return Diagnosis(), findings, f"{NOT_DIAGNOSED}{what}; please report it"
    return diagnosis, findings, ""


def _lost(finding: Finding) -> bool:
    return finding.verdict is Verdict.WRONG


def _run(pool: Runner, job: Job, key: AnswerKey, wanted: Setup | None = None) -> Run:
    """Run a submission on all probes.

    Where one does not come to its end, what is left of the same part is given up, and the other parts are run again in
    a process of their own: an attempt at one part is not punished by a failure in another.

    Args:
        wanted: another setup than that of the pool.
    """
    run = pool.run(job, wanted)
    while run.outcome is Outcome.RETURNED and (rest := _left(key, run)):
        skip = [number for number, probe in enumerate(key.probes) if probe.name not in rest]
        again = pool.run(replace(job, skip=skip), wanted)
        observations: Mapping[str, Observation] = again.observations
        if again.outcome is not Outcome.PROTOCOL_VIOLATION:
            observations = {**run.observations, **{name: observations[name] for name in rest}}
        run = Run(again.outcome, again.message, observations, run.output + again.output, run.seconds + again.seconds)
    return run


def _left(key: AnswerKey, run: Run) -> set[str]:
    """The probes that were not tried because one of another part did not come to its end."""
    fatal = {_family(probe) for probe in key.probes if run.observations[probe.name].outcome in _FATAL}
    untried = {
        probe.name: _family(probe) for probe in key.probes if run.observations[probe.name].outcome is Outcome.NOT_RUN
    }
    return {name for name, part in untried.items() if part not in fatal} if fatal else set()


def _family(probe: Probe) -> str:
    """`tanh` of `tanh.context` and `tanh.apply`: parts that call the same functions of a submission in several ways."""
    return probe.part.partition(".")[0]


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
    wrong = _graded_but_wrong(key, findings)
    return bool(wrong) and all(finding.ratio is not None and finding.ratio < _NEAR_MISS for finding in wrong)


def _passes_elsewhere(
    job: Job, assignment: Assignment, key: AnswerKey, pool: Runner, other_key: Callable[[str], AnswerKey]
) -> bool:
    """Whether a submission is right on three other draws of the probes."""
    for number in range(_SECOND_LOOKS):
        other = other_key(f"{key.seed}/{number + 1}")
        counted, findings = _judged(assignment, other, _run(pool, job, other, setup(assignment, other)))
        if _graded_but_wrong(counted, findings):
            return False
    return True


def _report(
    submission: Submission,
    assignment: Assignment,
    key: AnswerKey,
    run: Run,
    findings: list[Finding],
    isolation: Isolation,
    diagnosis: Diagnosis,
) -> Report:
    specification, graded = assignment.specification, _graded(key)
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
            failed.setdefault(_family(probe), (seen.outcome, f"at {probe.title}:\n{_no_place(seen.message)}"))
    if failed:
        return next(iter(failed.values()))[0], "\n".join(message for _, message in failed.values())
    if run.outcome is Outcome.TIMED_OUT and _only_own_training_is_missing(key, run):
        return Outcome.RETURNED, ""  # what earns no points took the time
    return run.outcome, _no_place(run.message)


def _only_own_training_is_missing(key: AnswerKey, run: Run) -> bool:
    ended = (Outcome.RETURNED, Outcome.NOT_ATTEMPTED)
    missing = [probe.name for probe in key.probes if run.observations[probe.name].outcome not in ended]
    return missing == [PROBE]


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


def _graded(key: AnswerKey) -> frozenset[str]:
    """The names of the graded probes."""
    return frozenset(probe.name for probe in key.probes if probe.graded)


def _graded_but_wrong(key: AnswerKey, findings: list[Finding]) -> list[Finding]:
    """What is not correct in graded probes."""
    wrong = [f for f in findings if f.verdict is not Verdict.CORRECT]
    graded = _graded(key) if wrong else frozenset()
    return [f for f in wrong if f.probe in graded]


def _remarks(key: AnswerKey, run: Run, findings: list[Finding]) -> Iterator[str]:
    """What is worth knowing about work that is right, and costs nothing: the probes that are not graded."""
    if _graded_but_wrong(key, findings):
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
    right = not _graded_but_wrong(key, findings)
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
