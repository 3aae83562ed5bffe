"""The derivative of a submission's own forward pass, by finite differences of it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

_STEP = 2.0**-8
_ROUNDINGS = 2.0**-48
"""What a forward pass in float64 may be off by, relative to its largest output: sixteen roundings."""


def jacobian(forward: Callable[..., Any], inputs: Sequence[Tensor], number: int) -> tuple[Tensor, Tensor]:
    """The derivative of the output with respect to one input, with error bars, by central differences of fourth order.

    D(h) = [8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))] / 12h. The bar is |D(h) - D(h/2)|, 15 times the truncation error
    of the better one for smooth functions, and what rounding may do to D. Kinks must be more than 2 h = 2^-7 away.

    One call after the other: for the few dozen entries of a probe `torch.func.vmap` takes as long to start as this
    takes in all, and it refuses much that students write.

    Args:
        forward: a function of all inputs by position; called on float64 copies.
        number: which input is moved.

    Returns:
        The derivative and its error bars, both of shape (entries of the input, entries of the output).
    """
    at = [tensor.double() for tensor in inputs]

    def value(entry: int, shift: float) -> Tensor:
        moved = [tensor.clone() for tensor in at]
        moved[number].view(-1)[entry] += shift
        return torch.as_tensor(forward(*moved)).detach().double().flatten()

    fine, bars = [], []
    for entry in range(at[number].numel()):
        up = [value(entry, factor * _STEP) for factor in (0.5, 1.0, 2.0)]
        down = [value(entry, -factor * _STEP) for factor in (0.5, 1.0, 2.0)]
        half, one, two = (a - b for a, b in zip(up, down, strict=True))
        better, worse = (8 * half - one) / (6 * _STEP), (8 * one - two) / (12 * _STEP)
        noise = _ROUNDINGS * up[0].abs().max() / _STEP
        fine.append(better)
        bars.append((better - worse).abs() + noise)
    return torch.stack(fine), torch.stack(bars)


@contextmanager
def in_double() -> Iterator[None]:
    """While it is entered, new tensors are of double precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
