"""What could stand in the place of an expression though its value has no name: another operator, sign, constant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.pinpoint.hypotheses import Patched
from grader.pinpoint.naming import Names
from grader.pinpoint.recording import READS, Recording, Visit
from grader.pinpoint.suspects import Suspicion
from grader.records import FloatArray
from grader.wire.changes import ALIKE, CHANGES, COUNTED, FUNCTIONS, OF_A_CALL, OF_MATRICES, OF_TWO, OPPOSITE

EVERYWHERE = -1
"""In place of the number of a call: whenever the expression is met."""
_SPECIFIC = {*COUNTED, *OF_TWO, *OF_MATRICES, *OF_A_CALL, *OPPOSITE}


@dataclass(frozen=True)
class Change:
    """An expression should hold what it would hold if it were written otherwise, whenever it is met."""

    node: int
    change: str

    def patches(self, recording: Recording, names: Names) -> Patched:  # noqa: ARG002  those of values need them
        """The same on every probe."""
        return {(self.node, EVERYWHERE, CHANGES.index(self.change)): np.zeros(0)}

    def changes(self, recording: Recording, names: Names) -> Iterator[tuple[Visit, FloatArray]]:  # noqa: ARG002
        """No values that are known beforehand."""
        return iter(())

    @property
    def is_specific(self) -> bool:
        """Whether it is another way of writing this expression; a factor is the same anywhere along the way."""
        return self.change in _SPECIFIC


def changes(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """The other ways of writing expressions: first where the unknown begins, then where it goes, then the rest."""
    for node in _nodes(suspicion, suspected):
        yield from (Change(node, name) for name in _written(suspicion.recording, node))


def factors(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """Factors that may be missing, and then functions, in the same order of expressions."""
    nodes, recording = _nodes(suspicion, suspected), suspicion.recording
    for node in nodes:
        if recording.nodes[node].kind not in (*READS, "Constant") and node not in recording.counted:
            yield from (Change(node, name) for name in ALIKE)
    for node in nodes:
        if recording.nodes[node].kind not in ("Constant", "Compare") and node not in recording.counted:
            yield from (Change(node, name) for name in FUNCTIONS)


def _nodes(suspicion: Suspicion, suspected: Callable[[int], bool]) -> list[int]:
    nodes = dict.fromkeys(_in_order(suspicion))
    return [node for node in nodes if suspected(_met(node, suspicion.recording))]


def _in_order(suspicion: Suspicion) -> Iterator[int]:
    recording = suspicion.recording
    met = [*recording.by_node, *sorted(recording.counted)]
    for node in (*suspicion.frontier, *sorted(suspicion.unnamed), *met):
        yield from (part for part in recording.within(node) if part in recording.by_node or part in recording.counted)


def _written(recording: Recording, node: int) -> Sequence[str]:
    """Other ways of writing an expression."""
    kind = recording.nodes[node].kind
    if kind == "Constant":
        return (*COUNTED, "twice", "half", "negative")
    if node in recording.counted:
        return {"BinOp": ("left", *COUNTED), "Name": COUNTED}.get(kind, ())
    visits = recording.by_node[node]
    if kind == "BinOp":
        return (*OF_TWO, *OF_MATRICES) if any(visit.value.ndim > 1 for visit in visits) else OF_TWO
    return {"Call": OF_A_CALL, "Compare": OPPOSITE, "UnaryOp": ("negative",)}.get(kind, ())


_MOST_OF_ONE = 3
"""Changes of one expression that mend: where there are more, anything does."""


def best_of(proved: Sequence[Change], suspicion: Suspicion) -> Change | None:
    """Another way of writing an expression before a factor; the earliest of equals; none where anything does."""
    counts = {change.node: sum(other.node == change.node for other in proved) for change in proved}
    good = [change for change in proved if counts[change.node] <= _MOST_OF_ONE]
    first = {node: number for number, node in enumerate(suspicion.recording.by_node)}

    def rank(change: Change) -> tuple[bool, bool, int]:
        return (
            not change.is_specific,
            change.node not in suspicion.frontier,
            first.get(_met(change.node, suspicion.recording), len(first)),
        )

    return min(good, key=rank, default=None)


def _met(node: int, recording: Recording) -> int:
    """The expression itself, or the smallest around it that held numbers."""
    while node != -1 and node not in recording.by_node:
        node = recording.nodes[node].parent
    return node
