"""Of what is added on the way back, one contribution alone: `=` in a loop where `+=` belongs, or what stands after it.

A parameter that is used for all examples, at all places or at all steps gets a gradient from each of these; a number
that lies in several windows, or is looked up several times, one from each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.oracles.sites import is_leaf
from grader.oracles.wrong_steps import Gradients, Hook

_MANY_AXES = 4
_MANY_PLACES = 60
_RESHAPING = ("View", "UnsafeView", "Reshape", "Expand", "TBackward", "Transpose", "Permute", "Unsqueeze", "Squeeze")
_WINDOWS = ("Convolution", "MaxPool2D", "AvgPool2D")


def uses(nodes: Sequence[Any]) -> list[Any]:
    """The nodes that use an input, and those above them that only lay out what these gave, in other axes."""
    near = {node for node in nodes if is_layout(node) and any(_reaches_input(c) for c, _ in node.next_functions)}
    using = {
        node
        for node in nodes
        if not is_layout(node) and any(c is not None and (is_leaf(c) or c in near) for c, _ in node.next_functions)
    }
    more = using
    while more:
        more = {n for n in nodes if is_layout(n) and n not in near | using and more & {c for c, _ in n.next_functions}}
        using = using | more
    return [node for node in nodes if node in using]


def is_layout(node: Any) -> bool:
    """Whether a node only gives what it got in other axes."""
    return bool(node.name().startswith(_RESHAPING))


def _reaches_input(node: Any) -> bool:
    """Whether an input lies below a node, with nothing but other layouts of it between."""
    return node is not None and (
        is_leaf(node) or (is_layout(node) and any(_reaches_input(c) for c, _ in node.next_functions))
    )


def masks(shape: Sequence[int]) -> Iterator[tuple[Tensor, Tensor]]:
    """For some of the axes of what arrives, what leaves the last one of them, and the first one."""
    axes = [axis for axis, size in enumerate(shape) if size > 1]
    for count in range(1, 1 + len(axes) if len(axes) <= _MANY_AXES else 1):
        for some in combinations(axes, count):
            yield _only(shape, some, -1), _only(shape, some, 0)


def _only(shape: Sequence[int], axes: Sequence[int], index: int) -> Tensor:
    mask = torch.zeros(tuple(shape))
    where: list[Any] = [slice(None)] * len(shape)
    for axis in axes:
        where[axis] = index
    mask[tuple(where)] = 1
    return mask


def windows() -> Iterator[tuple[tuple[str, ...], Hook]]:
    """What is left where windows overwrite each other: in either order, with zeros or without."""
    for is_reversed in (False, True):
        for with_zeros in (True, False):
            yield _WINDOWS, _overlapping(is_reversed=is_reversed, with_zeros=with_zeros, last_filter=False)
        yield _WINDOWS[:1], _overlapping(is_reversed=is_reversed, with_zeros=False, last_filter=True)
        yield ("IndexBackward", "EmbeddingBackward"), _looked_up(is_reversed=is_reversed)


def _overlapping(*, is_reversed: bool, with_zeros: bool, last_filter: bool) -> Hook:
    """Of several windows that hold a number, the gradient of one; `last_filter`: and of one filter alone."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        gradient, whole = arriving[0], given[0]
        places = [] if gradient is None else list(np.ndindex(*gradient.shape[2:]))
        if gradient is None or whole is None or len(places) > _MANY_PLACES:
            return given
        filters = torch.zeros_like(gradient)
        filters[:, -1 if last_filter else slice(None)] = 1
        instead = torch.zeros_like(whole)
        for place in reversed(places) if is_reversed else places:
            here = torch.zeros_like(gradient)
            here[(..., *place)] = 1
            held = _windows(node, here) if with_zeros else _back(node, gradient * here * filters) != 0
            instead = torch.where(held, _back(node, gradient * here * filters), instead)
        return (instead, *given[1:])

    return hook


def _back(node: Any, arriving: Tensor) -> Tensor:
    made = node(arriving)
    found: Tensor = made[0] if isinstance(made, tuple) else made
    return found


def _windows(node: Any, arriving: Tensor) -> Tensor:
    """Which numbers lie in the windows of some places."""
    if not node.name().startswith("MaxPool2D"):
        return _back(node, arriving) != 0
    with torch.enable_grad():
        x = torch.zeros_like(node._saved_self).requires_grad_()
        size, step, border = node._saved_kernel_size, node._saved_stride, node._saved_padding
        means = torch.nn.functional.avg_pool2d(x, size, step or size, border)
        return torch.autograd.grad(means, x, arriving)[0] != 0


def _looked_up(*, is_reversed: bool) -> Hook:
    """Where rows are looked up more than once, one of what arrives alone."""

    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        gradient, table = arriving[0], given[0]
        if gradient is None or table is None:
            return given
        index: Any = node._saved_indices
        where = tuple(index) if isinstance(index, tuple | list) else (index,)
        if any(each is None for each in where):
            return given
        rows = [each.ravel() for each in np.broadcast_arrays(*(each.numpy() for each in where))]
        values = gradient.reshape(len(rows[0]), -1).numpy()
        instead = np.zeros(table.shape)
        for number in reversed(range(len(values))) if is_reversed else range(len(values)):
            place = tuple(row[number] for row in rows)
            instead[place] = values[number].reshape(instead[place].shape)
        return (torch.from_numpy(instead), *given[1:])

    return hook


def one_of(members: Sequence[tuple[Any, int]], kept: tuple[Any, int]) -> Hook:
    """Of several uses of an input, the gradient of one alone."""

    def hook(node: Any, given: Gradients, _: Gradients) -> Gradients:
        instead = list(given)
        for place, each in enumerate(given):
            if each is not None and (node, place) in members and (node, place) != kept:
                instead[place] = torch.zeros_like(each)
        return tuple(instead)

    return hook
