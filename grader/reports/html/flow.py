"""The way of the gradient through an exercise as a picture, from left to right, with where it goes wrong marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from grader.records import FlowEdge, FlowState

_ACROSS, _DOWN, _HIGH, _LETTER, _EDGE = 48, 46, 17, 9.1, 8
Key = str | tuple[str, str, int]
"""The name of a box; or a place between two boxes, and in which column."""


@dataclass(frozen=True)
class Box:
    """A quantity: the middle of its box."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Arrow:
    """A step: a line of SVG from the right side of a box to the left side of another, its tip, and its last middle."""

    line: str
    tip: tuple[float, float]
    middle: tuple[float, float]
    edge: FlowEdge


@dataclass(frozen=True)
class FlowPicture:
    """What is drawn, in units of the picture.

    `wrong` are the steps that are wrong, and `open` tells whether there are some of which one is.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float
    half: float
    wrong: tuple[FlowEdge, ...]
    open: bool
    high: float = _HIGH


def flow_picture(edges: Sequence[FlowEdge]) -> FlowPicture | None:
    """The picture; None where there is nothing to mark in it.

    Each quantity stands to the right of all from which its gradient comes, and about at their height.
    """
    if not edges:
        return None
    columns = _columns(edges)
    ways = {edge: _by_way_of(edge, columns) for edge in edges}
    steps = [step for way in ways.values() for step in pairwise(way)]
    heights = _heights(columns | {key: key[2] for way in ways.values() for key in way if isinstance(key, tuple)}, steps)
    half = max(42.0, max(map(len, columns)) * _LETTER / 2 + 8)
    top = min(heights.values())

    def at(key: Key) -> tuple[float, float]:
        column = columns[key] if isinstance(key, str) else key[2]
        return _EDGE + half + column * (2 * half + _ACROSS), _EDGE + _HIGH + (heights[key] - top) * _DOWN

    boxes = tuple(Box(name, *at(name)) for name in columns)
    arrows = tuple(_arrow([at(key) for key in way], edge, half) for edge, way in ways.items())
    width = max(box.x for box in boxes) + half + _EDGE
    height = max(at(key)[1] for key in heights) + _HIGH + _EDGE
    wrong = tuple(edge for edge in edges if edge.state is FlowState.WRONG)
    is_open = any(edge.state is FlowState.OPEN for edge in edges)
    return FlowPicture(boxes, arrows, width, height, half, wrong, is_open)


def _columns(edges: Sequence[FlowEdge]) -> dict[str, int]:
    """How many steps each quantity is away from the loss, on the longest way."""
    columns = {edge.source: 0 for edge in edges} | {edge.target: 0 for edge in edges}
    for _ in columns:
        for edge in edges:
            columns[edge.target] = max(columns[edge.target], columns[edge.source] + 1)
    return columns


def _by_way_of(edge: FlowEdge, columns: Mapping[str, int]) -> list[Key]:
    """Where the line of a step goes through: a place of its own in each column between."""
    between = range(columns[edge.source] + 1, columns[edge.target])
    return [edge.source, *((edge.source, edge.target, column) for column in between), edge.target]


def _heights(columns: Mapping[Key, int], steps: Sequence[tuple[Key, Key]]) -> dict[Key, float]:
    """In each column what leads on comes first; the others below, in the order of where they come from."""
    leads_on = {source for source, _ in steps}
    heights: dict[Key, float] = {}
    for _, column in groupby(sorted(columns, key=columns.__getitem__), key=columns.__getitem__):
        wanted = {}
        for key in column:
            before = [heights[source] for source, target in steps if target == key]
            wanted[key] = sum(before) / len(before) if before else 0.0
        free = float("-inf")
        for key in sorted(wanted, key=lambda key: (wanted[key], key not in leads_on, not isinstance(key, str))):
            heights[key] = free = max(wanted[key], free + 1)
    return heights


def _arrow(points: Sequence[tuple[float, float]], edge: FlowEdge, half: float) -> Arrow:
    """A curve through points: level at each of them, and on the width of a box around those between."""
    line = f"M{points[0][0] + half:g} {points[0][1]:g}"
    for (x1, y1), (x2, y2) in pairwise(points):
        start, end = x1 + half, x2 - half - (4 if (x2, y2) == points[-1] else 0)
        middle = (start + end) / 2
        line += f"C{middle:g} {y1:g} {middle:g} {y2:g} {end:g} {y2:g}" + (
            f"h{2 * half:g}" if (x2, y2) != points[-1] else ""
        )
        tip, centre = (end, y2), (middle, (y1 + y2) / 2)
    return Arrow(line, tip, centre, edge)
