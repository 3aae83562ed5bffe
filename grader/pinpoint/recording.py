"""What a run with instruments tells: which expression held what, in which order. Whoever sent it is not believed."""

from __future__ import annotations

import json
import math
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from grader.records import AnyArray, FloatArray
from grader.wire.expressions import FILLS, LARGEST, MOST_AXES, MOST_NODES, MOST_VISITS, Expression

WHOLE = 1
"""In place of the bytes of a number: a whole number that stands by itself."""
_LONGEST = 500_000
_SINGLE_BYTES = 4
_MOST_OF_AN_OBJECT = 20
_DEEPEST = 200


@dataclass(frozen=True, eq=False)
class Visit:
    """What an expression held once: in which call, how often it had been met before in it, and in which object.

    `precision` counts the bytes of a number; 0 for truth values, 1 for a whole number that stands by itself.
    """

    node: int
    call: int
    count: int
    object: int
    precision: int
    value: FloatArray

    @property
    def tolerance(self) -> float:
        """How far two values may be apart that are the same quantity, relative to the largest entry."""
        return 1e-9 if self.precision not in (2, _SINGLE_BYTES) else 2e-4 if self.precision == _SINGLE_BYTES else 3e-2


@dataclass(frozen=True)
class Recording:
    """All visits of a run, in order, and the source of each file or cell by its name.

    `told` is for each call the share of the values in it that are quantities of the derivation. `counted` are the
    expressions that were met with a whole number, or are written as a number, and with nothing else. `objects` are
    those that held what can be computed with though it is no array, and statements that were met. `layers` tells the
    number of the layer that a call is about, where that is known.
    """

    nodes: Mapping[int, Expression]
    visits: tuple[Visit, ...]
    sources: Mapping[str, str]
    told: Mapping[int, float] = field(default_factory=dict)
    counted: frozenset[int] = frozenset()
    objects: frozenset[int] = frozenset()
    layers: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def by_node(self) -> Mapping[int, list[Visit]]:
        """The visits of each expression."""
        found: dict[int, list[Visit]] = {}
        for visit in self.visits:
            found.setdefault(visit.node, []).append(visit)
        return found

    @cached_property
    def by_object(self) -> Mapping[int, list[Visit]]:
        """The first visits of each object, in order."""
        found: dict[int, list[Visit]] = {}
        for visit in self.visits:
            listed = found.setdefault(visit.object, [])
            if len(listed) < _MOST_OF_AN_OBJECT:
                listed.append(visit)
        return found

    @cached_property
    def by_size(self) -> Mapping[int, list[tuple[int, Visit]]]:
        """The visits with their places in the order, by how many numbers they held."""
        found: dict[int, list[tuple[int, Visit]]] = {}
        for place, visit in enumerate(self.visits):
            found.setdefault(visit.value.size, []).append((place, visit))
        return found

    @cached_property
    def operands(self) -> Mapping[int, list[int]]:
        """The operands of each expression; of a statement that fills a part of an array, what stands in it."""
        found: dict[int, list[int]] = {}
        fills = sorted((_begins(node), number) for number, node in self.nodes.items() if node.kind == FILLS)
        for number, node in self.nodes.items():
            found.setdefault(node.parent, []).append(number)
            before = bisect(fills, (_begins(node), len(self.nodes)))  # no statement of a function stands in another one
            statement = fills[before - 1][1] if before and node.parent == -1 and node.kind != FILLS else None
            if statement is not None and self.nodes[statement].encloses(node):
                found.setdefault(statement, []).append(number)
        return found

    @cached_property
    def is_single(self) -> bool:
        """Whether something was computed in single precision, or less."""
        return any(visit.precision in (2, _SINGLE_BYTES) for visit in self.visits)

    def the_call(self, node: int) -> list[Visit]:
        """The visits of an expression in the call that tells most: others may have tried out other arguments."""
        visits = self.by_node.get(node, [])
        call = max({visit.call for visit in visits}, key=lambda each: (self.told.get(each, 0.0), each), default=-1)
        return [visit for visit in visits if visit.call == call]

    def text(self, node: int) -> str:
        """The source of an expression."""
        e = self.nodes[node]
        lines = self.sources.get(e.where, "").split("\n")[e.line - 1 : e.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: e.end_column]
        lines[0] = lines[0][e.column :]
        return "\n".join(lines)

    def within(self, node: int) -> Iterator[int]:
        """An expression and all that it is made of."""
        yield node
        for operand in self.operands.get(node, ()):
            yield from self.within(operand)


def _begins(node: Expression) -> tuple[str, int, int, int]:
    """In which function an expression stands, and where it begins."""
    return node.where, node.scope, node.line, node.column


def decode(packed: AnyArray | None, values: AnyArray | None) -> Recording | None:
    """The recording in two arrays that anybody may have sent; None where it is none."""
    if packed is None or values is None or packed.dtype.kind != "i" or values.dtype.kind != "f":
        return None
    text = np.ascontiguousarray(packed, np.int64).tobytes()
    if len(text) > _LONGEST:
        return None
    try:
        return _read(json.loads(text), np.ravel(values).astype(np.float64))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError):
        return None


def _read(told: Mapping[str, Any], values: FloatArray) -> Recording:
    """The recording in what JSON told.

    Raises:
        Exception: it is not what an honest process sends.
    """
    nodes = {int(number): _expression(*rest) for number, *rest in told["nodes"]}
    if any(not (e.parent == -1 or (e.parent in nodes and e.parent < n)) for n, e in nodes.items()):
        raise ValueError("an operand of nothing")
    depths = {-1: 0}
    for number in sorted(nodes):
        depths[number] = depths[nodes[number].parent] + 1
    if max(depths.values()) > _DEEPEST:
        raise ValueError("nested as no file is")
    if any(e.kind == FILLS and e.parent != -1 for e in nodes.values()):
        raise ValueError("a statement in an expression")
    if len(nodes) > MOST_NODES or len(told["visits"]) > MOST_VISITS:
        raise ValueError("more than is sent")
    visits: list[Visit] = []
    start = 0
    for visit, shape in zip(told["visits"], told["shapes"], strict=True):
        node, call, count, known, precision = map(int, visit)
        if node not in nodes:
            raise ValueError("no such expression")
        if isinstance(shape, int):  # its object held the same at an earlier visit
            if not 0 <= shape < len(visits):
                raise ValueError("no earlier visit")
            value = visits[shape].value
        elif (
            min(shape, default=1) < 1 or len(shape) > MOST_AXES or math.prod(shape) > min(LARGEST, len(values) - start)
        ):
            raise ValueError("no such numbers")
        else:
            value = values[start : start + math.prod(shape)].reshape(shape)
            start += value.size
        visits.append(Visit(node, call, count, known, precision, value))
    sources = {str(name): str(text) for name, text in told["sources"].items()}
    counted, objects = (frozenset(map(int, told.get(name, ()))) & nodes.keys() for name in ("counted", "objects"))
    held = {visit.node for visit in visits}
    counted -= {visit.node for visit in visits if visit.precision != WHOLE}
    return Recording(nodes, tuple(visits), sources, counted=counted, objects=objects - held)


def _expression(where: str, *rest: Any) -> Expression:
    line, column, end_line, end_column, kind, parent, scope = rest
    place = int(line), int(column), int(end_line), int(end_column)
    return Expression(str(where), *place, str(kind), int(parent), int(scope))
