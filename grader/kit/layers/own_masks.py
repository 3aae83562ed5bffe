"""Layers in which a submission draws a mask, such as dropout: what it gives, as if it had kept everything.

A mask shows in the output, or else in a gradient: what is zero there was left out. What a right submission gives is
the formula and its gradients at that mask; so what it gives, less these, plus those at a mask of ones, is the same
whatever was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grader.kit.layers.layer import Layer

_UNLIKELY = 5.0
"""Standard deviations by which the share of ones may be off."""


def as_if_all_were_kept(
    layer: Layer,
    point: Mapping[str, Tensor],
    upstream: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """What a submission gave, corrected for its mask; as it is, where it shows no mask that could have been drawn."""
    name = layer.own_masks[0]
    ones = np.ones(layer.domains[name].shape(sizes))
    at_ones = _at(layer, point, upstream, sizes, ones)
    keep = layer.domains[name].keep
    masks = {quantity: _shown(told.get(quantity), whole, ones) for quantity, whole in at_ones.items()}
    drawn = {quantity: mask for quantity, mask in masks.items() if mask is not None and _may_be_drawn(mask, keep)}
    if not drawn:
        return dict(told)
    mask = drawn[
        min(drawn, key=lambda quantity: (quantity in layer.gradients, abs(np.nanmean(drawn[quantity]) - keep)))
    ]
    at_mask = _at(layer, point, upstream, sizes, np.where(np.isnan(mask), 1.0, mask))
    return {
        quantity: value - at_mask[quantity] + at_ones[quantity]
        if isinstance(value, np.ndarray) and value.shape == at_mask[quantity].shape
        else value
        for quantity, value in told.items()
    }


def _shown(told: Any, whole: NDArray[Any], ones: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The mask that a quantity shows, whose first axes are those of the mask; NaN where it is zero in any case."""
    if not isinstance(told, np.ndarray) or told.shape != whole.shape or told.shape[: ones.ndim] != ones.shape:
        return None
    kept, tells = ((each != 0).reshape(*ones.shape, -1).any(-1) for each in (told, whole))
    return np.where(tells, kept.astype(float), np.nan)


def _may_be_drawn(mask: NDArray[np.float64], keep: float) -> bool:
    tells = mask[~np.isnan(mask)]
    spread = sqrt(keep * (1 - keep) / max(tells.size, 1))
    return bool(tells.size) and abs(float(tells.mean()) - keep) <= _UNLIKELY * spread + 1e-9


def _at(
    layer: Layer,
    point: Mapping[str, Tensor],
    upstream: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    mask: NDArray[np.float64],
) -> dict[str, NDArray[Any]]:
    """What the formula gives with a mask, and its gradients."""
    name = layer.own_masks[0]
    point = {**point, name: torch.as_tensor(mask).to(point[name])}
    inputs = {n: t.clone().requires_grad_() if n in layer.wanted else t for n, t in point.items()}
    with torch.enable_grad():
        found = torch.autograd.grad(
            layer.scalar(inputs, upstream), [inputs[n] for n in layer.wanted], allow_unused=True, materialize_grads=True
        )
    gradients = dict(zip(layer.wanted, found, strict=True))
    with torch.no_grad():
        values = {name: value.numpy() for name, value in layer.values(inputs).items()}
    return values | {n: gradients[s].numpy() * layer.scale(n, sizes) for n, s in layer.gradients.items()}
