"""Which expressions to try first: where a value is no quantity of the derivation though all it was made of is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

import numpy as np

from grader.pinpoint.naming import Names, family, same
from grader.pinpoint.recording import Recording, Visit
from grader.records import FloatArray
from grader.wire.expressions import READS
from grader.wire.quantity_names import is_adjoint

_MOST_FRONTIER, _MOST_LOOKED_AT = 12, 6


@dataclass(frozen=True)
class Suspicion:
    """What was seen of a run, with names.

    Attributes:
        unnamed: expressions that held something that is no quantity, and at which visit of all they did so first.
        frontier: those of them whose operands were all quantities.
        acquitted: those that are right whatever they are called, as something right was made of them.
    """

    recording: Recording
    names: Names
    unnamed: Mapping[int, int] = field(default_factory=dict)
    frontier: tuple[int, ...] = ()
    acquitted: frozenset[int] = frozenset()

    def groups(self, outputs: Sequence[FloatArray], *, crashed: bool) -> Iterator[list[int]]:
        """What is suspected, in the order in which it is tried; no expression is in two groups.

        Where it ended with an error; for each expression of the frontier it, what it is made of, and where that was
        made; what was given out.

        Args:
            outputs: the wrong ones.
        """
        seen: set[int] = set()
        for group in self._suspected(outputs, crashed=crashed):
            nodes = [n for n in dict.fromkeys(group) if n in self.recording.by_node and n not in seen]
            seen.update(nodes)
            yield nodes

    def _suspected(self, outputs: Sequence[FloatArray], *, crashed: bool) -> Iterator[list[int]]:
        if crashed:
            yield [*self._left_alone()]
        for node in self.frontier:
            yield [*self._with_sources(node), *self._around(node)]
        yield self.giving(outputs)

    def giving(self, outputs: Sequence[FloatArray]) -> list[int]:
        """The expressions that held what was given out, the last first."""
        given = [
            (place, visit.node)
            for output in outputs
            for place, visit in self.recording.by_size.get(output.size, ())
            if same(visit.value, output, visit.tolerance)
        ]
        return list(dict.fromkeys(node for _, node in sorted(given, reverse=True)))

    def others(self, first: list[int]) -> list[int]:
        """All other expressions, those first that held something unknown."""
        nodes = dict.fromkeys([*sorted(self.unnamed), *self.recording.by_node])
        return [node for node in nodes if node not in first]

    def may_be_wrong(self, node: int) -> bool:
        """Whether what a part of an expression held has no name, or is a number, which tells little."""
        visit = self.recording.the_call(node)[:1]
        is_read = self.recording.nodes[node].is_read
        return (node in self.unnamed and not is_read) or (is_read and bool(visit) and visit[0].value.size == 1)

    def is_cause(self, node: int) -> bool:
        """Whether nothing unknown from elsewhere was read for what an expression held when it was unknown first.

        Later, in a loop, it may well read what it spoilt itself.
        """
        when = self.unnamed.get(node, len(self.recording.visits))
        if self.recording.nodes[node].is_read and self._was_filled(node):
            return False
        return not any(self._reads_unknown(part, when) for part in self.recording.within(node))

    def _was_filled(self, node: int) -> bool:
        """Whether what is read was changed, unseen, since it was met before: what was put into it may be wrong."""
        visit = self.recording.the_call(node)[0]
        before = list(takewhile(lambda other: other is not visit, self.recording.by_object[visit.object]))
        is_right = _tells(visit.value) and self.names.is_named(visit)
        return bool(before) and not is_right and not same(before[-1].value, visit.value, visit.tolerance)

    def _reads_unknown(self, node: int, when: int) -> bool:
        kind, operands = self.recording.nodes[node].kind, self.recording.operands.get(node, ())
        looked_up = kind in READS and not any(operand in self.recording.by_node for operand in operands)
        return self.unnamed.get(node, when + 1) <= when and (kind == "Name" or looked_up) and not self._is_right(node)

    def _is_right(self, node: int) -> bool:
        """Whether what it reads was a quantity when it was met first, or is right: its use is wrong, not its making."""
        first = self.recording.the_call(node)[0]
        made = sources(self.recording, first)
        return (_tells(first.value) and self.names.is_named(first)) or any(
            source.node in self.acquitted for source in made
        )

    def _around(self, node: int) -> Iterator[int]:
        """What an expression is an operand of, as long as that is unknown, too."""
        while (node := self.recording.nodes[node].parent) in self.unnamed:
            yield node

    def _left_alone(self) -> Iterator[int]:
        """What was met last, and what that is made of: its use is what failed."""
        for visit in reversed(self.recording.visits[-6:]):
            yield from self._with_sources(visit.node)

    def _with_sources(self, node: int) -> Iterator[int]:
        """An expression, its operands, and the expressions that first gave what these read."""
        for part in self.recording.within(node):
            yield part
            yield from self.makers(part)

    def makers(self, node: int) -> Iterator[int]:
        """The expressions that held what this one does before it."""
        for visit in self.recording.the_call(node)[:_MOST_LOOKED_AT]:
            yield from (source.node for source in sources(self.recording, visit))


def _tells(value: FloatArray) -> bool:
    """Whether numbers are such that it is no accident that they are a quantity: not a one, or zeros."""
    return bool(np.ptp(value)) if value.size > 1 else not float(value.ravel()[0]).is_integer()


def sources(recording: Recording, visit: Visit) -> list[Visit]:
    """The visits of the object that an expression held, before it, with the same numbers; the first one made it."""
    found = []
    for other in recording.by_object[visit.object]:
        if other is visit:
            break
        if same(other.value, visit.value, visit.tolerance):
            found.append(other)
    return found


def suspect(recording: Recording, names: Names) -> Suspicion:
    """Name what a run held, and see where the unknown begins."""
    known: dict[object, bool] = {}
    named = []
    for visit in recording.visits:
        is_made = recording.nodes[visit.node].kind == "BinOp"
        key = visit.value.shape, visit.precision, visit.value.tobytes(), is_made
        if key not in known:
            known[key] = names.is_named(visit, is_made=is_made)
        named.append(known[key])
    calls: dict[int, list[bool]] = {}
    for visit, is_named in zip(recording.visits, named, strict=True):
        calls.setdefault(visit.call, []).append(is_named)
    shares = {call: sum(each) / len(each) for call, each in calls.items()}
    recording = replace(recording, told=shares, layers=_layers(recording, names))
    best = {node: recording.the_call(node)[0].call for node in recording.by_node}
    unnamed: dict[int, int] = {}
    right: set[int] = set()  # expressions that hold a quantity at first
    frontier: list[int] = []
    last: dict[int, bool] = {}  # whether the last visit of an expression held a quantity
    made: dict[int, bool] = {}  # likewise of what made an object, by the number of the object
    for number, (visit, is_named) in enumerate(zip(recording.visits, named, strict=True)):
        if visit.call != best[visit.node]:
            continue
        if is_named and visit.node not in last:
            right.add(visit.node)
        last[visit.node] = is_named
        if is_named:
            made.setdefault(visit.object, True)
            continue
        unnamed.setdefault(visit.node, number)
        expression = recording.nodes[visit.node]
        is_read = expression.kind in READS and visit.object in made
        operands = [last[node] for node in recording.operands.get(visit.node, ()) if node in last]
        if all(operands) and not is_read and visit.node not in frontier:
            frontier.append(visit.node)
        made.setdefault(visit.object, False)
    begins = tuple(node for node in frontier if not _comes_right(node, recording, right))
    return Suspicion(recording, names, unnamed, begins[:_MOST_FRONTIER])


def _layers(recording: Recording, names: Names) -> dict[int, int]:
    """For each of several calls the number of the first quantity of the way there that was met in it."""
    found: dict[int, int] = {}
    if len({visit.call for visit in recording.visits}) < 2:
        return found
    for visit in recording.visits:
        if visit.call not in found and _tells(visit.value):
            told = (family(name) for name, _ in names.of(visit.value, visit.tolerance))
            numbers = [number for name, number in told if number is not None and not is_adjoint(name)]
            found |= {visit.call: numbers[0]} if numbers else {}
    return found


def _comes_right(node: int, recording: Recording, named: set[int]) -> bool:
    """Whether something that an expression is part of is a quantity at first: `y * y` in `1 - y * y`."""
    while (node := recording.nodes[node].parent) != -1:
        if node in named:
            return True
    return False
