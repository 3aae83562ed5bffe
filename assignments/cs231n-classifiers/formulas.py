"""Losses of a linear classifier: scores are X W, and the sum of all squared weights, times reg, comes on top."""

import torch
from torch import Tensor
from torch.nn import functional


def svm(W: Tensor, X: Tensor, y: Tensor, reg: Tensor) -> Tensor:
    """The hinge loss of every wrong class with margin 1: added over classes, mean over examples."""
    scores = X @ W
    right = scores.gather(1, y[:, None])
    margins = torch.relu(scores - right + 1)
    data_loss = (margins.sum() - len(X)) / len(X)
    return data_loss + reg * (W * W).sum()


def softmax(W: Tensor, X: Tensor, y: Tensor, reg: Tensor) -> Tensor:
    """The mean over the examples of -log of the probability of the right class."""
    scores = X @ W
    return functional.cross_entropy(scores, y) + reg * (W * W).sum()
