"""A network of layers whose examples are the m columns of a matrix.

Of a cost that is a mean over m examples, the course divides by m at the weights and biases, not at what goes on.
"""

import torch
from torch import Tensor
from torch.nn import functional


def linear(A: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """The linear part of a layer."""
    return W @ A + b


def linear_relu(A_prev: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """A layer with a ReLU."""
    return torch.relu(linear(A_prev, W, b))


def linear_sigmoid(A_prev: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """A layer with a sigmoid."""
    return torch.sigmoid(linear(A_prev, W, b))


def model(X: Tensor, Y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, W3: Tensor, b3: Tensor) -> Tensor:
    """Three layers, the last one with a sigmoid, and the mean cross-entropy of what comes out."""
    hidden = linear_relu(linear_relu(X, W1, b1), W2, b2)
    AL = linear_sigmoid(hidden, W3, b3)
    return functional.binary_cross_entropy(AL, Y)
