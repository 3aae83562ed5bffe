"""Functions of single numbers, and an expression of them that uses some of its parts twice."""

import torch
from torch import Tensor


def mul(a: Tensor, b: Tensor) -> Tensor:
    """The product."""
    return a * b


def log(a: Tensor) -> Tensor:
    """The natural logarithm."""
    return torch.log(a)


def inv(a: Tensor) -> Tensor:
    """One divided by the number."""
    return 1 / a


def neg(a: Tensor) -> Tensor:
    """The number with the other sign."""
    return -a


def sigmoid(a: Tensor) -> Tensor:
    """1 / (1 + exp(-a))."""
    return torch.sigmoid(a)


def relu(a: Tensor) -> Tensor:
    """What is below zero becomes zero."""
    return torch.relu(a)


def exp(a: Tensor) -> Tensor:
    """The exponential."""
    return torch.exp(a)


def backpropagation(a: Tensor, b: Tensor) -> Tensor:
    """An expression whose parts are used more than once."""
    c = a * b
    return torch.sigmoid(c) * c + torch.log(b) / a + torch.relu(c) - torch.relu(b) * a
