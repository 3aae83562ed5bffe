"""Of all hypotheses that hold equally well, the one that is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.pinpoint.hypotheses import Hypothesis
from grader.pinpoint.naming import Names, same
from grader.pinpoint.recording import Recording, Visit
from grader.pinpoint.suspects import Suspicion
from grader.pinpoint.trying import Proved
from grader.records import FloatArray

_ADJOINT = "∂L/∂"


def choose(proved: Sequence[Proved], suspicion: Suspicion) -> Proved:
    """One that leaves nothing wrong, where the wrong value first appears; else the earliest that makes anything right.

    Where something right is used for something else, that is no earlier than its use: a gradient that was made
    right and not passed on is wrong in the place that does not pass it on, not where it was made.
    """
    equal = [one for one in proved if not one.count]
    equal.sort(key=lambda one: (_awkward(one.hypothesis, suspicion), _when(one.hypothesis, suspicion)))
    if not equal:
        earliest = min(_when(one.hypothesis, suspicion) for one in proved)
        equal = [one for one in proved if _when(one.hypothesis, suspicion) == earliest]
        equal.sort(key=lambda one: (one.count, _awkward(one.hypothesis, suspicion)))
    first = equal[0]
    plain = _awkward(first.hypothesis, suspicion)
    alike = [
        one
        for one in equal
        if _awkward(one.hypothesis, suspicion) == plain
        and _replaces_the_same(first, one, suspicion.recording, suspicion.names)
    ]
    if _is_misplaced(first.hypothesis, suspicion):
        return alike[-1]
    return _whole(first, alike, suspicion.recording)


def _when(hypothesis: Hypothesis, suspicion: Suspicion) -> int:
    """When the first value came that the hypothesis replaces."""
    found = _first_wrong(hypothesis, suspicion.recording, suspicion.names)
    return len(suspicion.recording.visits) if found is None else suspicion.recording.visits.index(found[0])


def _awkward(hypothesis: Hypothesis, suspicion: Suspicion) -> tuple[bool, bool, bool]:
    """What makes an explanation one of the last resort: other shapes, pieces, a quantity with other axes."""
    found = _first_wrong(hypothesis, suspicion.recording, suspicion.names)
    quantities = suspicion.names.families.get(hypothesis.family, {}).values()
    axes = {quantity.ndim for quantity in quantities}
    return hypothesis.reshaped, bool(hypothesis.pattern), found is not None and found[1].ndim not in axes


def _first_wrong(hypothesis: Hypothesis, recording: Recording, names: Names) -> tuple[Visit, FloatArray] | None:
    patches = hypothesis.patches(recording, names)
    for visit in recording.the_call(hypothesis.node):
        value = patches.get((visit.node, visit.call, visit.count))
        if value is not None and not (value.shape == visit.value.shape and same(visit.value, value, visit.tolerance)):
            return visit, value
    return None


def _replaces_the_same(one: Proved, other: Proved, recording: Recording, names: Names) -> bool:
    """Whether two replace the same numbers by the same numbers, whatever their shapes."""
    pairs = [_first_wrong(each.hypothesis, recording, names) for each in (one, other)]
    if pairs[0] is None or pairs[1] is None:
        return False
    (visit, value), (visit2, value2) = pairs[0], pairs[1]
    return _entries_alike(visit.value, visit2.value) and _entries_alike(value, value2)


def _entries_alike(a: FloatArray, b: FloatArray) -> bool:
    return a.size == b.size and np.allclose(np.sort(a, axis=None), np.sort(b, axis=None), rtol=1e-6)


def _is_misplaced(hypothesis: Hypothesis, suspicion: Suspicion) -> bool:
    """Whether a derivative of the loss that is right stands where another one belongs."""
    found = _first_wrong(hypothesis, suspicion.recording, suspicion.names)
    if found is None or not hypothesis.family.startswith(_ADJOINT):
        return False
    visit, _ = found
    return any(name.startswith(_ADJOINT) for name, _ in suspicion.names.of(visit.value, visit.tolerance))


def _whole(first: Proved, alike: Sequence[Proved], recording: Recording) -> Proved:
    """The largest expression around the first one that holds the same numbers on the same line."""
    node = recording.nodes[first.hypothesis.node]
    around = [first]
    for one in alike:
        other = recording.nodes[one.hypothesis.node]
        if one.hypothesis.node == recording.nodes[around[-1].hypothesis.node].parent and other.line == node.line:
            around.append(one)
    return around[-1]
