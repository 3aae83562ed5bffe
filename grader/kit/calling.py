"""Call a class that is written like `torch.autograd.Function`, with a plain context or through `.apply`.

Untrusted side: what is passed in was written by students. No answer is here; formulas come from the exercise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from grader.kit.part import NotAttempted

Backward = Callable[[Tensor], tuple[Any, ...]]


class Context:
    """Keeps what one forward saves for its backward, as PyTorch's own context does; a new one for every call."""

    def __init__(self) -> None:
        self.saved_tensors: tuple[Any, ...] = ()
        self.needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep these; `saved_tensors` gives them back."""
        self.saved_tensors = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """PyTorch would keep these for forward mode, which nobody calls here."""

    def set_materialize_grads(self, value: bool) -> None:
        """PyTorch would fill gradients that are None with zeros; here none is None."""

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """PyTorch would pass nothing back through these."""

    def mark_dirty(self, *tensors: Any) -> None:
        """PyTorch would note that these inputs were changed in place."""


def call(function: Any, inputs: Sequence[Tensor]) -> tuple[Any, Backward]:
    """Call `forward` with a plain context, and give what it returns and the way back.

    Without autograd, so nothing is hidden: what `backward` returns is seen as it is. Classes of the newer style, whose
    `forward` gets no context, get theirs through `setup_context`.

    Raises:
        NotAttempted: `forward` returns nothing.
    """
    context = Context()
    context.needs_input_grad = (True,) * len(inputs)
    if _has_setup_context(function):
        output = function.forward(*inputs)
        function.setup_context(context, tuple(inputs), output)
    else:
        output = function.forward(context, *inputs)
    if output is None:
        raise NotAttempted("forward returns nothing")
    return output, lambda upstream: as_tuple(function.backward(context, upstream))


def call_in_order(function: Any, order: Sequence[int], inputs: Sequence[Tensor]) -> tuple[Any, Backward]:
    """`call`, for a class that takes its inputs in another order: see `argument_order`.

    Inputs, and the gradients that the way back gives, are in the order of the statement.
    """
    output, backward = call(function, [inputs[place] for place in order])

    def in_the_order_of_the_statement(upstream: Tensor) -> tuple[Any, ...]:
        returned = backward(upstream)
        return tuple(returned[order.index(place)] for place in range(len(order)))

    return output, in_the_order_of_the_statement


def apply(function: Any, inputs: Sequence[Tensor]) -> tuple[Tensor, Backward]:
    """Call through `.apply`, as autograd does, and give the value and the way back.

    Where autograd refuses what `backward` returns for all inputs together, the inputs are tried one by one: a gradient
    that is right is not lost for one that is not. If all are refused, the first refusal is raised.
    """
    output = _applied(function, inputs, range(len(inputs)))[0]
    if output is None:
        raise NotAttempted("forward returns nothing")
    if not isinstance(output, Tensor):
        raise TypeError(f"forward returned a {type(output).__name__}; autograd goes on from tensors only")

    def backward(upstream: Tensor) -> tuple[Any, ...]:
        try:
            return _back(function, inputs, range(len(inputs)), upstream)
        except Exception as error:
            found = [_alone(function, inputs, number, upstream) for number in range(len(inputs))]
            if all(gradient is None for gradient in found):
                raise error from None
            return tuple(found)

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


def _has_setup_context(function: Any) -> bool:
    given = torch.autograd.Function.setup_context
    return getattr(function, "setup_context", given) is not given


def _applied(function: Any, inputs: Sequence[Tensor], differentiated: Sequence[int]) -> tuple[Tensor, list[Tensor]]:
    with torch.enable_grad():
        leaves = [tensor.detach().clone() for tensor in inputs]
        for number in differentiated:
            leaves[number].requires_grad_()
        return function.apply(*leaves), [leaves[number] for number in differentiated]


def _back(
    function: Any, inputs: Sequence[Tensor], differentiated: Sequence[int], upstream: Tensor
) -> tuple[Tensor | None, ...]:
    with torch.enable_grad():
        output, leaves = _applied(function, inputs, differentiated)
        weighed = (output * upstream).sum()  # `grad_outputs` would make torch import sympy, which takes a second
    return torch.autograd.grad(weighed, leaves, allow_unused=True)


def _alone(function: Any, inputs: Sequence[Tensor], number: int, upstream: Tensor) -> Tensor | None:
    try:
        return _back(function, inputs, [number], upstream)[0]
    except Exception:
        return None
