"""What is true of numbers that nobody can explain: said in words, and no more than they show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.comparing import CLOSE, matches
from grader.records import FloatArray

_EXACT = 1e-13
"""A smaller relative difference is rounding in double precision."""
_COARSE = 1e-4
"""A larger one is rounding only if small entries are nearly right, too."""

Pair = tuple[str, FloatArray | None, FloatArray]
"""The title of a trial, what was stored in it, and what is right given the submission's own earlier quantities."""


def facts(name: str, pairs: list[Pair], *, layered: bool = True) -> tuple[str, ...]:
    """What is true in every trial; `name` is the quantity, as in `dL_dw[1]`. Arrays have shape (K, ...).

    Where something was stored in some of the trials only, it is said of these. Nothing is told of numbers that are
    right: then something else is wrong, or what was not stored.

    Args:
        layered: whether the K entries are examples and the quantity belongs to a layer; else they are calls that differ
            in the upstream gradient only.
    """
    seen = [(title, stored, right) for title, stored, right in pairs if stored is not None]
    if not seen or all(_is_exact(s, r) for _, s, r in seen):
        return ()
    some = f"{name} at {', '.join(title for title, _, _ in seen)}" if len(seen) < len(pairs) else name
    told = _shape(name, seen) or next(
        (fact for rule in (_RULES if layered else _PLAIN) if (fact := rule(some, seen))),
        f"{name} is not what it should be",
    )
    still = [s for _, s, _ in seen if len(s) > 1 and s[0].size and np.array_equal(s[0], s[1])]
    words = "is the same for every example" if layered else "does not depend on the upstream gradient"
    same = (f"{name} {words}",) if len(still) == len(seen) else ()
    return (told, *same)


def _is_exact(stored: FloatArray, right: FloatArray) -> bool:
    return stored.shape == right.shape and bool((np.abs(stored - right) <= _EXACT * np.abs(right).max(initial=0)).all())


def _shape(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    odd = [(title, s, r) for title, s, r in seen if s.shape != r.shape]
    if not odd:
        return ""
    title, stored, right = odd[0]
    if stored.size == right.size and all(matches(s, r[None])[0] for _, s, r in seen):
        return (
            f"{name} has the right numbers in the shape {stored.shape[1:]}; it must be {right.shape[1:]} (at {title})"
        )
    return f"{name} has the shape {stored.shape[1:]} at {title}; it must be {right.shape[1:]}"


def _not_finite(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    return "" if all(np.isfinite(s).all() for _, s, _ in seen) else f"{name} holds something that is not a number"


def _zero(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    return "" if any(np.any(s) for _, s, _ in seen) else f"{name} is zero everywhere"


def _nearly(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    worst = max(float(np.abs(s - r).max() / np.abs(r).max()) for _, s, r in seen)
    if not worst <= 1e-2 or (worst > _COARSE and any(np.any(np.abs(s - r) > 0.1 * np.abs(r)) for _, s, r in seen)):
        return ""
    digits = max(1, round(-np.log10(worst)))
    return f"{name} is right to about {digits} digits only: rounded or computed coarsely?"


def _constant(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    ratios = {title: ratio for title, s, r in seen if (ratio := _ratio(s, r)) is not None}
    if len(ratios) < len(seen):
        return ""
    values, numbers = list(ratios.values()), [len(np.unique(r)) for _, _, r in seen]
    if sum(numbers) == 1:
        return ""  # any number is some other one times a third
    if max(values) - min(values) <= 1e-3 * abs(values[0]):
        if abs(values[0] + 1) < CLOSE:
            return f"{name} has the right size and the wrong sign"
        return f"{name} is {values[0]:.4g} times what it should be, in every entry"
    if min(numbers) == 1:
        return ""
    each = ", ".join(f"{value:.4g} at {title}" for title, value in ratios.items())
    return f"{name} is what it should be times one number in each trial: {each}"


def _ratio(stored: FloatArray, right: FloatArray) -> float | None:
    """The one number with stored = number * right."""
    factor = float(np.sum(stored * right) / np.sum(right**2))
    return factor if factor and matches(stored, (factor * right)[None])[0] else None


def _sizes(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    same = all(matches(np.abs(s), np.abs(r)[None])[0] for _, s, r in seen)
    return f"{name} has the right sizes, but wrong signs in some entries" if same else ""


def _transposed(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    square = [(s, r) for _, s, r in seen if r.ndim == 3 and r.shape[1] == r.shape[2]]
    if not square or not all(matches(s, r.swapaxes(1, 2)[None])[0] for s, r in square):
        return ""
    return f"{name} is transposed"


def _by_unit(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    """One ratio for each row of a weight gradient (delta is off), or for each column (the input is off)."""
    if any(r.ndim != 3 for _, _, r in seen):
        return ""
    for axis, where, what in ((2, "row", "delta"), (1, "column", "the input of the layer")):
        if all(_proportional(s, r, axis) for _, s, r in seen if min(r.shape[1:]) > 1):
            return f"{name} is off by one factor for each {where}, as if {what} were wrong"
    return ""


def _proportional(stored: FloatArray, right: FloatArray, axis: int) -> bool:
    factor = np.sum(stored * right, axis=axis, keepdims=True) / np.sum(right**2, axis=axis, keepdims=True)
    return bool(matches(stored, (factor * right)[None])[0])


def _equal(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    flat = [s.reshape(len(s), -1) for _, s, _ in seen]
    several = [s for s in flat if s.shape[1] > 1]
    same = bool(several) and all(float(np.ptp(s, axis=1).max()) == 0 for s in several)
    return f"all entries of {name} are equal" if same else ""


def _some_units(name: str, seen: list[tuple[str, FloatArray, FloatArray]]) -> str:
    wrong = {title: entries for title, s, r in seen if (entries := _wrong(s, r)).size}
    if all(entries.mean() < 0.9 for entries in wrong.values()):
        share = np.concatenate([entries.reshape(-1) for entries in wrong.values()]).mean()
        return f"{share:.0%} of the entries of {name} are wrong, the others right"
    right = [title for title, entries in wrong.items() if not entries.any()]
    return f"{name} is right at {', '.join(right)}, and wrong elsewhere" if right else ""


def _wrong(stored: FloatArray, right: FloatArray) -> NDArray[np.bool_]:
    """Which entries are wrong; without the calls in which everything must be zero, and is: that earns no credit."""
    telling = (right != 0).reshape(len(right), -1).any(1) | (stored != 0).reshape(len(stored), -1).any(1)
    wrong: NDArray[np.bool_] = np.abs(stored - right)[telling] > CLOSE * np.abs(right).max()
    return wrong


_RULES = (_not_finite, _zero, _nearly, _constant, _sizes, _transposed, _equal, _by_unit, _some_units)
_PLAIN = tuple(rule for rule in _RULES if rule is not _by_unit)


def listed(facts_of: Iterator[str]) -> tuple[str, ...]:
    """Each fact once, in order."""
    return tuple(dict.fromkeys(fact for fact in facts_of if fact))
