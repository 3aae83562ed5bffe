"""What wrong gradients are by themselves, whatever the formula: another one's, not summed, or the wrong way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from grader.diagnosis.generic_fits import Explanation, Trial, is_same
from grader.records import FloatArray


def of_arrays(trials: Sequence[Trial], wrong: Sequence[str]) -> Iterator[Explanation]:
    """All that is so in all trials."""
    for one, other in combinations(wrong, 2):
        if all(_is_that_of(t, one, other) and _is_that_of(t, other, one) for t in trials):
            yield Explanation("exchanged", "", (("", "", ""),), (one, other))
    for quantity in wrong:
        for kind, relation in _RELATIONS.items():
            if all(quantity in t.stored and relation(t.stored[quantity], t.right[quantity]) for t in trials):
                yield Explanation(kind, "", (("", "", ""),), (quantity,))
        for other in trials[0].right if trials else ():
            if other not in wrong and all(_is_that_of(t, quantity, other) for t in trials):
                yield Explanation("instead", "", (("", "", other),), (quantity,))


def _is_that_of(trial: Trial, quantity: str, other: str) -> bool:
    seen, right = trial.seen.get(quantity), trial.right[other]
    return seen is not None and seen.shape == right.shape and is_same(seen, right, right)


def _is_not_summed(stored: FloatArray, right: FloatArray) -> bool:
    return stored.size > right.size and any(_are_same(each, right) for each in _sums(stored, right.size))


def _is_summed_too_far(stored: FloatArray, right: FloatArray) -> bool:
    return stored.size < right.size and any(_are_same(each, stored) for each in _sums(right, stored.size))


def _is_turned(stored: FloatArray, right: FloatArray) -> bool:
    return right.ndim == 2 and min(right.shape) > 1 and stored.shape == right.shape[::-1] and _are_same(stored.T, right)


def _sums(array: FloatArray, size: int) -> Iterator[FloatArray]:
    """An array, summed over some of its axes to so many numbers."""
    for count in range(1, array.ndim + 1):
        for axes in combinations(range(array.ndim), count):
            added = array.sum(axis=axes)
            if added.size == size:
                yield added


def _are_same(one: FloatArray, other: FloatArray) -> bool:
    return is_same(one.ravel(), other.ravel(), other.ravel())


_RELATIONS: dict[str, Callable[[FloatArray, FloatArray], bool]] = {
    "not-summed": _is_not_summed,
    "summed-too-far": _is_summed_too_far,
    "turned": _is_turned,
}
