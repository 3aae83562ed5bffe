"""Build an answer key: draw the probes, ask the oracles, and see that the reference solution passes.

Run as a process of its own (`python -m grader.key.builder`), so that the grading process needs no torch. Everything
that is imported here belongs to the course, and is trusted.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from grader.assignment import Assignment, load
from grader.errors import About, AssignmentError, GraderError
from grader.judging.judge import judge
from grader.key import answer_key
from grader.key.exercises import drawn_probes, load_exercise, load_module, part_of, probe_of, stream_of
from grader.key.expectations import ProbeKey
from grader.key.layer_faults import in_formula
from grader.key.quantities import derivations
from grader.kit.layers.exercise import declare, right_names
from grader.kit.layers.part import LayerPart
from grader.records import (
    AnswerKey,
    Arrays,
    Derivation,
    Expectation,
    Observation,
    Outcome,
    Probe,
    Run,
    Verdict,
    Visibility,
    WrongWays,
)
from grader.wire.facts import Fact
from grader.words import say


def prepare() -> None:
    """Set torch up as keys are built: one thread, double precision."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)


def build(assignment: Assignment, seed: str) -> AnswerKey:
    """The key of an assignment for one seed.

    Raises:
        OracleDisagreement: the oracles contradict one another on some quantity.
        AssignmentError: the exercise is not what it must be, or the reference solution does not pass.
    """
    exercise = load_exercise(assignment)
    given = {name: getattr(exercise, name) for name in assignment.specification.given}
    right = _by_machine(assignment, exercise) if assignment.practice else _by_hand(assignment)
    machine = cache(lambda: given | dict(_by_machine(assignment, exercise)("")))  # only probes for evidence need it
    probes, extras, predictions, reported = [], {}, {}, {}
    expected: dict[str, tuple[Expectation, ...]] = {}
    wrong_ways: dict[str, WrongWays] = {}
    held_back = set()
    alone: dict[int, tuple[Any, str]] = {}  # by the identity of its inputs, a layer's probe without right helpers
    for drawn in drawn_probes(assignment, exercise, seed):
        probe = probe_of(drawn, exercise)
        if assignment.practice and (probe.visibility is Visibility.HIDDEN or probe.evidence):
            held_back |= {probe.group or probe.name} if probe.graded else set()
            continue
        names = given | dict(right(drawn.get("reading", "")))
        made = ProbeKey(assignment, part_of(exercise, probe), names, probe)
        probes.append(probe)
        if isinstance(made.part, LayerPart) and not made.part.helped:
            alone[id(drawn["inputs"])] = drawn["inputs"], probe.name
        helped = isinstance(made.part, LayerPart) and made.part.helped
        twin = alone[id(drawn["inputs"])][1] if helped and id(drawn["inputs"]) in alone else ""
        expected[probe.name] = expected[twin] if twin else () if probe.evidence else _expected(assignment, made)
        extras[probe.name] = tuple(made.extras())
        if not assignment.practice:
            wrong_ways[probe.name] = wrong_ways[twin] if twin else made.wrong_ways()
        if probe.evidence:
            predictions[probe.name] = made.predictions(machine())
        if not assignment.practice or any(e.rule.is_reported for e in expected[probe.name]):
            reported[probe.name] = Observation(Outcome.RETURNED, arrays=made.reported)
    found, underived = _derivations(assignment, exercise, seed, lambda reading: given | dict(right(reading)))
    key = AnswerKey(
        assignment.slug,
        seed,
        tuple(probes),
        expected,
        extras,
        predictions,
        len(held_back),
        wrong_ways,
        found,
        underived,
    )
    if reported:
        _reference_passes(assignment, key, Run(Outcome.RETURNED, None, reported, "", 0.0))
    return key


def _expected(assignment: Assignment, made: ProbeKey) -> tuple[Expectation, ...]:
    """What a probe must give.

    Raises:
        AssignmentError: the oracles do not agree, or no number is known well enough; of a layer, where its formula is.
    """
    try:
        return tuple(made.expectations())
    except AssignmentError as error:
        if isinstance(made.part, LayerPart) and error.file is None:
            raise in_formula(assignment, made.part, error) from error
        raise


def _derivations(
    assignment: Assignment, exercise: ModuleType, seed: str, right: Callable[[str], Mapping[str, Any]]
) -> tuple[tuple[Derivation, ...], str]:
    """What is known of probes that are drawn for this alone, or what failed. Hints refuse no exercise."""
    rules = {check.id: check.rule for check in assignment.specification.checks}
    if assignment.specification.script or not any(rule.is_work for rule in rules.values()):
        return (), ""
    readings: dict[str, str] = {}

    def probes() -> Iterator[Probe]:
        for drawn in drawn_probes(assignment, exercise, seed, f"{stream_of(assignment)} of derivations"):
            probe = probe_of(drawn, exercise)
            readings[probe.name] = drawn.get("reading", "")
            yield probe

    def run(probe: Probe) -> Arrays:
        return ProbeKey(assignment, part_of(exercise, probe), right(readings[probe.name]), probe).reported

    def checks(probe: Probe) -> dict[str, str]:
        listed = part_of(exercise, probe).quantities(probe.inputs)
        return {quantity: check for quantity, check, _ in listed if rules[check].is_work}

    try:
        made = derivations(probes(), lambda probe: part_of(exercise, probe), run, checks, assignment.exercise)
    except Exception as error:
        return (), f"{type(error).__name__}: {error}"
    return tuple(made), ""


def _by_hand(assignment: Assignment) -> Callable[[str], Mapping[str, Any]]:
    """For each reading of the statement, the names of the reference solution.

    Raises:
        AssignmentError: there is none, or it cannot be imported.
    """
    path = assignment.reference / "solution.py"
    if not path.is_file() and assignment.specification.layers:
        return _by_formula(assignment)
    if not path.is_file():
        raise AssignmentError(f"{path}: no such file. Grading needs the reference; `grade check FILE` does without")
    solution = load_module(path)
    _all_defined(assignment, path, vars(solution))
    names = vars(solution) | ({"script": solution.script} if assignment.specification.script else {})
    return lambda reading: names | (solution.READINGS[reading] if reading else {})


def _by_machine(assignment: Assignment, exercise: ModuleType) -> Callable[[str], Mapping[str, Any]]:
    """For each reading of the statement, the entry points of a right submission that derives nothing.

    Raises:
        AssignmentError: there is none, and some check compares numbers.
    """
    path = assignment.folder / "by_machine.py"
    if not path.is_file() and assignment.specification.layers:
        return _by_formula(assignment)
    if path.is_file():
        submission = load_module(path).submission
        _all_defined(assignment, path, submission(exercise, ""))
        return lambda reading: submission(exercise, reading)
    if any(check.rule.is_reported for check in assignment.specification.checks):
        raise AssignmentError(
            f"{path}: no such file. Students can check themselves where it has a function"
            " `submission(exercise, reading)` that gives the entry points, differentiated by autograd"
        )
    return lambda _: {}


def _by_formula(assignment: Assignment) -> Callable[[str], Mapping[str, Any]]:
    parts = declare(load_module(assignment.exercise), assignment.declarations)
    return cache(lambda reading: right_names(parts, reading))


def _all_defined(assignment: Assignment, path: Path, names: Mapping[str, Any]) -> None:
    missing = [name for name in assignment.specification.required if name.partition(".")[0] not in names]
    if missing:
        raise AssignmentError(
            f"defines no {', '.join(missing)}, which assignment.yaml asks for",
            file=path,
            remedy="define it under this name, or mend the name in assignment.yaml",
        )


def _reference_passes(assignment: Assignment, key: AnswerKey, run: Run) -> None:
    """The reference solution is a submission too: where it is not right, nobody else can be."""
    for finding in judge(key, run):
        if finding.verdict is not Verdict.CORRECT:
            place = f"{finding.probe}, {finding.quantity}"
            right = assignment.folder / "by_machine.py" if assignment.practice else assignment.reference / "solution.py"
            what = say(finding.fact or Fact("not-right"))
            raise AssignmentError(
                f"is wrong at {place}: {what}", file=right, about=About.REFERENCE, probe=finding.probe
            )


def main(course: str, slug: str, seed: str, destination: str, practice: str = "") -> int:
    """Build one key and save it; on standard error, what is wrong with the assignment."""
    try:
        prepare()
        assignment = load(Path(course), slug, practice=bool(practice))
        answer_key.save(Path(destination), _build_or_blame(assignment, seed))
    except GraderError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _build_or_blame(assignment: Assignment, seed: str) -> AnswerKey:
    """`build`, where an exception that comes out of the course's own code is the fault of the course."""
    try:
        return build(assignment, seed)
    except GraderError:
        raise
    except Exception as error:
        folders = (assignment.folder, assignment.reference)
        own = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).parent in folders]
        if not own:
            raise
        what = f"in {own[-1].name}: {type(error).__name__}: {error}"
        raise AssignmentError(what, file=own[-1].filename, line=own[-1].lineno or 0) from error


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
