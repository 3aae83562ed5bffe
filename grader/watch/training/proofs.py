"""What proves that a step goes uphill, or that a loss compares every prediction with every target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

Facts = dict[str, float]
_ROUNDING = 2.0**-21
"""Of single precision, with a margin: relative to the parameter."""


def multiple(change: NDArray[np.float64], gradient: NDArray[np.float64], value: NDArray[np.float64]) -> float | None:
    """The rate by which a change of parameters is a multiple of a gradient; None where that is not so, or uncertain.

    It is uncertain where there are few entries, and where the change may be rounding.
    """
    if change.size < 2 or not (np.isfinite(change).all() and np.isfinite(gradient).all() and gradient.any()):
        return None
    largest = float(np.abs(change).max())
    noise = _ROUNDING * float(np.abs(value).max())
    rate = float(change.ravel() @ gradient.ravel()) / float(gradient.ravel() @ gradient.ravel())
    rest = float(np.abs(change - rate * gradient).max())
    return rate if largest > 30 * noise and rest <= 2e-3 * largest + noise else None


def uphill(updates: int, rate: float, losses: Sequence[float]) -> Facts:
    """That every update went uphill, where the loss rises as well; else nothing."""
    third = len(losses) // 3
    if updates < 5 or not third:
        return {}
    first, last = sum(losses[:third]) / third, sum(losses[-third:]) / third
    if not last > 1.01 * first > 0:
        return {}
    return {"uphill": updates, "rate": rate, "first loss": first, "last loss": last}


def is_spread(prediction: torch.Tensor, target: torch.Tensor) -> bool:
    """Whether as many targets as predictions, more than one, are stretched against each other: (N, 1) and (N,)."""
    shapes = sorted((tuple(prediction.shape), tuple(target.shape)), key=len)
    entries = prediction.numel()
    return entries > 1 and shapes == [(entries,), (entries, 1)]


def is_loss_of(loss: torch.Tensor, prediction: torch.Tensor, target: torch.Tensor) -> bool:
    """Whether a loss is the mean or the sum of all N x N squared differences, and not that of the N that are asked for.

    Several numbers are compared by their sum: a mean for each column.
    """
    entries = len(prediction)
    total = float(((prediction - target).detach().double() ** 2).sum())
    own = float(((prediction.reshape(-1) - target.reshape(-1)).detach().double() ** 2).sum())
    value = float(loss.detach().double().sum())
    near = any(abs(value * scale - total) <= 1e-5 * total for scale in (entries**2, entries, 1))
    other = any(abs(value * scale - own) <= 1e-4 * own for scale in (entries, 1))
    return near and not other
