"""Call a class that is written like `torch.autograd.Function`, with a plain context or through `.apply`.

Untrusted side: what is passed in was written by students. No answer is here; formulas come from the exercise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from grader.kit.context import Context
from grader.kit.part import NotAttempted
from grader.wire.facts import Fact

Backward = Callable[[Tensor], tuple[Any, ...]]


def call(function: Any, inputs: Sequence[Tensor]) -> tuple[Any, Backward]:
    """Call `forward` with a plain context, and give what it returns and the way back.

    Without autograd, so nothing is hidden: what `backward` returns is seen as it is. Classes of the newer style, whose
    `forward` gets no context, get theirs through `setup_context`.

    Raises:
        NotAttempted: `forward` returns nothing.
    """
    context = Context()
    context.needs_input_grad = (True,) * len(inputs)
    output = forward(function, context, inputs)
    if output is None:
        raise NotAttempted(Fact("forward-returns-nothing"))
    return output, lambda upstream: as_tuple(function.backward(context, upstream))


def forward(function: Any, context: Context, inputs: Sequence[Any]) -> Any:
    """What `forward` returns; in the newer style it gets no context, and `setup_context` is given it afterwards."""
    given = torch.autograd.Function.setup_context
    if getattr(function, "setup_context", given) is given:
        return function.forward(context, *inputs)
    output = function.forward(*inputs)
    function.setup_context(context, tuple(inputs), output)
    return output


def call_in_order(function: Any, order: Sequence[int], inputs: Sequence[Tensor]) -> tuple[Any, Backward]:
    """`call`, for a class that takes its inputs in another order: see `argument_order`.

    Inputs, and the gradients that the way back gives, are in the order of the statement.
    """
    output, backward = call(function, [inputs[place] for place in order])

    def in_the_order_of_the_statement(upstream: Tensor) -> tuple[Any, ...]:
        returned = backward(upstream)
        return tuple(returned[order.index(place)] for place in range(len(order)))

    return output, in_the_order_of_the_statement


def apply(function: Any, inputs: Sequence[Any]) -> tuple[Tensor, Backward]:
    """Call through `.apply`, as autograd does, and give the value and the way back, which is to be gone once.

    Where autograd refuses what `backward` returns for all inputs together, the inputs are tried one by one: a gradient
    that is right is not lost for one that is not. If all are refused, the first refusal is raised. What is no tensor of
    real numbers has no gradient.

    Raises:
        NotAttempted: `forward` returns nothing.
        TypeError: it returns no tensor.
    """
    real = [place for place, value in enumerate(inputs) if isinstance(value, Tensor) and value.is_floating_point()]
    output, leaves = _applied(function, inputs, real)
    if output is None:
        raise NotAttempted(Fact("forward-returns-nothing"))
    if not isinstance(output, Tensor):
        raise TypeError(f"forward returned a {type(output).__name__}; autograd goes on from tensors only")

    def backward(upstream: Tensor) -> tuple[Any, ...]:
        try:
            found = pull(output, leaves, upstream.clone())
        except Exception as error:
            found = tuple(_alone(function, inputs, place, upstream) for place in real)
            if all(gradient is None for gradient in found):
                raise error from None
        by_place = dict(zip(real, found, strict=True))
        return tuple(by_place.get(place) for place in range(len(inputs)))

    return output.detach(), backward


def as_tuple(returned: Any) -> tuple[Any, ...]:
    """What `backward` returned, as one gradient for each input: a single one may come without a tuple."""
    return tuple(returned) if isinstance(returned, tuple | list) else (returned,)


def lying_otherwise(tensor: Tensor) -> Tensor:
    """The same numbers, which do not lie in memory one after the other, as what autograd hands back often does not."""
    backwards = tuple(range(tensor.ndim))[::-1]
    turned = tensor.permute(backwards)
    return torch.stack([turned, turned], -1)[..., 0].permute(backwards)


def argument_order(function: Any, formula: Callable[..., Tensor], shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """In which order a class takes its inputs: the first in which `forward` accepts ones of these shapes.

    Args:
        formula: what is to be computed, of inputs in the order of the statement.
        shapes: of the inputs, in the order of the statement; such that `formula` refuses every other order.

    Returns:
        The place in the statement of the first input, of the second, and so on; the statement's order if none fits.
    """
    size = formula(*map(torch.ones, shapes)).numel()
    statement = tuple(range(len(shapes)))
    for order in itertools.permutations(statement):
        try:
            output, _ = call(function, [torch.ones(shapes[place]) for place in order])
            if torch.as_tensor(output).numel() == size:
                return order
        except Exception:  # noqa: S112  another order may do
            continue
    return statement


def _applied(function: Any, inputs: Sequence[Any], differentiated: Sequence[int]) -> tuple[Any, list[Tensor]]:
    with torch.enable_grad():
        given = [value.detach().clone() if isinstance(value, Tensor) else value for value in inputs]
        leaves = [given[place].requires_grad_() for place in differentiated]
        return function.apply(*given), leaves


class _Hand(torch.autograd.Function):
    """Hands g itself, not a copy, to what computed y, when the gradient of the result is asked for.

    The same as the argument `grad_outputs` of `torch.autograd.grad`, which imports 500 modules to check a shape.
    """

    @staticmethod
    def forward(ctx: Any, y: Tensor, g: Tensor) -> Tensor:
        if y.shape != g.shape:
            raise ValueError(f"the output has shape {tuple(y.shape)}, and its input {tuple(g.shape)}")
        ctx.g = g
        return y.new_zeros(())

    @staticmethod
    def backward(ctx: Any, _: Any) -> Any:
        return ctx.g, None


def pull(y: Tensor, inputs: Sequence[Tensor], g: Tensor) -> tuple[Tensor | None, ...]:
    """dL/dx for each x of `inputs`, where g is dL/dy; None where none comes back."""
    with torch.enable_grad():
        handed = _Hand.apply(y, g)  # type: ignore[no-untyped-call]
    return torch.autograd.grad(handed, inputs, allow_unused=True)


def _alone(function: Any, inputs: Sequence[Any], place: int, upstream: Tensor) -> Tensor | None:
    try:
        return pull(*_applied(function, inputs, [place]), upstream.clone())[0]
    except Exception:
        return None
