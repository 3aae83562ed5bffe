"""What could stand in the place of an expression though its value has no name: another operator, sign, constant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.pinpoint.hypotheses import Patched
from grader.pinpoint.naming import Names
from grader.pinpoint.recording import Recording, Visit
from grader.pinpoint.suspects import Suspicion
from grader.records import FloatArray
from grader.wire.changes import (
    ADDED,
    ALIKE,
    CHANGES,
    COUNTED,
    FILLED,
    FUNCTIONS,
    OF_A_CALL,
    OF_MATRICES,
    OF_TWO,
    OPPOSITE,
    OTHER,
    WITH_KNOWN,
    WITH_OTHER,
)
from grader.wire.expressions import FILLS, READS
from grader.wire.quantity_names import is_slope

FACTOR = "factor"
"""In place of the name of a quantity: by what all that is wrong is to be multiplied."""
EVERYWHERE = -1
"""In place of the number of a call: whenever the expression is met."""
_SPECIFIC = {*COUNTED, *OF_TWO, *OF_MATRICES, *OF_A_CALL, *OPPOSITE, *FILLED, *ADDED}
_MOST_OTHERS = 12
"""Variables that are tried with one expression."""


@dataclass(frozen=True)
class Change:
    """An expression should hold what it would hold if it were written otherwise, whenever it is met.

    `other` is the expression whose value is put in its place, or with which it is computed; -1 for none. `known` is the
    quantity with which it is computed, if any.
    """

    node: int
    change: str
    other: int = -1
    known: str = ""

    def patches(self, recording: Recording, names: Names) -> Patched:  # noqa: ARG002  those of values need it
        """The same on every probe."""
        other = np.zeros(0) if self.other == -1 else np.array([float(self.other)])
        if self.known == FACTOR:
            other = np.array(1.0 if names.factor is None else names.factor)
        elif self.known:
            other = names.known.get(self.known, other)
        return {(self.node, EVERYWHERE, CHANGES.index(self.change)): other}

    def changes(self, recording: Recording, names: Names) -> Iterator[tuple[Visit, FloatArray]]:  # noqa: ARG002
        """No values that are known beforehand."""
        return iter(())

    @property
    def is_specific(self) -> bool:
        """Whether it is another way of writing this expression; a factor is the same anywhere along the way."""
        return self.change in _SPECIFIC or self.other != -1 or self.known not in ("", FACTOR)


def changes(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """The other ways of writing expressions: first where the unknown begins, then where it goes, then the rest."""
    for node in _nodes(suspicion, suspected):
        yield from (Change(node, name) for name in _written(suspicion.recording, node))


def factors(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """Factors that may be missing, and then functions, in the same order of expressions."""
    nodes, recording = _nodes(suspicion, suspected), suspicion.recording
    for node in nodes:
        if recording.nodes[node].kind not in (*READS, FILLS, "Constant") and node not in recording.counted:
            yield from (Change(node, name) for name in ALIKE)
    for node in nodes:
        if recording.nodes[node].kind not in (FILLS, "Constant", "Compare") and node not in recording.counted:
            yield from (Change(node, name) for name in FUNCTIONS)


def filled(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """Zeros for ones, and the other way round; `+=` for `=` where a part of an array is set."""
    return (change for change in changes(suspicion, suspected) if change.change in (*FILLED, *ADDED))


def with_others(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """Other variables of the same function that may have been meant, and those with which something is not computed."""
    recording = suspicion.recording
    nodes = [node for node in _nodes(suspicion, suspected) if node in recording.by_node]
    for node in nodes:
        if recording.nodes[node].is_read:
            yield from (Change(node, OTHER, other) for other in _variables(node, recording))
    for node in nodes:
        if recording.nodes[node].kind not in ("Constant", "Compare"):
            others = _variables(node, recording)
            yield from (Change(node, name, other) for other in others for name in WITH_OTHER)


def scaled(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """The factor that all that is wrong lacks, first with what is computed."""
    nodes, recording = _nodes(suspicion, suspected), suspicion.recording
    nodes = [node for node in nodes if node in recording.by_node and node not in recording.counted]
    if suspicion.names.factor is not None:
        for node in sorted(nodes, key=lambda node: recording.nodes[node].is_read):
            yield Change(node, WITH_KNOWN[0], known=FACTOR)


def with_known(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """Quantities by which something is not multiplied or divided."""
    recording, names = suspicion.recording, suspicion.names
    plain = [name for name in names.known if name.isidentifier() or is_slope(name)]
    for node in _nodes(suspicion, suspected):
        visits = recording.the_call(node) if node not in recording.counted else []
        if visits and recording.nodes[node].kind not in ("Constant", "Compare"):
            fitting = [name for name in plain if names.known[name].size > 1 and _fit(visits[0], names.known[name])]
            yield from (Change(node, change, known=name) for name in fitting for change in WITH_KNOWN)


def either(suspicion: Suspicion, suspected: Callable[[int], bool]) -> Iterator[Change]:
    """All of them that are more than a factor."""
    yield from changes(suspicion, suspected)
    yield from with_known(suspicion, suspected)
    yield from with_others(suspicion, suspected)


def _variables(node: int, recording: Recording) -> list[int]:
    """What the same function had read before, each variable once, as far as shapes fit."""
    first, scope = recording.the_call(node)[0], recording.nodes[node].scope
    found = {recording.text(node): -1}
    for other, visits in recording.by_node.items():
        expression = recording.nodes[other]
        if visits[0] is first:
            break
        if expression.is_read and expression.scope == scope and _fit(visits[-1], first.value):
            found.setdefault(recording.text(other), other)
    return [other for other in found.values() if other != -1][:_MOST_OTHERS]


def _fit(visit: Visit, other: FloatArray) -> bool:
    pairs = zip(visit.value.shape[::-1], other.shape[::-1], strict=False)
    return all(1 in pair or pair[0] == pair[1] for pair in pairs)


def _nodes(suspicion: Suspicion, suspected: Callable[[int], bool]) -> list[int]:
    nodes = dict.fromkeys(_in_order(suspicion))
    return [node for node in nodes if suspected(_met(node, suspicion.recording))]


def _in_order(suspicion: Suspicion) -> Iterator[int]:
    recording = suspicion.recording
    changed = recording.by_node.keys() | recording.counted | recording.objects
    met = [*recording.by_node, *sorted(recording.counted | recording.objects)]
    for node in (*suspicion.frontier, *sorted(suspicion.unnamed), *met):
        yield from (part for part in recording.within(node) if part in changed)


def _written(recording: Recording, node: int) -> Sequence[str]:
    """Other ways of writing an expression."""
    kind = recording.nodes[node].kind
    if kind == FILLS:
        return ADDED
    if kind == "Constant":
        return (*COUNTED, "twice", "half", "negative")
    if node in recording.counted:
        return {"BinOp": (*OF_TWO, *COUNTED), "Name": COUNTED}.get(kind, ())
    if node in recording.objects:
        return OF_TWO if kind == "BinOp" else ("negative",)
    visits = recording.by_node[node]
    if kind == "Call" and all(visit.value.size > 1 and np.ptp(visit.value) == 0 for visit in visits):
        return FILLED[:1] if visits[0].value.any() else FILLED[1:]
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

    def rank(change: Change) -> tuple[bool, bool, bool, bool, int]:
        is_factor = change.known == FACTOR
        return (
            not change.is_specific,
            is_factor and not _is_named_then(change, suspicion),
            is_factor and suspicion.recording.nodes[change.node].is_read,
            change.node not in suspicion.frontier,
            first.get(_met(change.node, suspicion.recording), len(first)),
        )

    return min(good, key=rank, default=None)


def _is_named_then(change: Change, suspicion: Suspicion) -> bool:
    """Whether what an expression held is a quantity once it is multiplied by the factor that is missing."""
    visit, factor = suspicion.recording.the_call(change.node)[0], suspicion.names.factor or 1.0
    return bool(suspicion.names.of(visit.value * factor, max(visit.tolerance, 1e-6)))


def _met(node: int, recording: Recording) -> int:
    """The expression itself, or the smallest around it that held numbers."""
    while node != -1 and node not in recording.by_node:
        node = recording.nodes[node].parent
    return node
