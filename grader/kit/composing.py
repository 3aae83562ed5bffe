"""What a `torch.autograd.Function` does by itself, to compare with what becomes of it within other things.

So one mistake is counted once: where it is wrong, all that is made of it follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction

from grader.kit.calling import pull
from grader.kit.part import Report
from grader.wire.facts import Fact

OWN, ERROR = "own ", " error"


def follow_alone(function: Any, run: Callable[[Callable[[Tensor], Tensor], Report], object], report: Report) -> None:
    """Report what follows from a Function that is called by itself; nothing where that fails.

    One without any bend, such as the identity, is no stand-in, and nothing is compared with it.

    Args:
        run: reports what something that stands for the Function leads to.
    """
    with suppress(Exception):  # what the Function does by itself is told where there is something to tell
        _lend_a_backward(function)
        if bends(function):
            run(_apart(function), _as_own(report))


def calls_a_function(y: Any) -> bool:
    """Whether some Function written in Python stands between a tensor and what it was computed from."""
    nodes, seen = [getattr(y, "grad_fn", None)], set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, BackwardCFunction):
            return True
        if node is not None and node not in seen:
            seen.add(node)
            nodes += [before for before, _ in node.next_functions]
    return False


def gives_what_the_function_does(module: Any, function: Any) -> bool:
    """Whether a Module returns, for a small matrix, what its Function does, and by way of it."""
    x, _ = _small()
    y = module(x.clone().requires_grad_())
    return calls_a_function(y) and torch.equal(y, function.apply(x.clone()))


def bends(function: Any) -> bool:
    """Whether there is a bend in what a Function does to numbers, or in what it does to gradients."""
    x, g = _small()
    start = x.requires_grad_()
    y = function.apply(start.clone())
    values = y.detach().clone()
    with suppress(Exception):
        slope: Any = pull(y, [start], g)[0]
        if not torch.allclose(slope, slope[0, 0].expand(2, 2)):
            return True
    return not torch.allclose(values[0, 1] - values[0, 0], values[1, 1] - values[1, 0])


def _lend_a_backward(function: Any) -> None:
    """Where a backward gives nothing at all, put one in its place that passes everything.

    Its own marks are lost; what a Module and a network do with a Function can still be seen.
    """
    x, g = _small()
    start = x.requires_grad_()
    y = function.apply(start.clone())
    with suppress(Exception):
        (slope,) = pull(y, [start], g)
        if slope is not None and bool(slope.any()):
            return
    function.backward = staticmethod(lambda ctx, *g: (g[0], *[None] * (len(ctx.needs_input_grad) - 1)))


def _small() -> tuple[Tensor, Tensor]:
    """Two negative and two positive numbers, and an incoming gradient."""
    return torch.tensor([[-2.0, -1.0], [1.0, 2.0]]), torch.tensor([[1.0, 1.0], [1.0, 1.0]])


def _apart(function: Any) -> Callable[[Tensor], Tensor]:
    """What a Function does when nothing else is there: forward and backward are run in one go, on copies."""

    class Apart(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Any:
            ctx.save_for_backward(x.clone())
            return function.apply(x.clone()).detach().clone()

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Any:
            with torch.enable_grad():
                start = ctx.saved_tensors[0].detach().clone().requires_grad_()
                return pull(function.apply(start.clone()), [start], g.clone())

    return Apart.apply


def _as_own(report: Report) -> Report:
    """Report under the name of what is expected of the submission's own Function, without an error of its own."""

    def own(quantity: str, value: Any, why: Fact | None = None) -> None:
        report(f"{OWN}{quantity}", value, why)
        if value is not None:
            report(f"{OWN}{quantity}{ERROR}", torch.zeros_like(value))

    return own
