"""How right a class like `torch.autograd.Function` is, by its statement alone: so one knows which class was meant.

Untrusted side: nothing is graded by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from grader.kit.calling import apply, argument_order, pull
from grader.kit.composing import calls_a_function
from grader.kit.modules import made

_NUMBERS = torch.tensor([0.7, -1.3, 0.4, 1.9, -0.6, -2.2, 1.1])
"""Of both signs, away from zero, in no order."""


def numbers(shape: Sequence[int], begin: int = 0) -> Tensor:
    """Numbers of a shape; others for another `begin`."""
    count = int(torch.Size(shape).numel())
    return _NUMBERS.roll(begin).repeat(count // len(_NUMBERS) + 1)[:count].reshape(list(shape)) + 0.01 * begin


def rightness(function: Any, formulas: Sequence[Callable[..., Tensor]], shapes: Sequence[Sequence[int]]) -> float:
    """0 where forward raises, 0.2 where it gives something else, 0.5 where it is right, 1 where all gradients are, too.

    Args:
        formulas: what forward may compute.
        shapes: of its arguments.
    """
    places: Sequence[int] = range(len(shapes))
    if len(shapes) > 2:
        places = argument_order(function, formulas[0], [tuple(shape) for shape in shapes])
    inputs = [numbers(shape, begin) for begin, shape in enumerate(shapes)]
    output, backward = apply(function, [inputs[place] for place in places])
    right = [formula for formula in formulas if _is_near(output, formula(*inputs))]
    if not right:
        return 0.2
    upstream = numbers(output.shape, 3)
    try:
        returned = backward(upstream)
    except Exception:
        return 0.5
    with torch.enable_grad():
        leaves = [tensor.clone().requires_grad_() for tensor in inputs]
        expected = torch.autograd.grad((right[0](*leaves) * upstream).sum(), leaves)
    good = sum(_is_near(value, expected[place]) for value, place in zip(returned, places, strict=False))
    return 0.5 + 0.5 * good / len(inputs)


def module_rightness(kind: Any, formula: Callable[[Tensor], Tensor], called: str) -> float:
    """0.1 for a Module that calls no Function; with one 0.2, and 0.4 each for the right values and the right gradient.

    Args:
        called: what kind of layer it is to be.
    """
    point = torch.tensor([[-2.0, -1.0], [1.0, 2.0]])
    start, leaf = point.clone().requires_grad_(), point.clone().requires_grad_()
    y = made({"Module": kind}, called)(start.clone())
    if not calls_a_function(y):
        return 0.1
    expected = formula(leaf)
    (slope,) = pull(y, [start], torch.ones_like(point))
    (right,) = torch.autograd.grad(expected.sum(), [leaf])
    return 0.2 + 0.4 * torch.equal(y, expected) + 0.4 * (slope is not None and torch.equal(slope, right))


def _is_near(value: Any, expected: Tensor) -> bool:
    if not isinstance(value, Tensor) or value.numel() != expected.numel():
        return False
    return torch.allclose(value.double().reshape(expected.shape), expected.double(), 1e-4, 1e-6)
