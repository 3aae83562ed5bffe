"""Does a series of updates follow the gradient? Pure numbers: parameters, changes and gradients in, words out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_ROUNDING = 8 * 2.0**-23
_RELATIVE = 2e-3
"""How far the change may be from a multiple of the rule: float32 loses digits where a step is small."""


@dataclass(frozen=True)
class Update:
    """Some entries of all parameters: value, change, `.grad` at the time, and the gradient since the last update."""

    value: Array
    change: Array
    gradient: Array
    fresh: Array

    def allows(self, rest: Array) -> bool:
        """Whether what is left of the change when a rule is taken away may be rounding."""
        scale = np.max(np.abs(self.change), initial=0.0)
        return bool(np.all(np.abs(rest) <= _ROUNDING * (np.abs(self.value) + np.abs(self.change)) + _RELATIVE * scale))


def update_objection(updates: Sequence[Update]) -> str | None:
    """What is wrong with a series of updates that began with the first of a training."""
    if not updates:
        return None
    if not all(np.isfinite(np.concatenate([u.change, u.gradient, u.fresh])).all() for u in updates):
        updates = updates[:1]
        if not np.isfinite(np.concatenate([updates[0].change, updates[0].gradient])).all():
            return "is not a number"
    if any(rule(updates) for rule in RULES):
        return None
    number, odd = next(
        (n, u) for n, u in enumerate(updates, start=1) if not (_follows(u, u.gradient) or _follows(u, u.fresh))
    )
    rate = -_ratio(odd)
    if rate < 0 and odd.allows(odd.change + rate * odd.gradient):
        return f"goes uphill: the parameters change by +{-rate:.4g} times the gradient"
    return f"is no multiple of minus the gradient: at update {number}, {_unlike(odd)}"


def _ratio(update: Update) -> float:
    """The change over the gradient, by least squares."""
    square = float(update.gradient @ update.gradient)
    return float(update.change @ update.gradient) / square if square else 0.0


def _unlike(update: Update) -> str:
    """Two entries that change by different multiples of their gradients, or one that changes without a gradient."""
    change, gradient = update.change, update.gradient
    large = np.abs(gradient) > 1e-3 * np.max(np.abs(gradient), initial=0.0)
    if large.any():
        ratios = np.where(large, change / np.where(large, gradient, 1.0), np.nan)
        low, high = int(np.nanargmin(ratios)), int(np.nanargmax(ratios))
        if ratios[high] - ratios[low] > _RELATIVE * np.nanmax(np.abs(ratios)):
            return (
                f"entry {low} changes by {change[low]:.5g}, {ratios[low]:.4g} times its gradient, and"
                f" entry {high} by {change[high]:.5g}, {ratios[high]:.4g} times its gradient"
            )
    worst = int(np.argmax(np.where(large, 0.0, np.abs(change))))
    return f"entry {worst} changes by {change[worst]:.5g}, where the gradient is {gradient[worst]:.5g}"


def _descent(updates: Sequence[Update]) -> bool:
    """Descent: dp = -lr g, with a rate for each update."""
    return all(_follows(u, u.gradient) or _follows(u, u.fresh) for u in updates)


def _follows(update: Update, direction: Array) -> bool:
    square = float(direction @ direction)
    rate = -float(update.change @ direction) / square if square else 0.0
    return (rate > 0 or not update.change.any()) and update.allows(update.change + rate * direction)


def _own_rates(updates: Sequence[Update]) -> bool:
    """Descent by entries: dp_i = -lr_i g_i, a rate for each entry that stays the same: one for w, another for b."""
    if len(updates) < 2:
        return False
    gradients, changes = (np.stack([getattr(u, name) for u in updates]) for name in ("gradient", "change"))
    squares = (gradients**2).sum(0)
    rates = np.where(squares > 0, -(gradients * changes).sum(0) / np.where(squares > 0, squares, 1), 0)
    return bool(np.all(rates >= 0)) and all(u.allows(u.change + rates * u.gradient) for u in updates)


def _momentum_and_decay(updates: Sequence[Update]) -> bool:
    """Momentum and weight decay: dp = -lr g + mu dp' - decay p, with 0 <= mu < 1 and rates that stay the same."""
    if len(updates) < 4:
        return False
    rows, targets = [], []
    for before, now in itertools.pairwise(updates):
        rows.append(np.stack([now.gradient, before.change, now.value], axis=1))
        targets.append(now.change)
    matrix, target = np.concatenate(rows), np.concatenate(targets)
    scale = np.where((norms := np.linalg.norm(matrix, axis=0)) > 0, norms, 1)
    factors = np.linalg.lstsq(matrix / scale, target, rcond=None)[0] / scale
    legal = factors[0] < 0 and -0.01 <= factors[1] < 0.999 and -0.5 < factors[2] <= 1e-6
    fits = (now.allows(now.change - row @ factors) for now, row in zip(updates[1:], rows, strict=True))
    return (
        bool(legal)
        and all(fits)
        and _follows(updates[0], updates[0].gradient - factors[2] / factors[0] * -updates[0].value)
    )


def _momentum_of_clipped(updates: Sequence[Update]) -> bool:
    """Momentum with a rate for each update, as of gradients whose norm is clipped: dp = -lr_t g + mu dp'."""
    if len(updates) < _SEVERAL or not _follows(updates[0], updates[0].gradient):
        return False
    pairs = [(before.change, now) for before, now in itertools.pairwise(updates)]
    across = [(_across(change, now.gradient), _across(now.change, now.gradient)) for change, now in pairs]
    square = sum(float(old @ old) for old, _ in across)
    mu = sum(float(old @ new) for old, new in across) / square if square else 0.0
    rests = (replace(now, change=now.change - mu * change) for change, now in pairs)
    return 0 <= mu < 0.999 and all(_follows(rest, rest.gradient) for rest in rests)


def _across(vector: Array, direction: Array) -> Array:
    """What is left of a vector without its part along a direction."""
    square = float(direction @ direction)
    return vector - direction * (float(vector @ direction) / square) if square else vector


def _adam(gradients: Sequence[Array]) -> Iterator[Array]:
    first, second = np.zeros_like(gradients[0]), np.zeros_like(gradients[0])
    for step, gradient in enumerate(gradients, start=1):
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        yield first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)


def _rmsprop(gradients: Sequence[Array], keep: float) -> Iterator[Array]:
    second = np.zeros_like(gradients[0])
    for gradient in gradients:
        second = keep * second + (1 - keep) * gradient**2
        yield gradient / (np.sqrt(second) + 1e-8)


def _adagrad(gradients: Sequence[Array]) -> Iterator[Array]:
    total = np.zeros_like(gradients[0])
    for gradient in gradients:
        total = total + gradient**2
        yield gradient / (np.sqrt(total) + 1e-8)


def _replayed(make: Callable[[Sequence[Array]], Iterator[Array]]) -> Callable[[Sequence[Update]], bool]:
    """A rule that can be computed again from the gradients of all updates so far."""

    def rule(updates: Sequence[Update]) -> bool:
        directions = list(make([u.gradient for u in updates]))
        return all(_follows(u, direction) for u, direction in zip(updates, directions, strict=True))

    return rule


def _against_the_gradient(updates: Sequence[Update]) -> bool:
    """Any other rule, by its outcome: on the whole entries move against their gradients, and none along with its own.

    The correlation of change and gradient, over all updates, is below -0.4 for all entries together, and for no entry
    above 0.85: momentum may carry one past its minimum, a wrong sign gives 1. Momentum of 0.9 has -0.58 in eight
    updates whose gradients have nothing to do with one another; the eleven entries of eight steps that have nothing to
    do with the gradient are below -0.4 once in ten thousand times.
    """
    if len(updates) < _SEVERAL:
        return False
    gradients, changes = (np.stack([getattr(u, name) for u in updates]) for name in ("gradient", "change"))
    large = np.abs(gradients).max(0) > 1e-3 * np.abs(gradients).max(initial=0.0)
    products, sizes = (gradients * changes).sum(0), np.sqrt((gradients**2).sum(0) * (changes**2).sum(0))
    along = products / np.where(sizes > 0, sizes, 1.0)
    whole = float(np.linalg.norm(gradients) * np.linalg.norm(changes))
    return whole > 0 and products.sum() < -0.4 * whole and bool(np.all(along[large] <= 0.85))


_SEVERAL = 4

RULES: Sequence[Callable[[Sequence[Update]], bool]] = (
    _descent,
    _own_rates,
    _momentum_and_decay,
    _momentum_of_clipped,
    _replayed(_adam),
    _replayed(lambda gradients: _rmsprop(gradients, 0.9)),
    _replayed(lambda gradients: _rmsprop(gradients, 0.99)),
    _replayed(_adagrad),
    _against_the_gradient,
)
"""What an update may be; plain descent first."""
