"""Layers in which a submission draws a mask, such as dropout: what it gives, as if it had kept everything.

A mask shows in the output: what is zero there was left out. What a right submission gives is the formula and its
gradients at that mask; so what it gives, less these, plus those at a mask of ones, is the same whatever was drawn.
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
    shown = next((told[name] for name in layer.values(point) if isinstance(told.get(name), np.ndarray)), None)
    name = layer.own_masks[0]
    if shown is None or shown.shape != layer.domains[name].shape(sizes):
        return dict(told)
    mask = (shown != 0).astype(float)
    if not _may_be_drawn(mask, layer.domains[name].keep):
        return dict(told)
    at_mask, at_ones = (
        _given(layer, {**point, name: torch.as_tensor(each).to(point[name])}, upstream, sizes)
        for each in (mask, np.ones_like(mask))
    )
    return {
        quantity: value - at_mask[quantity] + at_ones[quantity]
        if isinstance(value, np.ndarray) and value.shape == at_mask[quantity].shape
        else value
        for quantity, value in told.items()
    }


def _may_be_drawn(mask: NDArray[np.float64], keep: float) -> bool:
    spread = sqrt(keep * (1 - keep) / mask.size)
    return abs(float(mask.mean()) - keep) <= _UNLIKELY * spread + 1e-9


def _given(
    layer: Layer, point: Mapping[str, Tensor], upstream: Mapping[str, Tensor], sizes: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    """What the formula gives with a mask, and its gradients."""
    inputs = {n: t.clone().requires_grad_() if n in layer.wanted else t for n, t in point.items()}
    with torch.enable_grad():
        found = torch.autograd.grad(
            layer.scalar(inputs, upstream), [inputs[n] for n in layer.wanted], allow_unused=True, materialize_grads=True
        )
    gradients = dict(zip(layer.wanted, found, strict=True))
    with torch.no_grad():
        values = {name: value.numpy() for name, value in layer.values(inputs).items()}
    return values | {n: gradients[s].numpy() * layer.scale(n, sizes) for n, s in layer.gradients.items()}
