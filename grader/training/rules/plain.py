"""Gradient descent: dp = -lr g, with a rate for each update."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.wire.facts import Fact, Value
from grader.wire.trace import Array, Update

_ROUNDING = 8 * 2.0**-23
_RELATIVE = 2e-3
"""How far the change may be from a multiple of the gradient: float32 loses digits where a step is small."""


class PlainDescent:
    """A change is minus a rate times a gradient: what `.grad` held, or what was computed since the last update."""

    def allows(self, updates: Sequence[Update]) -> bool:
        """Whether all updates are such steps."""
        return all(_follows(u, u.gradient) or _follows(u, u.fresh) for u in updates)

    def objection(self, updates: Sequence[Update]) -> Fact:
        """What the first update that is none does: it goes uphill, or entries change at different rates."""
        number, odd = next(
            (n, u) for n, u in enumerate(updates, start=1) if not (_follows(u, u.gradient) or _follows(u, u.fresh))
        )
        rate = -_ratio(odd)
        if rate < 0 and _may_be_rounding(odd, odd.change + rate * odd.gradient):
            return Fact("update-uphill", {"rate": -rate})
        return _unlike(number, odd)


def _follows(update: Update, direction: Array) -> bool:
    square = float(direction @ direction)
    rate = -float(update.change @ direction) / square if square else 0.0
    return (rate > 0 or not update.change.any()) and _may_be_rounding(update, update.change + rate * direction)


def _may_be_rounding(update: Update, rest: Array) -> bool:
    """Whether what is left of the change when a rule is taken away may be rounding."""
    scale = np.max(np.abs(update.change), initial=0.0)
    return bool(np.all(np.abs(rest) <= _ROUNDING * (np.abs(update.value) + np.abs(update.change)) + _RELATIVE * scale))


def _ratio(update: Update) -> float:
    """The change over the gradient, by least squares."""
    square = float(update.gradient @ update.gradient)
    return float(update.change @ update.gradient) / square if square else 0.0


def _unlike(number: int, update: Update) -> Fact:
    """Two entries that change by different multiples of their gradients, or one that changes without a gradient."""
    change, gradient = update.change, update.gradient
    large = np.abs(gradient) > 1e-3 * np.max(np.abs(gradient), initial=0.0)
    if large.any():
        ratios = np.where(large, change / np.where(large, gradient, 1.0), np.nan)
        low, high = int(np.nanargmin(ratios)), int(np.nanargmax(ratios))
        if ratios[high] - ratios[low] > _RELATIVE * np.nanmax(np.abs(ratios)):
            values: dict[str, Value] = {
                "update": number, "low": low, "change": float(change[low]), "ratio": float(ratios[low]),
                "high": high, "other_change": float(change[high]), "other_ratio": float(ratios[high]),
            }  # fmt: skip
            return Fact("update-at-two-rates", values)
    worst = int(np.argmax(np.where(large, 0.0, np.abs(change))))
    told = {"update": number, "entry": worst, "change": float(change[worst]), "gradient": float(gradient[worst])}
    return Fact("update-no-multiple", told)
