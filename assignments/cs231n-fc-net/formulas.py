"""Fully connected networks: affine layers with a ReLU after each but the last, and the softmax loss."""

import torch
from torch import Tensor
from torch.nn import functional

EPS = 1e-5


def plain(
    X: Tensor,
    y: Tensor,
    W1: Tensor,
    b1: Tensor,
    W2: Tensor,
    b2: Tensor,
    W3: Tensor,
    b3: Tensor,
    reg: Tensor,
) -> Tensor:
    """Three layers; half the sum of all squared weights comes on top, times reg."""
    hidden = torch.relu(torch.relu(X @ W1 + b1) @ W2 + b2)
    penalty = (W1 * W1).sum() + (W2 * W2).sum() + (W3 * W3).sum()
    return functional.cross_entropy(hidden @ W3 + b3, y) + 0.5 * reg * penalty


def batchnorm(
    X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, gamma1: Tensor, beta1: Tensor, W2: Tensor, b2: Tensor
) -> Tensor:
    """Two layers, with batch normalisation between the first affine layer and its ReLU."""
    hidden = torch.relu(gamma1 * _normalised(X @ W1 + b1, 0) + beta1)
    return functional.cross_entropy(hidden @ W2 + b2, y)


def layernorm(
    X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, gamma1: Tensor, beta1: Tensor, W2: Tensor, b2: Tensor
) -> Tensor:
    """The same with layer normalisation."""
    hidden = torch.relu(gamma1 * _normalised(X @ W1 + b1, 1) + beta1)
    return functional.cross_entropy(hidden @ W2 + b2, y)


def dropout(X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, mask: Tensor) -> Tensor:
    """Two layers, with inverted dropout after the ReLU: what the mask keeps, the submission's own, is doubled."""
    hidden = torch.relu(X @ W1 + b1) * mask / 0.5
    return functional.cross_entropy(hidden @ W2 + b2, y)


def _normalised(x: Tensor, axis: int) -> Tensor:
    centred = x - x.mean(axis, keepdim=True)
    return centred / torch.sqrt((centred * centred).mean(axis, keepdim=True) + EPS)
