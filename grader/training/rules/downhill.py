"""Any other rule, by its outcome: momentum, weight decay, clipping, a rate for each parameter, Adam, and what comes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.wire.trace import Array, Update

_SEVERAL = 4
_AGAINST, _ALONG = -0.4, 0.85


class Downhill:
    """On the whole entries move against their gradients, and none along with its own.

    The correlation of change and gradient, over all updates, is below -0.4 for all entries together, and for no entry
    above 0.85: momentum may carry one past its minimum, a wrong sign gives 1. Momentum of 0.9 has -0.58 in eight
    updates whose gradients have nothing to do with one another; the eleven entries of eight steps that have nothing to
    do with the gradient are below -0.4 once in ten thousand times. Gradients count as they are, or each alike: one that
    is a hundred times as long as the others, and was clipped, does not stand for all.
    """

    def allows(self, updates: Sequence[Update]) -> bool:
        """Whether all updates together lead downhill."""
        if len(updates) < _SEVERAL:
            return False
        gradients, changes = (np.stack([getattr(u, name) for u in updates]) for name in ("gradient", "change"))
        lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
        return _lead_down(gradients, changes) or _lead_down(gradients / np.where(lengths > 0, lengths, 1.0), changes)


def _lead_down(gradients: Array, changes: Array) -> bool:
    products, sizes = (gradients * changes).sum(0), np.sqrt((gradients**2).sum(0) * (changes**2).sum(0))
    large = np.abs(gradients).max(0) > 1e-3 * np.abs(gradients).max(initial=0.0)
    along = products / np.where(sizes > 0, sizes, 1.0)
    whole = float(np.linalg.norm(gradients) * np.linalg.norm(changes))
    return whole > 0 and products.sum() < _AGAINST * whole and bool(np.all(along[large] <= _ALONG))
