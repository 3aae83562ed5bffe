"""The way of the gradient through an exercise as a picture, with the steps that are wrong marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.records import Diagnosis, FlowEdge

_ACROSS, _DOWN, _HALF, _HIGH, _ASIDE = 132, 50, 42, 17, 26
_BOTH = "output and hidden layers"
_DELTAS = {
    "output delta": ("output layer", ("loss derivative", "through the activation")),
    "hidden delta": ("hidden layers", ("through the weights", "through the activation")),
}
"""What is called one step where nothing known explains it, and the steps of a derivation that it is made of."""


@dataclass(frozen=True)
class Box:
    """A quantity: the middle of its box."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Arrow:
    """A step: from box to box."""

    x1: float
    y1: float
    x2: float
    y2: float
    edge: FlowEdge
    broken: bool


@dataclass(frozen=True)
class FlowPicture:
    """What is drawn, in units of the picture."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float
    half: float = _HALF
    high: float = _HIGH


def flow_picture(edges: Sequence[FlowEdge], diagnosis: Diagnosis) -> FlowPicture | None:
    """The picture; None where there is nothing to mark in it.

    The loss is on the left; what the gradient goes through follows to the right, what is only given out hangs below.
    """
    if not any(_is_broken(edge, diagnosis) for edge in edges):
        return None
    boxes = {box.name: box for box in _placed(edges)}
    arrows = tuple(_arrow(boxes[e.source], boxes[e.target], e, _is_broken(e, diagnosis)) for e in edges)
    width = max(box.x for box in boxes.values()) + _HALF + 8
    return FlowPicture(tuple(boxes.values()), arrows, width, max(box.y for box in boxes.values()) + _HIGH + 8)


def _is_broken(edge: FlowEdge, diagnosis: Diagnosis) -> bool:
    for mistake in diagnosis.mistakes:
        if mistake.step == edge.step and mistake.where in ("", _BOTH, edge.where):
            return True
    for unknown in diagnosis.unknown:
        where, steps = _DELTAS.get(unknown.step, ("", (unknown.step,)))
        if edge.step in steps and where in ("", edge.where):
            return True
    return False


def _placed(edges: Sequence[FlowEdge]) -> Iterator[Box]:
    """The main way is of those that lead on; the others hang below, where they come from."""
    leads_on = list(dict.fromkeys(edge.source for edge in edges))
    places = {name: n for n, name in enumerate(leads_on)}
    for name, n in places.items():
        yield Box(name, 50 + n * _ACROSS, 28)
    hanging: dict[str, int] = {}
    for edge in edges:
        if edge.target not in places:
            count = hanging[edge.source] = hanging.get(edge.source, 0) + 1
            yield Box(edge.target, 50 + _ASIDE + places[edge.source] * _ACROSS, 28 + count * _DOWN)


def _arrow(source: Box, target: Box, edge: FlowEdge, broken: bool) -> Arrow:
    if source.y == target.y:
        return Arrow(source.x + _HALF, source.y, target.x - _HALF - 4, target.y, edge, broken)
    return Arrow(source.x - _HALF + 8, source.y + _HIGH, target.x - _HALF - 3, target.y, edge, broken)
