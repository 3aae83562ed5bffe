"""Functions that autograd differentiates: what an exercise expects of students where the reference is not at hand.

`by_machine.py` of an exercise is made of these. Submissions cannot import them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

Formula = Callable[..., Tensor]


def gradients(formula: Formula, inputs: Sequence[Tensor], upstream: Tensor | None = None) -> tuple[Tensor, ...]:
    """For each input, the derivative of the sum of `upstream` (by default ones) times the formula, shaped like it."""
    with torch.enable_grad():
        moved = [value.detach().clone().requires_grad_() for value in inputs]
        output = formula(*moved)
        return torch.autograd.grad(output, moved, torch.ones_like(output) if upstream is None else upstream)


def differentiated(formula: Formula) -> type[torch.autograd.Function]:
    """A Function whose forward is a formula, and whose backward is what autograd finds in it."""

    class Differentiated(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *inputs: Tensor) -> Tensor:
            ctx.save_for_backward(*inputs)
            return formula(*inputs)

        @staticmethod
        def backward(ctx: Any, *upstream: Tensor) -> Any:
            found = gradients(formula, ctx.saved_tensors, upstream[0])
            return found if len(found) > 1 else found[0]

    return Differentiated
