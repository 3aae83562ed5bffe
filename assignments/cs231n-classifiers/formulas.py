"""Losses of a linear classifier: scores are X W, and the sum of all squared weights, times reg, comes on top.

In some years of the course it is half of it, and either counts.
"""

import torch
from torch import Tensor
from torch.nn import functional


def svm(W: Tensor, X: Tensor, y: Tensor, reg: Tensor, half: bool) -> Tensor:
    """The hinge loss of every wrong class with margin 1: added over classes, mean over examples."""
    scores = X @ W
    right = scores.gather(1, y[:, None])
    margins = torch.relu(scores - right + 1)
    data_loss = (margins.sum() - len(X)) / len(X)
    return data_loss + _penalty(W, reg, half)


def softmax(W: Tensor, X: Tensor, y: Tensor, reg: Tensor, half: bool) -> Tensor:
    """The mean over the examples of -log of the probability of the right class."""
    scores = X @ W
    return functional.cross_entropy(scores, y) + _penalty(W, reg, half)


def _penalty(W: Tensor, reg: Tensor, half: bool) -> Tensor:
    penalty = reg * (W * W).sum()
    return 0.5 * penalty if half else penalty
