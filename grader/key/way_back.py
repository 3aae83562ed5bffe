"""The way of the gradient through a formula: from the loss, by variable after variable, to what is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from torch import Tensor

Place = tuple[Any, int]
"""A node of autograd's graph, and which of its results."""

LOSS = "L"
_MOST = 16
"""Edges that a person can follow in one picture."""


def way_back(loss: Tensor, named: Mapping[str, Tensor], ends: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of names: the gradient goes from the first to the second, through nothing else that has a name.

    L = sum((tanh(z) - y)^2) with z = W x gives ("L", "a"), ("a", "z"), ("z", "W") where a holds tanh(z), for the end W.

    Args:
        named: what variables of the formula held, and its inputs.
        ends: the inputs that are asked for; nothing is followed that leads to none of them.

    Returns:
        The nearest to the loss first; nothing where there are more than 16.
    """
    wanted = {name: tensor for name, tensor in named.items() if name in ends or not _is_given(name, named)}
    names = {place: name for name, tensor in reversed(wanted.items()) if (place := _place(tensor))}
    root = _place(loss)
    if root is None:
        return ()
    names[root] = LOSS
    edges, todo, met = list[tuple[str, str]](), [root], {root}
    while todo:
        source = todo.pop(0)
        for target in _nearest(source, names):
            edges.append((names[source], names[target]))
            if target not in met:
                met.add(target)
                todo.append(target)
    edges = _leading_to(edges, ends)
    return tuple(edges) if len(edges) <= _MOST else ()


def _is_given(name: str, named: Mapping[str, Tensor]) -> bool:
    """Whether it is an input, or one in another shape, as `W′` is where the formula says `W = W.T`."""
    given = named.get(name.rstrip("′"))
    return given is not None and given.is_leaf


def _place(tensor: Tensor) -> Place | None:
    """Where a tensor was made; of an input, where its gradient is gathered. None where autograd knows nothing of it."""
    if not tensor.requires_grad:
        return None
    if not tensor.is_leaf:
        return tensor.grad_fn, tensor.output_nr
    view = tensor.view_as(tensor).grad_fn
    return view.next_functions[0] if view is not None else None


def _nearest(source: Place, names: Mapping[Place, str]) -> Iterator[Place]:
    """The first places with names that the gradient reaches from one."""
    todo, seen = list(reversed(source[0].next_functions)), set[Place]()
    while todo:
        place = todo.pop()
        if place[0] is None or place in seen:
            continue
        seen.add(place)
        if place in names:
            yield place
        else:
            todo += reversed(place[0].next_functions)


def _leading_to(edges: list[tuple[str, str]], ends: Collection[str]) -> list[tuple[str, str]]:
    """Only the edges from which an end is reached."""
    leads = set(ends)
    while more := {source for source, target in edges if target in leads} - leads:
        leads |= more
    return [(source, target) for source, target in edges if target in leads]
