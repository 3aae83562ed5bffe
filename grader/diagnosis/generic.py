"""Name a mistake of a declared layer from its formula alone: one thing on the way back is wrong, and all else is right.

The gradients that such a mistake leads to are in the answer key. One is named where it gives all numbers of all trials;
where two that say different things give the same numbers, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod

import numpy as np

from grader.diagnosis.comparing import CLOSE, numbers
from grader.diagnosis.generic_hints import told
from grader.records import (
    AnswerKey,
    Certainty,
    Diagnosis,
    Expectation,
    FloatArray,
    Mistake,
    Observation,
    Rule,
    Run,
    WrongWay,
)
from grader.tolerance import agrees

Gradients = Mapping[str, FloatArray]
_FACTORS = {"zero": 0.0, "minus": -1.0, "twice": 2.0, "half": 0.5}
_SAME = 1e-4
"""Relative difference up to which two factors are one."""
_STEPS_TOLD = 3


@dataclass(frozen=True)
class Trial:
    """The first call of one probe: what came back, what is right, and what one mistake makes of it."""

    seen: Gradients
    right: Gradients
    sizes: Mapping[str, int]
    ways: Mapping[tuple[str, str, str, int], WrongWay]


@dataclass(frozen=True)
class Explanation:
    """One mistake: what it is, where it may be made, and the gradients that it makes wrong."""

    kind: str
    factor: str
    steps: tuple[tuple[str, str], ...]
    quantities: tuple[str, ...]
    leaves_nothing: bool = False
    """Whether all of one of the gradients is zero."""


def diagnose_by_formula(found: Mapping[str, Sequence[Explanation]]) -> Diagnosis:
    """The mistakes that explain what is wrong with gradients of declared layers, as `explained` finds them."""
    return Diagnosis(tuple(mistake(layer, each) for layer, explanations in found.items() for each in explanations))


def followed_by_formula(key: AnswerKey, found: Mapping[str, Sequence[Explanation]]) -> frozenset[tuple[str, str]]:
    """Probe and quantity of the gradients that one mistake makes wrong, where it is several: all else in them is right.

    What is zero or some multiple may be no derivation at all: then each gradient is charged.
    """
    one = [
        (layer, each.quantities)
        for layer, explanations in found.items()
        for each in explanations
        if len(each.quantities) > 1 and not each.leaves_nothing
        if each.kind != "edge" or each.factor in _FACTORS or " " in each.factor
    ]
    return frozenset(
        (probe.name, quantity)
        for layer, quantities in one
        for quantity in quantities
        for probe in key.probes
        if probe.family.removesuffix("_layer") == layer
    )


def explained(key: AnswerKey, run: Run) -> dict[str, list[Explanation]]:
    """By the name of its part, what explains the wrong gradients of a layer."""
    layers: dict[str, list[str]] = {}
    for probe in key.probes:
        if probe.graded and key.wrong_ways.get(probe.name) and key.wrong_ways[probe.name].ways:
            layers.setdefault(probe.family, []).append(probe.name)
    found = {}
    for family, probes in layers.items():
        expected = {name: key.expected[name] for name in probes}
        seen = {name: run.observations.get(name, Observation()) for name in probes}
        wrong = _wrong(expected, seen)
        if wrong:
            trials = [_trial(key, name, seen[name]) for name in probes]
            with np.errstate(all="ignore"):
                found[family.removesuffix("_layer")] = list(explain([t for t in trials if t.seen], wrong))
    return found


def _wrong(expected: Mapping[str, Sequence[Expectation]], seen: Mapping[str, Observation]) -> list[str]:
    """The gradients that are wrong in some trial; none where a value is, from which their errors may follow."""
    wrong: dict[str, None] = {}
    for probe, each in ((probe, e) for probe, told_of in expected.items() for e in told_of):
        stored = numbers(seen[probe].arrays.get(each.quantity))
        if stored is None or not each.rule.is_work:
            continue
        fits = stored.size == each.single.value.size
        if not fits or not agrees(stored.reshape(each.single.value.shape), each.single).all():
            if each.rule is Rule.VALUE:
                return []
            wrong[each.quantity] = None
    return list(wrong)


def numbered(ways: Sequence[WrongWay]) -> dict[tuple[str, str, str, int], WrongWay]:
    """Ways by what they say, and a number where several say the same."""
    found: dict[tuple[str, str, str, int], WrongWay] = {}
    for way in ways:
        number = sum(known[:3] == (way.kind, way.step, way.operand) for known in found)
        found[way.kind, way.step, way.operand, number] = way
    return found


def _trial(key: AnswerKey, probe: str, seen: Observation) -> Trial:
    right = {e.quantity: e.double.value[0] for e in key.expected[probe] if e.rule is Rule.GRADIENT}
    stored = {q: numbers(seen.arrays.get(q)) for q in right}
    wrong = key.wrong_ways[probe]
    fitting = {
        q: a[0].reshape(right[q].shape) for q, a in stored.items() if a is not None and a[0].size == right[q].size
    }
    return Trial(fitting, right, wrong.sizes, numbered(wrong.ways))


def explain(trials: Sequence[Trial], wrong: Sequence[str]) -> Iterator[Explanation]:
    """One mistake for as many wrong gradients as possible, then one for those that are left."""
    names = dict.fromkeys(name for trial in trials for name in trial.ways)
    fitting = [each for name in names for each in _explanations(trials, name, wrong)]
    left = set(wrong)
    while left:
        possible = [e for e in fitting if set(e.quantities) <= left]
        most = max((len(e.quantities) for e in possible), default=0)
        best = [e for e in possible if len(e.quantities) == most]
        if not best:
            return
        alike = [e for e in best if e.quantities == best[0].quantities]
        alike = min(([e for e in alike if rank(e)] for rank in _RANKS), key=lambda some: not some)
        if len({(e.kind, e.factor) for e in alike}) == 1:
            steps = list(dict.fromkeys(step for e in alike for step in e.steps))
            written = [step for step in steps if step[0]] or steps
            nothing = any(not t.seen[q].any() for t in trials for q in alike[0].quantities if q in t.seen)
            yield replace(alike[0], steps=tuple(written[:_STEPS_TOLD]), leaves_nothing=nothing)
        left -= set(best[0].quantities)


_RANKS: tuple[Callable[[Explanation], bool], ...] = (
    lambda e: e.kind == "edge" and (e.factor in _FACTORS or " " in e.factor),
    lambda e: e.kind != "edge",
    lambda _: True,
)
"""What is said first of what is the same: a sign, a size that is missing; then a step; then that there is a factor."""


def _explanations(
    trials: Sequence[Trial], name: tuple[str, str, str, int], wrong: Sequence[str]
) -> Iterator[Explanation]:
    """How one place explains what came back: by each factor that fits, or by the one other way to do the step."""
    affected = [q for q in wrong if any(name in t.ways and q in t.ways[name].arrays and q in t.seen for t in trials)]
    kind, step, operand, _ = name
    if not affected:
        return
    if kind != "edge":
        if all(_gives(t, t.ways[name].arrays if name in t.ways else {}) for t in trials):
            yield Explanation(kind, "", ((step, operand),), tuple(affected))
        return
    fitted = [(t, _factor(t, t.ways[name].arrays)) for t in trials if name in t.ways]
    factors = [(t, factor) for t, factor in fitted if factor is not None]
    if factors and all(_gives(t, _times(t, name, factor)) for t, factor in factors):
        for factor in _named([c for _, c in factors], [t.sizes for t, _ in factors]):
            yield Explanation(kind, factor, ((step, operand),), tuple(affected))


def _times(trial: Trial, name: tuple[str, str, str, int], factor: float) -> dict[str, FloatArray]:
    return {q: trial.right[q] + (factor - 1) * through for q, through in trial.ways[name].arrays.items()}


def _gives(trial: Trial, gradients: Gradients) -> bool:
    """Whether all that came back is what a mistake gives, right where it changes nothing."""
    return all(_is(seen, gradients.get(q, trial.right[q]), trial.right[q]) for q, seen in trial.seen.items())


def _is(seen: FloatArray, predicted: FloatArray, right: FloatArray) -> bool:
    if not np.isfinite(seen).all():
        return False
    allowed = CLOSE * np.abs(seen).max(initial=0.0) + 1e-9 * np.abs(right).max(initial=0.0) + 1e-12
    return bool((np.abs(predicted - seen) <= allowed).all())


def _factor(trial: Trial, through: Gradients) -> float | None:
    """The factor at an edge that comes closest to what came back."""
    told_of = [q for q in through if q in trial.seen]
    square = sum(float(np.sum(through[q] ** 2)) for q in told_of)
    if not square or not all(np.isfinite(trial.seen[q]).all() for q in told_of):
        return None
    return 1 + sum(float(np.sum((trial.seen[q] - trial.right[q]) * through[q])) for q in told_of) / square


def _named(factors: Sequence[float], sizes: Sequence[Mapping[str, int]]) -> Iterator[str]:
    """What the factor is in all trials: a number, or a size of the inputs, or products of these."""
    for name, number in _FACTORS.items():
        if all(abs(c - number) <= _SAME for c in factors):
            yield name
    letters = [letter for letter in sizes[0] if all(letter in each for each in sizes)]
    for count in (1, 2, 3):
        for some in combinations(letters, count):
            size = [prod(each[letter] for letter in some) for each in sizes]
            if all(abs(c - n) <= _SAME * n for c, n in zip(factors, size, strict=True)):
                yield f"times {' '.join(some)}"
            if all(abs(c * n - 1) <= _SAME for c, n in zip(factors, size, strict=True)):
                yield f"over {' '.join(some)}"
    if len(factors) > 1 and max(factors) - min(factors) <= _SAME * abs(factors[0]) and abs(factors[0] - 1) > _SAME:
        yield f"{factors[0]:.4g}"


def mistake(layer: str, each: Explanation) -> Mistake:
    """A mistake with its hints.

    Args:
        layer: the name of the layer, which reports tell with the step.
    """
    title, hints = told(each.kind, each.factor, each.steps, each.quantities)
    kind = each.kind if each.kind != "edge" else each.factor.partition(" ")[0]
    kind = kind if kind.isidentifier() or "-" in kind[1:] else "factor"
    step = f"{layer}: {', '.join(each.quantities)}"
    return Mistake(f"formula-{kind}", title, step, "", Certainty.PROVED, "", "", hints)
