"""Name the mistakes of a declared layer from its formula alone: one wrong thing on the way back for each gradient.

The gradients that such a mistake leads to are in the answer key. One is named where it gives all numbers of a gradient
in all trials; few mistakes are told before many, and where two that say different things give the same, nothing is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from grader.diagnosis.comparing import numbers
from grader.diagnosis.generic_arrays import of_arrays
from grader.diagnosis.generic_fits import Explanation, Name, Step, Trial, explanations, rank
from grader.diagnosis.generic_hints import told
from grader.records import (
    AnswerKey,
    Certainty,
    Diagnosis,
    Expectation,
    Mistake,
    Observation,
    Rule,
    Run,
    WrongWay,
)
from grader.tolerance import agrees

_STEPS_TOLD = 3


def diagnose_by_formula(found: Mapping[str, Sequence[Explanation]]) -> Diagnosis:
    """The mistakes that explain what is wrong with gradients of declared layers, as `explained` finds them."""
    return Diagnosis(tuple(mistake(layer, each) for layer, listed in found.items() for each in together(listed)))


def together(explanations: Sequence[Explanation]) -> list[Explanation]:
    """The same mistake in several gradients as one."""
    found: dict[tuple[str, str], Explanation] = {}
    for each in explanations:
        first = found.setdefault((each.kind, each.factor), each)
        if first is not each:
            steps, quantities = (*first.steps, *each.steps), (*first.quantities, *each.quantities)
            found[each.kind, each.factor] = replace(first, steps=_told_steps(steps), quantities=quantities)
    return list(found.values())


def followed_by_formula(key: AnswerKey, found: Mapping[str, Sequence[Explanation]]) -> frozenset[tuple[str, str]]:
    """Probe and quantity of the gradients that one mistake makes wrong, where it is several: all else in them is right.

    What is zero or some multiple may be no derivation at all: then each gradient is charged.
    """
    one = [
        (layer, each.quantities)
        for layer, explanations in found.items()
        for each in explanations
        if len(each.quantities) > 1 and each.is_complete and not each.leaves_nothing
        if each.kind != "edge" or each.has_a_name
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
                found[family.removesuffix("_layer")] = list(explain([t for t in trials if t.stored], wrong))
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


def numbered(ways: Sequence[WrongWay]) -> dict[Name, WrongWay]:
    """Ways by what they say, and a number where several say the same."""
    found: dict[Name, WrongWay] = {}
    count: Counter[tuple[str, ...]] = Counter()
    for way in ways:
        said = (way.kind, way.step, way.operand, way.instead)
        found[*said, count[said]] = way
        count[said] += 1
    return found


def _trial(key: AnswerKey, probe: str, seen: Observation) -> Trial:
    right = {e.quantity: e.double.value[0] for e in key.expected[probe] if e.rule is Rule.GRADIENT}
    stored = {q: numbers(seen.arrays.get(q)) for q in right}
    wrong = key.wrong_ways[probe]
    first = {q: a[0] for q, a in stored.items() if a is not None and len(a)}
    fitting = {q: a.reshape(right[q].shape) for q, a in first.items() if a.size == right[q].size}
    return Trial(fitting, right, wrong.sizes, numbered(wrong.ways), first)


def explain(trials: Sequence[Trial], wrong: Sequence[str]) -> Iterator[Explanation]:
    """One mistake for as many wrong gradients as possible, then one for those that are left."""
    names = dict.fromkeys(name for trial in trials for name in trial.ways)
    fitting = [each for name in names for each in explanations(trials, name, wrong)] + [*of_arrays(trials, wrong)]
    left = set(wrong)
    while left:
        possible = [e for e in fitting if set(e.quantities) <= left]
        best = max(possible, key=lambda e: (len(e.quantities), e.is_complete), default=None)
        if best is None:
            return
        alike = [e for e in possible if (e.quantities, e.is_complete) == (best.quantities, best.is_complete)]
        first = min(rank(e) for e in alike)
        alike = [e for e in alike if rank(e) == first]
        if len({(e.kind, e.factor) for e in alike}) == 1:
            nothing = any(not t.seen[q].any() for t in trials for q in alike[0].quantities if q in t.seen)
            steps = _told_steps([step for e in alike for step in e.steps])
            yield replace(alike[0], steps=steps, leaves_nothing=nothing)
        left -= set(best.quantities)


def _told_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Each once, and not too many; those that stand in the formula first."""
    once = list(dict.fromkeys(steps))
    return tuple(([step for step in once if step[0]] or once)[:_STEPS_TOLD])


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
