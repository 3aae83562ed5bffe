"""What each layer computes on the way forth."""

import torch
from torch import Tensor
from torch.nn import functional

EPS = 1e-5


def linear(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Each example, whatever its shape, as one row; times w, plus b."""
    return x.flatten(1) @ w + b


def relu(x: Tensor) -> Tensor:
    """What is below zero becomes zero."""
    return torch.relu(x)


def linear_relu(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """A linear layer, and a ReLU after it."""
    return torch.relu(x @ w + b)


def conv(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Each filter slid over each image, which has a border of one zero, in steps of two."""
    return functional.conv2d(x, w, b, stride=2, padding=1)


def max_pool(x: Tensor) -> Tensor:
    """The largest of each three by two numbers; windows that lie one below the other share a row."""
    return functional.max_pool2d(x, (3, 2), 2)


def batchnorm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each feature with the mean and the (biased) variance that it has among the examples."""
    centred = x - x.mean(0)
    variance = (centred * centred).mean(0)
    return gamma * centred / torch.sqrt(variance + EPS) + beta
