"""Build an answer key: draw the probes, ask the oracles, and see that the reference solution passes.

Run as a process of its own (`python -m grader.key_builder`), so that the grading process needs no torch. Everything
that is imported here belongs to the course, and is trusted.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader import answer_key
from grader.assignment import Assignment, load
from grader.errors import AssignmentError, GraderError
from grader.judge import judge
from grader.oracles import Problem, estimate
from grader.predictions import predict
from grader.records import (
    AnswerKey,
    Arrays,
    Evidence,
    Expectation,
    FloatArray,
    Network,
    Observation,
    Outcome,
    Probe,
    Rule,
    Run,
    Verdict,
    Visibility,
)
from grader.tolerance import DOUBLE, SINGLE, rounding_error


def build(assignment: Assignment, seed: str) -> AnswerKey:
    """The key of an assignment for one seed.

    Raises:
        OracleDisagreement: the oracles contradict one another on some quantity.
        AssignmentError: the exercise is not what it must be, or the reference solution does not pass.
    """
    exercise = load_module(assignment.folder / "exercise.py")
    probes, predictions = [], {}
    expected: dict[str, tuple[Expectation, ...]] = {}
    rules = {check.id: check.rule for check in assignment.specification.checks}
    for drawn in exercise.probes(random_generator(seed, assignment, "probes")):
        inputs = {name: np.ascontiguousarray(value, dtype=np.float64) for name, value in drawn["inputs"].items()}
        visibility = Visibility.PUBLIC if drawn.get("public") else Visibility.HIDDEN
        evidence = Evidence(drawn.get("evidence", ""))
        graded = drawn.get("graded", True) and not evidence
        probe = Probe(drawn["name"], drawn["title"], inputs, visibility, graded, evidence)
        probes.append(probe)
        if evidence:
            expected[probe.name] = ()
            gradients = [q for q, check, _ in exercise.quantities(inputs) if rules[check] is Rule.GRADIENT]
            predictions[probe.name] = predict(exercise, inputs, gradients, *_witnesses(assignment, exercise))
            continue
        estimates = _gradients(exercise, probe)
        expected[probe.name] = answer_key.expectations(assignment, inputs, exercise.quantities(inputs), estimates)
    key = AnswerKey(assignment.slug, seed, tuple(probes), expected, predictions)
    _reference_passes(assignment, exercise, key)
    return key


def random_generator(seed: str, assignment: Assignment, stream: str) -> np.random.Generator:
    """Philox, keyed by HMAC-SHA256 of assignment, version and stream under the seed: reproducible, not predictable."""
    message = f"{assignment.slug}/{assignment.specification.version}/{stream}"
    digest = hmac.new(seed.encode(), message.encode(), hashlib.sha256).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def load_module(path: Path) -> ModuleType:
    """Import a Python file of the course from its place.

    Raises:
        AssignmentError: it is missing, or raises.
    """
    spec = importlib.util.spec_from_file_location(f"course_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise AssignmentError(f"{path}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise AssignmentError(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _witnesses(assignment: Assignment, exercise: ModuleType) -> list[dict[str, Any]]:
    """The names of two submissions: the reference, derived by hand, and `by_machine.py`, which lets autograd do it."""
    given = {name: getattr(exercise, name) for name in assignment.specification.given}
    return [{**given, **vars(load_module(assignment.reference / name))} for name in ("solution.py", "by_machine.py")]


def network(inputs: Arrays, example: int) -> Network:
    """The network of a probe on one of its examples."""
    depth = sum(name.startswith("w[") for name in inputs)
    levels = range(1, depth + 1)
    return Network(
        weights=tuple(inputs[f"w[{level}]"] for level in levels),
        biases=tuple(inputs[f"b[{level}]"] for level in levels),
        x=inputs["x"][example],
        y=inputs["y"][example],
    )


def _gradients(exercise: ModuleType, probe: Probe) -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
    """For each parameter, over the examples: dL/dp, and the error allowed in float64 and in float32."""
    rows: dict[str, list[tuple[FloatArray, FloatArray, FloatArray]]] = {}
    for example in range(len(probe.inputs["x"])):
        point = network(probe.inputs, example)
        try:
            agreed = estimate(Problem(exercise.scalar, point))
        except AssignmentError as error:
            raise type(error)(f"probe `{probe.name}`, example {example + 1}: {error}") from None
        double, single = rounding_error(point, DOUBLE), rounding_error(point, SINGLE)
        for name, value in agreed.items():
            rows.setdefault(name, []).append((value.value, value.error + double[name], value.error + single[name]))
    return {name: tuple(np.stack(part) for part in zip(*parts, strict=True)) for name, parts in rows.items()}  # type: ignore[misc]


def _reference_passes(assignment: Assignment, exercise: ModuleType, key: AnswerKey) -> None:
    """The reference solution is a submission too: where it is not right, nobody else can be."""
    path = assignment.reference / "solution.py"
    names = {name: getattr(exercise, name) for name in assignment.specification.given} | vars(load_module(path))
    observations = {}
    for probe in key.probes:
        reported: dict[str, list[Any]] = {}
        tensors = {name: torch.tensor(value) for name, value in probe.inputs.items()}

        def report(quantity: str, value: Any, _: str = "", kept: dict[str, list[Any]] = reported) -> None:
            kept.setdefault(quantity, []).append(torch.as_tensor(value).clone())

        exercise.observe(names, tensors, report)
        arrays = {quantity: torch.stack(values).numpy() for quantity, values in reported.items()}
        observations[probe.name] = Observation(Outcome.RETURNED, arrays=arrays)
    run = Run(Outcome.RETURNED, "", observations, "", 0.0)
    for finding in judge(key, run):
        if finding.verdict is not Verdict.CORRECT:
            raise AssignmentError(
                f"{path}: the reference is wrong at {finding.probe}, {finding.quantity}: {finding.message}"
            )


def main(course: str, slug: str, seed: str, destination: str) -> int:
    """Build one key and save it; on standard error, what is wrong with the assignment."""
    try:
        torch.set_num_threads(1)
        torch.set_default_dtype(torch.float64)
        assignment = load(Path(course), slug)
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
        place = f"{own[-1].filename}:{own[-1].lineno}"
        raise AssignmentError(f"{place}: in {own[-1].name}: {type(error).__name__}: {error}") from error


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
