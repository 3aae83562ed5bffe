"""Which gradients one wrong thing on the way back explains: by a factor at an edge, or by another way to do a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import prod

import numpy as np

from grader.diagnosis.comparing import CLOSE
from grader.records import FloatArray, WrongWay

Gradients = Mapping[str, FloatArray]
Name = tuple[str, str, str, str, int]
"""Of a way: its kind, step, operand, what stands there instead, and a number."""
Step = tuple[str, str, str]
"""The expressions between which something is wrong, and what stands there instead."""
_FACTORS = {"zero": 0.0, "minus": -1.0, "twice": 2.0, "half": 0.5}
_SAME = 1e-4
"""Relative difference up to which two factors are one."""
_LAST = ("own-factors", "left-out", "power", "operand", "instead", "edge")
"""What is said where nothing simpler gives the same: then, that there is some factor."""


@dataclass(frozen=True)
class Trial:
    """The first call of one probe: what came back, what is right, and what one mistake makes of it.

    `seen` are the gradients that have as many entries as they should, `stored` all of them, as they came.
    """

    seen: Gradients
    right: Gradients
    sizes: Mapping[str, int]
    ways: Mapping[Name, WrongWay]
    stored: Gradients = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """One mistake: what it is, where it may be made, and the gradients that it makes wrong.

    `is_complete` tells that nothing else would be wrong by it, else it was made on the way to these gradients alone.
    `leaves_nothing` tells whether all of one of them is zero.
    """

    kind: str
    factor: str
    steps: tuple[Step, ...]
    quantities: tuple[str, ...]
    is_complete: bool = True
    leaves_nothing: bool = False

    @property
    def has_a_name(self) -> bool:
        """Whether the factor is more than a number: a sign, or a size of the inputs."""
        return self.factor in _FACTORS or " " in self.factor


def rank(explanation: Explanation) -> int:
    """What is said first of what is the same: a sign, a size that is missing; then a step; then another quantity."""
    if explanation.kind == "edge" and explanation.has_a_name:
        return 0
    return 2 + _LAST.index(explanation.kind) if explanation.kind in _LAST else 1


def explanations(trials: Sequence[Trial], name: Name, wrong: Sequence[str]) -> Iterator[Explanation]:
    """How one place explains wrong gradients: by each factor that fits, or by the one other way to do the step."""
    affected = dict.fromkeys(q for t in trials if name in t.ways for q in t.ways[name].arrays)
    kind, step, operand, instead, _ = name
    fitting: dict[str, list[str]] = {}
    for quantity in [q for q in wrong if q in affected]:
        if kind != "edge":
            factors = [""] if all(_gives(t, name, quantity) for t in trials) else []
        else:
            factors = _factors(trials, name, quantity)
        for factor in factors:
            fitting.setdefault(factor, []).append(quantity)
    for factor, quantities in fitting.items():
        complete = len(quantities) == len(affected)
        yield Explanation(kind, factor, ((step, operand, instead),), tuple(quantities), complete)


def _gives(trial: Trial, name: Name, quantity: str, factor: float | None = None) -> bool:
    """Whether what came back is what a mistake gives, and right where it changes nothing."""
    if quantity not in trial.seen:
        return False
    right, way = trial.right[quantity], trial.ways.get(name)
    made = way.arrays.get(quantity) if way else None
    if made is not None and factor is not None:
        made = right + (factor - 1) * made
    return is_same(trial.seen[quantity], right if made is None else made, right)


def is_same(seen: FloatArray, predicted: FloatArray, right: FloatArray) -> bool:
    """Whether numbers came back as predicted, up to single precision of the largest."""
    if not np.isfinite(seen).all():
        return False
    allowed = CLOSE * np.abs(seen).max(initial=0.0) + 1e-9 * np.abs(right).max(initial=0.0) + 1e-12
    return bool((np.abs(predicted - seen) <= allowed).all())


def _factors(trials: Sequence[Trial], name: Name, quantity: str) -> list[str]:
    """What the factors at an edge are called that give what came back of a gradient in all trials."""
    fitted = []
    for trial in trials:
        factor = _factor(trial, name, quantity)
        if not _gives(trial, name, quantity, factor):
            return []
        if factor is not None:
            fitted.append((factor, trial.sizes))
    return list(_named([c for c, _ in fitted], [sizes for _, sizes in fitted])) if fitted else []


def _factor(trial: Trial, name: Name, quantity: str) -> float | None:
    """The factor at an edge that comes closest to what came back."""
    through = trial.ways[name].arrays.get(quantity) if name in trial.ways else None
    if through is None or quantity not in trial.seen or not np.isfinite(trial.seen[quantity]).all():
        return None
    return 1 + float(np.sum((trial.seen[quantity] - trial.right[quantity]) * through)) / float(np.sum(through**2))


def _named(factors: Sequence[float], sizes: Sequence[Mapping[str, int]]) -> Iterator[str]:
    """What the factor is in all trials: a number, or a size of the inputs, or products of these."""
    for name, number in _FACTORS.items():
        if all(abs(c - number) <= _SAME for c in factors):
            yield name
    letters = [letter for letter in sizes[0] if all(letter in each for each in sizes)]
    for count in (1, 2, 3):
        for some in combinations(letters, count):
            size = [prod(each[letter] for letter in some) for each in sizes]
            letters_told = "·".join(some)
            told = {f"times {' '.join(some)}": 1.0, f"{letters_told}/2": 0.5, f"2·{letters_told}": 2.0}
            yield from (each for each, f in told.items() if _are(factors, [f * n for n in size]))
            told = {f"over {' '.join(some)}": 1.0, f"2/({letters_told})": 2.0, f"1/(2·{letters_told})": 0.5}
            yield from (each for each, f in told.items() if _are(factors, [f / n for n in size]))
            if count == 1 and _are(factors, [n**0.5 for n in size]):
                yield f"√{some[0]}"
            if count == 1 and _are(factors, [n**-0.5 for n in size]):
                yield f"1/√{some[0]}"
    if len(factors) > 1 and max(factors) - min(factors) <= _SAME * abs(factors[0]) and abs(factors[0] - 1) > _SAME:
        yield f"{factors[0]:.4g}"


def _are(factors: Sequence[float], others: Sequence[float]) -> bool:
    return all(abs(c - other) <= _SAME * abs(other) for c, other in zip(factors, others, strict=True))
