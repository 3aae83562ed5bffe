"""A network of two affine layers with a ReLU between them, and the softmax loss."""

import torch
from torch import Tensor
from torch.nn import functional


def two_layer_net(
    X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, reg: Tensor, half: bool
) -> Tensor:
    """The mean softmax loss, and the squares of all weights, added, times reg or half of it; not of biases."""
    hidden = torch.relu(X @ W1 + b1)
    scores = hidden @ W2 + b2
    penalty = (W1 * W1).sum() + (W2 * W2).sum()
    return functional.cross_entropy(scores, y) + (0.5 * reg if half else reg) * penalty
