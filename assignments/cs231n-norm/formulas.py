"""Normalisation by the mean and the variance: over the examples, or over the features of each example."""

import torch
from torch import Tensor

EPS = 1e-5


def batchnorm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each feature with the mean and the (biased) variance that it has among the examples."""
    return gamma * _normalised(x, 0) + beta


def layernorm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each example with the mean and the (biased) variance of its own features."""
    return gamma * _normalised(x, 1) + beta


def _normalised(x: Tensor, axis: int) -> Tensor:
    centred = x - x.mean(axis, keepdim=True)
    variance = (centred * centred).mean(axis, keepdim=True)
    return centred / torch.sqrt(variance + EPS)
