"""How one step on the way back is done in another way: by the operations that it may happen to.

A step is a node of an autograd graph. It gets the gradient that arrives, and gives one for each of its operands; what
stands here gives others in their place, from the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Gradients = tuple[Tensor | None, ...]
Hook = Callable[[Any, Gradients, Gradients], Gradients]
"""Of a node, what it gives to its operands and what arrives at it: what it gives instead."""


def cut(_: Any, given: Gradients, __: Gradients) -> Gradients:
    """Nothing comes through."""
    return tuple(None if each is None else torch.zeros_like(each) for each in given)


def detached(saved: Tensor | None) -> Tensor | None:
    """What a node kept, as a number."""
    return None if saved is None else saved.detach()


def summed(gradient: Tensor, like: Tensor) -> Tensor:
    """A gradient, summed to a shape that was broadcast."""
    return gradient.sum_to_size(like.shape) if gradient.shape != like.shape else gradient


def without_slope(_: Any, given: Gradients, arriving: Gradients) -> Gradients:
    """What arrives is passed on as it is, where an entry by entry factor is owed."""
    gradient = arriving[0]
    if gradient is None:
        return given
    return tuple(None if each is None else summed(gradient, each) for each in given)


def _without_what_arrives(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
    """The slope alone: what arrives is left out."""
    gradient = arriving[0]
    if gradient is None:
        return given
    if node.name().startswith("MulBackward"):
        others = (detached(node._saved_other), detached(node._saved_self))
        pairs = zip(given, others, strict=True)
        return tuple(e if e is None or o is None else summed(o.expand_as(gradient), e) for e, o in pairs)
    return tuple(e if e is None or e.shape != gradient.shape else e / gradient for e in given)


def _slope_at_output(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
    """The slope at f(x) in the place of that at x."""
    gradient = arriving[0]
    if gradient is None:
        return given
    function = getattr(torch.nn.functional, node.name().removesuffix("Backward0").lower(), None) or getattr(
        torch, node.name().removesuffix("Backward0").lower()
    )
    saved = getattr(node, "_saved_result", None)
    output = (function(node._saved_self.detach()) if saved is None else saved).detach().requires_grad_()
    with torch.enable_grad():
        return (torch.autograd.grad(function(output), output, gradient)[0],)


def _by_result(slope: Callable[[Tensor], Tensor], of_tanh: Callable[[Tensor], Tensor] | None = None) -> Hook:
    """Another slope, as a function of what was given out; one of its own for tanh."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        if arriving[0] is None:
            return given
        used = of_tanh if of_tanh and node.name().startswith("Tanh") else slope
        return (arriving[0] * used(node._saved_result.detach()),)

    return hook


def _with_input(y_of_x: Callable[[Tensor], Tensor], slope: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda y: slope(y_of_x(y))


def _transposed(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
    """Of a product of matrices, the other factor as it is, where it must be transposed."""
    gradient = arriving[0]
    if gradient is None:
        return given
    first, second = detached(node._saved_self), detached(node._saved_mat2)
    instead = list(given)
    if given[0] is not None and second is not None and second.shape[0] == second.shape[1]:
        instead[0] = gradient @ second
    if given[1] is not None and first is not None and first.shape[0] == first.shape[1]:
        instead[1] = first @ gradient
    return tuple(instead)


def _by_softmax(part: Callable[[Tensor, Tensor, int], Tensor]) -> Hook:
    """Another gradient of a softmax: of what arrives, what it gave out, and its axis."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        if arriving[0] is None:
            return given
        result, axis = node._saved_result.detach(), node._saved_dim
        return (part(arriving[0], result, axis if axis < result.ndim else axis - 2**64),)

    return hook


def _other_axis(g: Tensor, y: Tensor, axis: int) -> Tensor:
    """The sum that is taken off runs over the axis before, or behind."""
    other = (axis - 1) % y.ndim if axis % y.ndim else (axis + 1) % y.ndim
    return y * (g - (g * y).sum(other, keepdim=True))


def _two_parts(first: Callable[[Any, Tensor], Tensor], *factors: float) -> Hook:
    """Where a derivative is the sum of two parts, one of them times one factor and the other times another."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        if arriving[0] is None or given[0] is None:
            return given
        one = first(node, arriving[0])
        return (factors[0] * one + factors[1] * (given[0] - one), *given[1:])

    return hook


def _of_factor(node: Any, g: Tensor) -> Tensor:
    """Of x times the share below x, the part in which x is differentiated."""
    x = node._saved_self.detach()
    return g * (torch.sigmoid(x) if node.name().startswith("Silu") else torch.special.ndtr(x))


def _of_log(_: Any, g: Tensor) -> Tensor:
    """Of x - log(sum(exp(x))), the part of x."""
    return g


def _of_ones(node: Any, g: Tensor) -> Tensor:
    """Of -y log(a) - (1 - y) log(1 - a), the part of y."""
    a, y = node._saved_self.detach(), node._saved_target.detach()
    count = a.numel() if node._saved_reduction == 1 else 1
    part: Tensor = -g * y / a / count
    return part


def _mask(of: Callable[[Tensor, Tensor], Tensor]) -> Hook:
    """Another mask of ReLU: of what it gave out, and of what arrives."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        return given if arriving[0] is None else (arriving[0] * of(node._saved_result.detach(), arriving[0]),)

    return hook


def _shared(divided: bool) -> Hook:
    """Of a window, every number gets what belongs to the largest: its share, or all of it."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        if arriving[0] is None:
            return given
        with torch.enable_grad():
            x = node._saved_self.detach().requires_grad_()
            size, step, border = node._saved_kernel_size, node._saved_stride, node._saved_padding
            mean = torch.nn.functional.avg_pool2d(x, size, step or size, border)
            count = 1 if divided else int(torch.tensor(size).prod())
            given = torch.autograd.grad(mean * count, x, arriving[0])
        return tuple(given)

    return hook


def _flipped(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
    """A filter that is turned around: on the way to the images, and its own gradient."""
    if arriving[0] is None:
        return given
    x, w = node._saved_input.detach(), node._saved_weight.detach()
    axes = list(range(2, w.ndim))
    dx, _, _ = torch.ops.aten.convolution_backward(
        arriving[0], x, w.flip(axes), None, node._saved_stride, node._saved_padding, node._saved_dilation,
        node._saved_transposed, node._saved_output_padding, node._saved_groups, [True, False, False],
    )  # fmt: skip
    dw = None if given[1] is None else given[1].flip(axes)
    return (None if given[0] is None else dx, dw, *given[2:])


def _exchanged(first: int, second: int) -> Hook:
    """Two parts of what was taken apart are put together in each other's place."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        parts = list(arriving)
        if max(first, second) >= len(parts):
            return given
        one, other = parts[first], parts[second]
        if one is None or other is None or one.shape != other.shape:
            return given
        parts[first], parts[second] = other, one
        made = node(*parts)
        return made if isinstance(made, tuple) else (made,)

    return hook


def own_factors(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
    """What goes back to each factor is multiplied by itself, in place of the other one."""
    mine, other = detached(node._saved_self), detached(node._saved_other)
    if arriving[0] is None or mine is None or other is None or any(each is None for each in given):
        return given
    return (arriving[0] * mine, arriving[0] * other) if mine.shape == other.shape else given


_WITH_A_SLOPE = (
    "Mul", "Div", "Pow", "Exp", "Log", "Sqrt", "Rsqrt", "Tanh", "Sigmoid", "Relu", "Gelu", "LeakyRelu", "Elu",
    "Softplus", "Sin", "Cos", "Erf", "Abs", "Silu", "Threshold", "Clamp", "Maximum", "Where", "SoftmaxBackward",
)  # fmt: skip
_S_SHAPED = ("Tanh", "Sigmoid")
_MANY_PARTS = 5

STEPS: tuple[tuple[str, tuple[str, ...], Hook], ...] = (
    ("no-slope", _WITH_A_SLOPE, without_slope),
    ("no-arriving", _WITH_A_SLOPE, _without_what_arrives),
    ("slope-sign", _S_SHAPED, _by_result(lambda y: y * (1 + y), lambda y: 1 + y * y)),
    ("slope-part", _S_SHAPED, _by_result(lambda y: y, lambda y: y * y)),
    ("slope-part", _S_SHAPED, _by_result(lambda y: 1 - y)),
    ("slope-at-output", (*_S_SHAPED, "Sin", "Cos", "Gelu", "Silu", "Elu"), _slope_at_output),
    ("slope-of-input", ("Tanh",), _by_result(_with_input(torch.atanh, lambda x: 1 - x * x))),
    ("slope-of-input", ("Sigmoid",), _by_result(_with_input(torch.logit, lambda x: x * (1 - x)))),
    ("slope-of-another", _S_SHAPED, _by_result(lambda y: 1 - y * y, lambda y: y * (1 - y))),
    ("transposed", ("MmBackward",), _transposed),
    ("diagonal", ("SoftmaxBackward",), _by_softmax(lambda g, y, _: g * y * (1 - y))),
    ("row-sum", ("SoftmaxBackward",), _by_softmax(lambda g, y, _: g * y)),
    ("row-sum", ("SoftmaxBackward",), _by_softmax(lambda g, y, axis: y * (g + (g * y).sum(axis, keepdim=True)))),
    ("row-sum", ("SoftmaxBackward",), _by_softmax(lambda g, y, axis: y * (g - g.sum(axis, keepdim=True)))),
    ("row-sum", ("SoftmaxBackward",), _by_softmax(lambda g, y, axis: y * (g - (g * y).mean(axis, keepdim=True)))),
    ("row-sum", ("SoftmaxBackward",), _by_softmax(lambda g, y, _: y * (g - (g * y).sum()))),
    ("row-sum", ("SoftmaxBackward",), _by_softmax(_other_axis)),
    (
        "row-sum",
        ("SoftmaxBackward",),
        _by_softmax(lambda g, y, axis: y * (g - 2 * g * y + (g * y).sum(axis, keepdim=True))),
    ),
    ("part", ("Gelu", "Silu"), _two_parts(_of_factor, 1, 0)),
    ("part", ("Gelu", "Silu"), _two_parts(_of_factor, 0, 1)),
    ("part", ("Gelu", "Silu"), _two_parts(_of_factor, 1, -1)),
    ("part", ("BinaryCrossEntropyBackward",), _two_parts(_of_ones, 1, 0)),
    ("part", ("BinaryCrossEntropyBackward",), _two_parts(_of_ones, 0, 1)),
    ("part", ("BinaryCrossEntropyBackward",), _two_parts(_of_ones, 1, -1)),
    ("part", ("BinaryCrossEntropyBackward",), _two_parts(_of_ones, -1, 1)),
    ("part", ("LogSoftmax",), _two_parts(_of_log, 1, 0)),
    ("part", ("LogSoftmax",), _two_parts(_of_log, 0, 1)),
    ("part", ("LogSoftmax",), _two_parts(_of_log, -1, 1)),
    ("mask", ("Relu",), _mask(lambda y, _: y <= 0)),
    ("mask", ("Relu",), _mask(lambda _, g: g > 0)),
    ("window-share", ("MaxPool2D",), _shared(divided=True)),
    ("window-share", ("MaxPool2D",), _shared(divided=False)),
    ("flipped", ("Convolution",), _flipped),
    *(
        ("parts-exchanged", ("Split", "Unbind"), _exchanged(first, second))
        for second in range(_MANY_PARTS)
        for first in range(second)
    ),
)
"""Kind, the beginnings of the names that autograd gives to the operations, and what is done instead."""
