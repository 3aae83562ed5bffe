"""Normalisation by the mean and the variance: over the examples, or over the features of each example."""

import torch
from torch import Tensor

EPS = 1e-5


def batchnorm(x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor) -> dict[str, Tensor]:
    """Each feature with the mean and the (biased) variance that it has among the examples.

    Running statistics keep 0.8 of what they were, and take 0.2 of these; `out_test` is the output when tested, by the
    running statistics that were there before.
    """
    return {
        "out": batchnorm_alt(x, gamma, beta),
        "new_mean": 0.8 * mean + 0.2 * x.mean(0),
        "new_var": 0.8 * var + 0.2 * x.var(0, unbiased=False),
        "out_test": gamma * (x - mean) / torch.sqrt(var + EPS) + beta,
    }


def batchnorm_alt(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """The same without them."""
    return gamma * _normalised(x, 0) + beta


def layernorm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each example with the mean and the (biased) variance of its own features."""
    return gamma * _normalised(x, 1) + beta


def _normalised(x: Tensor, axis: int) -> Tensor:
    centred = x - x.mean(axis, keepdim=True)
    variance = (centred * centred).mean(axis, keepdim=True)
    return centred / torch.sqrt(variance + EPS)
