"""What depends on the value of an expression: the outputs that change where it is disturbed.

A value can be at fault only where something wrong depends on it; and where something right does, another value would
spoil that. One run for each expression spares the many that would put each quantity in its place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from grader.pinpoint.hypotheses import Patched
from grader.pinpoint.recording import Recording
from grader.records import AnyArray

_IN_PLACE = re.compile(r"\w_\(|\bout\s*=")
_MOST_VISITS = 400
_STEP, SHIFT = 1.31, 0.17
_SAME = 1e-9


@dataclass(frozen=True)
class Influence:
    """The outputs that depend on each expression, as far as that is known; and the wrong and the right ones of a run.

    `often` are the expressions that are met more than once: where one value of theirs is wrong, others may be right.
    `useless` are those after whose disturbance nothing is wrong: a file may have another way, taken once one fails.
    `proved` are those on which something right depends where their code is called alone: rather their use is wrong.
    """

    outputs: Mapping[int, frozenset[str]]
    often: Collection[int]
    wrong: frozenset[str]
    useless: frozenset[int] = frozenset()
    proved: frozenset[int] = frozenset()

    def on_all(self, node: int) -> bool:
        """Whether all that is wrong depends on it, and nothing that is right; also where nothing is known."""
        found = self.outputs.get(node)
        return not self._is_out(node) and (found is None or found == self.wrong)

    def on_more(self, node: int) -> bool:
        """Whether all that is wrong depends on it, and something that is right.

        A square does not ask for the sign; and of what is met more than once, one value may be right, another wrong.
        """
        found = self.outputs.get(node)
        if found is None or self._is_out(node):
            return False
        return self.wrong <= found and not self.on_all(node)

    def on_some(self, node: int) -> bool:
        """Whether a part of what is wrong depends on it."""
        found = self.outputs.get(node)
        if found is None or self._is_out(node) or self.wrong <= found:
            return False
        return bool(found & self.wrong) and (found <= self.wrong or node in self.often)

    def _is_out(self, node: int) -> bool:
        return node in self.useless or node in self.proved

    @property
    def suspected(self) -> frozenset[int]:
        """The expressions on which something wrong depends."""
        return frozenset(node for node, found in self.outputs.items() if found & self.wrong)

    @property
    def acquitted(self) -> frozenset[int]:
        """The expressions that are proved, and those on which something right depends: another value would spoil it."""
        often = self.often if self.wrong else ()
        return self.proved | {node for node, found in self.outputs.items() if found - self.wrong and node not in often}


def wholes_of(recording: Recording) -> dict[int, int]:
    """For each expression the largest one around it in which alone it is used: what depends on the one does on both.

    An argument of a function of the file is not used in its result alone, as the function may keep it; nor is that of a
    method that changes something in place.
    """
    first: dict[int, int] = {}
    for place, visit in enumerate(recording.visits):
        first.setdefault(visit.node, place)
    scopes = [recording.nodes[visit.node].scope for visit in recording.visits]
    found: dict[int, int] = {}
    for node in sorted(recording.by_node):  # an operand has a higher number than what it is one of
        expression = recording.nodes[node]
        around = expression.parent
        as_often = (
            around in found
            and not _changes(around, recording)
            and len(recording.by_node[node]) == len(recording.by_node[around])
        )
        met_between = scopes[first[node] : first[around]] if as_often else []
        stays = as_often and all(scope == expression.scope for scope in met_between)
        found[node] = found[around] if stays else node
    return found


def _changes(node: int, recording: Recording) -> bool:
    """Whether an expression changes something in place."""
    kind = recording.nodes[node].kind
    return kind == "AugAssign" or (kind == "Call" and _IN_PLACE.search(recording.text(node)) is not None)


def disturbed(node: int, recording: Recording, shift: float = SHIFT) -> Patched:
    """Other values in the place of those of an expression, in the call that tells most; empty where they are many.

    Args:
        shift: by what they are moved, relative to the largest; by 0 they are times a number alone, so zeros stay.
    """
    visits = recording.the_call(node)
    if len(visits) > _MOST_VISITS:
        return {}
    return {
        (visit.node, visit.call, visit.count): 1 - visit.value
        if visit.precision == 0
        else visit.value * _STEP + shift * np.abs(visit.value).max(initial=1e-3)
        for visit in visits
    }


def differing(before: Mapping[str, AnyArray], after: Mapping[str, AnyArray]) -> frozenset[str]:
    """The outputs that are not the same in two runs."""
    return frozenset(name for name in {*before, *after} if not _same(before.get(name), after.get(name)))


def _same(one: AnyArray | None, other: AnyArray | None) -> bool:
    if one is None or other is None or one.shape != other.shape:
        return one is other
    size = np.abs(one).max(initial=0.0) if one.dtype.kind == "f" else 0.0
    return bool(np.all(np.abs(one.astype(float) - other.astype(float)) <= _SAME * size))
