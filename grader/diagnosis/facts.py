"""What is true of numbers that nobody can explain: no more than they show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.comparing import CLOSE, matches
from grader.records import FloatArray
from grader.wire.facts import Fact

_EXACT = 1e-13
"""A smaller relative difference is rounding in double precision."""
_COARSE = 1e-4
"""A larger one is rounding only if small entries are nearly right, too."""

Name = str | Fact
"""What a quantity is called, or what it is of: `Fact("of-the-output-layer", {"name": "dL_dw"})`."""
Seen = list[tuple[str, FloatArray, FloatArray]]
Pair = tuple[str, FloatArray | None, FloatArray]
"""The title of a trial, what was stored in it, and what is right given the submission's own earlier quantities."""


def facts(name: Name, pairs: list[Pair], *, layered: bool = True) -> tuple[Fact, ...]:
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
    trials = tuple(title for title, _, _ in seen)
    some = Fact("at-trials", {"name": name, "trials": trials}) if len(seen) < len(pairs) else name
    rules = _RULES if layered else _PLAIN
    with np.errstate(divide="ignore", invalid="ignore"):  # where all should be zero, there is no ratio
        told = _shape(name, seen) or next((fact for rule in rules if (fact := rule(some, seen))), not_right(name))
    still = [s for _, s, _ in seen if len(s) > 1 and s[0].size and np.array_equal(s[0], s[1])]
    kind = "same-for-every-example" if layered else "same-for-every-upstream"
    return (told, Fact(kind, {"name": name})) if len(still) == len(seen) else (told,)


def not_right(name: Name) -> Fact:
    """All that can be said of some numbers."""
    return Fact("is-not-what-it-should-be", {"name": name})


def _is_exact(stored: FloatArray, right: FloatArray) -> bool:
    return stored.shape == right.shape and bool((np.abs(stored - right) <= _EXACT * np.abs(right).max(initial=0)).all())


def _shape(name: Name, seen: Seen) -> Fact | None:
    odd = [(title, s, r) for title, s, r in seen if s.shape != r.shape]
    if not odd:
        return None
    title, stored, right = max(
        odd, key=lambda pair: sum(n > 1 for n in pair[2].shape[1:])
    )  # an axis of one tells little
    values = {"name": name, "have": stored.shape[1:], "want": right.shape[1:], "trial": title}
    same = stored.size == right.size and all(matches(s, r[None])[0] for _, s, r in seen)
    return Fact("right-numbers-in-wrong-shape" if same else "shape-is-not", values)


def _not_finite(name: Name, seen: Seen) -> Fact | None:
    finite = all(np.isfinite(s).all() for _, s, _ in seen)
    return None if finite else Fact("holds-no-number", {"name": name})


def _zero(name: Name, seen: Seen) -> Fact | None:
    return None if any(np.any(s) for _, s, _ in seen) else Fact("zero-everywhere", {"name": name})


def _nearly(name: Name, seen: Seen) -> Fact | None:
    worst = max(float(np.nan_to_num(np.abs(s - r).max() / np.abs(r).max(), nan=0.0)) for _, s, r in seen)
    if not worst <= 1e-2 or (worst > _COARSE and any(np.any(np.abs(s - r) > 0.1 * np.abs(r)) for _, s, r in seen)):
        return None
    digits = max(1, round(-np.log10(worst)))
    return Fact("right-to-some-digits", {"name": name, "digits": digits})


def _constant(name: Name, seen: Seen) -> Fact | None:
    ratios = {title: ratio for title, s, r in seen if (ratio := _ratio(s, r)) is not None}
    if len(ratios) < len(seen):
        return None
    values, numbers = list(ratios.values()), [len(np.unique(r)) for _, _, r in seen]
    if sum(numbers) == 1:
        return None  # any number is some other one times a third
    if max(values) - min(values) <= 1e-3 * abs(values[0]):
        if abs(values[0] + 1) < CLOSE:
            return Fact("wrong-sign", {"name": name})
        return Fact("constant-factor", {"name": name, "factor": values[0]})
    if min(numbers) == 1:
        return None
    each = tuple(Fact("factor-at-trial", {"factor": value, "trial": title}) for title, value in ratios.items())
    return Fact("factor-in-each-trial", {"name": name, "factors": each})


def _ratio(stored: FloatArray, right: FloatArray) -> float | None:
    """The one number with stored = number * right."""
    factor = float(np.sum(stored * right) / np.sum(right**2))
    return factor if factor and matches(stored, (factor * right)[None])[0] else None


def _sizes(name: Name, seen: Seen) -> Fact | None:
    same = all(matches(np.abs(s), np.abs(r)[None])[0] for _, s, r in seen)
    return Fact("wrong-signs-in-some", {"name": name}) if same else None


def _transposed(name: Name, seen: Seen) -> Fact | None:
    square = [(s, r) for _, s, r in seen if r.ndim == 3 and r.shape[1] == r.shape[2]]
    if not square or not all(matches(s, r.swapaxes(1, 2)[None])[0] for s, r in square):
        return None
    return Fact("is-transposed", {"name": name})


def _by_unit(name: Name, seen: Seen) -> Fact | None:
    """One ratio for each row of a weight gradient (delta is off), or for each column (the input is off)."""
    if any(r.ndim != 3 for _, _, r in seen):
        return None
    for axis, kind in ((2, "factor-for-each-row"), (1, "factor-for-each-column")):
        if all(_proportional(s, r, axis) for _, s, r in seen if min(r.shape[1:]) > 1):
            return Fact(kind, {"name": name})
    return None


def _proportional(stored: FloatArray, right: FloatArray, axis: int) -> bool:
    factor = np.sum(stored * right, axis=axis, keepdims=True) / np.sum(right**2, axis=axis, keepdims=True)
    return bool(matches(stored, (factor * right)[None])[0])


def _equal(name: Name, seen: Seen) -> Fact | None:
    flat = [s.reshape(len(s), -1) for _, s, _ in seen]
    several = [s for s in flat if s.shape[1] > 1]
    same = bool(several) and all(float(np.ptp(s, axis=1).max()) == 0 for s in several)
    return Fact("entries-are-equal", {"name": name}) if same else None


def _some_units(name: Name, seen: Seen) -> Fact | None:
    wrong = {title: entries for title, s, r in seen if (entries := _wrong(s, r)).size}
    if all(entries.mean() < 0.9 for entries in wrong.values()):
        share = float(np.concatenate([entries.reshape(-1) for entries in wrong.values()]).mean())
        return Fact("some-entries-are-wrong", {"name": name, "share": share})
    right = tuple(title for title, entries in wrong.items() if not entries.any())
    return Fact("right-at-some-trials", {"name": name, "trials": right}) if right else None


def _wrong(stored: FloatArray, right: FloatArray) -> NDArray[np.bool_]:
    """Which entries are wrong; without the calls in which everything must be zero, and is: that earns no credit."""
    telling = (right != 0).reshape(len(right), -1).any(1) | (stored != 0).reshape(len(stored), -1).any(1)
    wrong: NDArray[np.bool_] = np.abs(stored - right)[telling] > CLOSE * np.abs(right).max()
    return wrong


_RULES = (_not_finite, _zero, _nearly, _constant, _sizes, _transposed, _equal, _by_unit, _some_units)
_PLAIN = tuple(rule for rule in _RULES if rule is not _by_unit)
