"""The test bench of declared layers: the declaration can be used, oracles agree, and no wrong gradient passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from grader.assignment import Assignment
from grader.assignment.layer_declaration import check_id
from grader.assignment.yaml_lines import line_of
from grader.diagnosis.generic import diagnose_by_formula, explained
from grader.errors import AssignmentError
from grader.judging.judge import judge
from grader.key import builder
from grader.records import AnswerKey, AnyArray, Expectation, Observation, Outcome, Rule, Run, Verdict, WrongWay
from grader.validation.finding import Flaw, Item, Location

_SEED = "validation"
_TOO_COARSE = 1e-3
MUTANTS = {
    "nothing in place of": 0.0,
    "-1 times": -1.0,
    "2 times": 2.0,
    "half of": 0.5,
    "1.01 times": 1.01,
}
"""What a gradient is multiplied by: each must lose its marks."""


def validate_layers(assignment: Assignment) -> Iterator[Item]:
    """All steps for an exercise whose parts are declared layers."""
    builder.prepare()
    place = Location(assignment.folder / "assignment.yaml")
    try:
        key = builder.build(assignment, _SEED)
    except AssignmentError as error:
        at = Location(error.file, error.line or 1) if error.file else place
        yield Item("layers", "", (Flaw(at, error.what, error.remedy),))
        yield Item("mutants", "needs layers that can be used", looked=False)
        yield Item("wrong derivations", "needs layers that can be used", looked=False)
        return
    counted = sum(e.rule is Rule.GRADIENT for expected in key.expected.values() for e in expected)
    yield Item("layers", f"{len(assignment.specification.layers)}, with {len(key.probes)} probes")
    yield Item("oracles", f"agree on {counted} gradients", tuple(_coarse(key, place)))
    yield _mutants(key, assignment)
    yield _wrong_derivations(key, place)


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


def _place_of(assignment: Assignment, check: str, quantity: str) -> Location:
    """The line that gives points to a quantity of a layer."""
    path = assignment.folder / "assignment.yaml"
    layers = [n for n, told in assignment.specification.layers.items() if check == check_id(n, quantity)]
    return Location(path, line_of(path, ("layers", layers[0], "points", quantity)) if layers else 1)


def _mutants(key: AnswerKey, assignment: Assignment) -> Item:
    """Each gradient, multiplied by something, is found to be wrong."""
    right = {probe.name: {e.quantity: e.double.value for e in key.expected[probe.name]} for probe in key.probes}
    names = dict.fromkeys((e.check, e.quantity) for _, e in _gradients(key))
    problems = []
    for check, quantity in names:
        passed = [words for words, factor in MUTANTS.items() if not _is_found(key, right, check, quantity, factor)]
        if passed:
            what = f"`{quantity}` of the check `{check}`: {passed[0]} the gradient keeps the marks"
            place = _place_of(assignment, check, quantity)
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


Change = dict[str, dict[str, AnyArray]]
"""By probe and quantity, what a wrong derivation gives in the first call."""


def _wrong_derivations(key: AnswerKey, place: Location) -> Item:
    """Whatever is done wrongly on the way back through a formula loses marks; and how much of it is named."""
    problems, tried, named = [], 0, 0
    for family in dict.fromkeys(probe.family for probe in key.probes):
        layer = replace(key, probes=tuple(probe for probe in key.probes if probe.family == family))
        for told, change in derived_mutants(layer):
            run = mutated(layer, change)
            tried += 1
            if not any(f.verdict is Verdict.WRONG for f in judge(layer, run)):
                what = f"layer `{family.removesuffix('_layer')}`: {told} keeps all marks"
                problems.append(Flaw(place, what, "is what it changes too small to be seen? Let the inputs be larger"))
            named += bool(diagnose_by_formula(explained(layer, run)).mistakes)
    return Item("wrong derivations", f"{tried}, all of which lose marks; {named} of them are named", tuple(problems))


_FACTORS = {"nothing": 0.0, "minus": -1.0, "twice": 2.0}


def derived_mutants(layer: AnswerKey) -> Iterator[tuple[str, Change]]:
    """In words, each derivation of one layer with one thing wrong, if that changes numbers visibly."""
    ways: dict[tuple[str, str, str], list[tuple[str, WrongWay]]] = {}
    for probe in layer.probes:
        for way in layer.wrong_ways[probe.name].ways if probe.name in layer.wrong_ways else ():
            ways.setdefault((way.kind, way.step, way.operand), []).append((probe.name, way))
    right = {name: {e.quantity: e.double.value[0] for e in told} for name, told in layer.expected.items()}
    for (kind, step, operand), found in ways.items():
        place = f"from `{step}` to `{operand}`" if step else f"to `{operand}`"
        for words, factor in _FACTORS.items() if kind == "edge" else ((kind, 0.0),):
            change: Change = {}
            for name, way in found:
                for quantity, array in way.arrays.items():
                    truth = right[name][quantity]
                    change.setdefault(name, {})[quantity] = truth + (factor - 1) * array if kind == "edge" else array
            if any(_is_seen(instead, right[name][q]) for name, told in change.items() for q, instead in told.items()):
                yield f"{words} {place}", change


_VISIBLE = 1e-5


def _is_seen(instead: AnyArray, right: AnyArray) -> bool:
    return bool(np.max(np.abs(instead - right), initial=0.0) > _VISIBLE * np.max(np.abs(right), initial=0.0))


def mutated(key: AnswerKey, change: Change) -> Run:
    """What would come back if all were right but for some gradients in the first call of some probes."""
    observations = {}
    for probe in key.probes:
        arrays = {e.quantity: e.double.value for e in key.expected[probe.name]}
        for quantity, instead in change.get(probe.name, {}).items():
            arrays[quantity] = np.concatenate([instead[None], arrays[quantity][1:]])
        observations[probe.name] = Observation(Outcome.RETURNED, arrays=arrays)
    return Run(Outcome.RETURNED, None, observations, "", 0.0)
