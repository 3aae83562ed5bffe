"""Expressions of single numbers, which are built first and differentiated afterwards."""

import torch
from torch import Tensor


def add_mul(a: Tensor, b: Tensor) -> Tensor:
    """A number that is used twice gets a gradient from each place."""
    return a * b + a


def numbers(a: Tensor, b: Tensor) -> Tensor:
    """Plain numbers on either side."""
    return 2 * a + b * 3 + 1 - b


def power(a: Tensor) -> Tensor:
    """Powers that are plain numbers."""
    return a**3 + a**-1


def quotient(a: Tensor, b: Tensor) -> Tensor:
    """A quotient."""
    return a / b


def relu(a: Tensor, b: Tensor) -> Tensor:
    """What is below zero becomes zero; a is below, b is above."""
    return torch.relu(a) * b + torch.relu(b) * a


def tanh(a: Tensor, b: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return torch.tanh(a * b) * a


def shared(a: Tensor, b: Tensor) -> Tensor:
    """What is used twice is itself made of others: gradients go on only when they are complete."""
    c = a * b
    d = c + a
    return d * c + d
