"""The test bench of declared layers: the declaration can be used, oracles agree, and no wrong gradient passes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader import key_builder
from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.judge import judge
from grader.records import AnswerKey, AnyArray, Expectation, Observation, Outcome, Rule, Run, Verdict
from grader.validation.finding import Flaw, Item, Location

_SEED = "validation"
_TOO_COARSE = 1e-3
MUTANTS = {
    "0": 0.0,
    "-1 times": -1.0,
    "2 times": 2.0,
    "half of": 0.5,
    "1.01 times": 1.01,
}
"""What a gradient is multiplied by: each must lose its marks."""


def validate_layers(assignment: Assignment) -> Iterator[Item]:
    """All steps for an exercise whose parts are declared layers."""
    key_builder.prepare()
    place = Location(assignment.folder / "assignment.yaml")
    try:
        key = key_builder.build(assignment, _SEED)
    except AssignmentError as error:
        yield Item("layers", "", (Flaw(place, str(error).removeprefix(f"{place.file}: "), "mend it, and try again"),))
        yield Item("mutants", "needs layers that can be used", looked=False)
        return
    counted = sum(e.rule is Rule.GRADIENT for expected in key.expected.values() for e in expected)
    yield Item("layers", f"{len(assignment.specification.layers)}, with {len(key.probes)} probes")
    yield Item("oracles", f"agree on {counted} gradients", tuple(_coarse(key, place)))
    yield _mutants(key, place)


def _gradients(key: AnswerKey) -> Iterator[tuple[str, Expectation]]:
    for probe in key.probes:
        for expectation in key.expected[probe.name]:
            if expectation.rule is Rule.GRADIENT:
                yield probe.name, expectation


def _coarse(key: AnswerKey, place: Location) -> Iterator[Flaw]:
    """Gradients whose tolerance would let a wrong digit through."""
    for probe, e in _gradients(key):
        bar, size = float(np.max(e.single.error, initial=0)), float(np.max(np.abs(e.single.value), initial=0))
        if bar > _TOO_COARSE * size:
            what = f"`{e.quantity}` at {probe} is {size:.3g} at most, and is only known to {bar:.1g}"
            yield Flaw(place, what, "let the formula subtract less, or scale its inputs")


def _mutants(key: AnswerKey, place: Location) -> Item:
    """Each gradient, multiplied by something, is found to be wrong."""
    right = {probe.name: {e.quantity: e.double.value for e in key.expected[probe.name]} for probe in key.probes}
    names = dict.fromkeys((e.check, e.quantity) for _, e in _gradients(key))
    problems = []
    for check, quantity in names:
        passed = [words for words, factor in MUTANTS.items() if not _is_found(key, right, check, quantity, factor)]
        if passed:
            what = f"`{quantity}` of the check `{check}`: {passed[0]} the gradient keeps the marks"
            problems.append(Flaw(place, what, "is the gradient zero everywhere? Ask for no gradient of that input"))
    told = f"{len(names) * len(MUTANTS)} wrong gradients, all of which lose their marks"
    return Item("mutants", told, tuple(problems))


def _is_found(key: AnswerKey, right: dict[str, dict[str, AnyArray]], check: str, quantity: str, factor: float) -> bool:
    """Whether the judge objects to one quantity, where it is multiplied by a factor and all else is right."""
    observations = {}
    for probe in key.probes:
        arrays = dict(right[probe.name])
        if any(e.check == check and e.quantity == quantity for e in key.expected[probe.name]):
            arrays[quantity] = arrays[quantity] * factor
        observations[probe.name] = Observation(Outcome.RETURNED, arrays=arrays)
    findings = judge(key, Run(Outcome.RETURNED, None, observations, "", 0.0))
    return any(f.verdict is Verdict.WRONG and f.check == check and f.quantity == quantity for f in findings)
