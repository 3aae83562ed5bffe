"""Of all hypotheses that hold equally well, the one that is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.pinpoint.changes import Change
from grader.pinpoint.hypotheses import Hypothesis
from grader.pinpoint.naming import long_axes
from grader.pinpoint.recording import WHOLE, Recording
from grader.pinpoint.suspects import Suspicion
from grader.pinpoint.trying import Proved
from grader.records import FloatArray
from grader.wire.expressions import READS, Expression
from grader.wire.quantity_names import is_adjoint, is_slope


def choose(proved: Sequence[Proved], suspicion: Suspicion) -> Proved:
    """One that leaves nothing wrong, where the wrong value first appears; else the earliest that makes anything right.

    Where something right is used for something else, that is no earlier than its use: a gradient that was made
    right and not passed on is wrong in the place that does not pass it on, not where it was made.
    """
    proved = _of_one_value(proved, suspicion) or proved
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
        and replaces_the_same(first.hypothesis, one.hypothesis, suspicion, suspicion)
    ]
    if _is_misplaced(first.hypothesis, suspicion):
        way = _within_helpers(alike, suspicion)
        chosen = _turned(alike, suspicion) or (
            way[-1] if _lies_otherwise(first, suspicion) else _misused(way, suspicion)
        )
    elif _is_not_yet_computed(first.hypothesis, alike[-1].hypothesis, suspicion):
        chosen = alike[-1]
    else:
        chosen = _whole(first, alike, suspicion.recording)
    named = [one for one in alike if one.hypothesis.node == chosen.hypothesis.node]
    return named[0]  # of several names for the same numbers the first


def explanations(proved: Sequence[Proved], suspicion: Suspicion) -> list[list[Proved]]:
    """Those that leave nothing wrong and are not awkward, in groups that replace the same numbers by the same."""
    groups: list[list[Proved]] = []
    for one in proved:
        if not one.count and not any(_awkward(one.hypothesis, suspicion)):
            alike = (g for g in groups if replaces_the_same(g[0].hypothesis, one.hypothesis, suspicion, suspicion))
            group = next(alike, None)
            if group is None:
                groups.append([one])
            else:
                group.append(one)
    return groups


def causes(proved: Sequence[Proved], suspicion: Suspicion) -> list[Proved]:
    """Those that nothing unknown was read for; and what made something that is given out as it is, if that is one."""
    found = [one for one in proved if suspicion.is_cause(one.hypothesis.node)]
    nodes = suspicion.recording.nodes
    given = [one.hypothesis for one in found if _is_given_out(nodes[one.hypothesis.node])]
    made = [
        one
        for one in proved
        if one not in found
        and nodes[one.hypothesis.node].kind not in (*READS, "AugAssign")
        and any(replaces_the_same(one.hypothesis, other, suspicion, suspicion) for other in given)
    ]
    return [*made, *found]


def earliest(proved: Sequence[Proved], suspicion: Suspicion) -> Proved | None:
    """The one whose value comes first of those that leave nothing wrong and where no other value does.

    As little awkward as can be.
    """
    whole = _of_one_value([one for one in proved if not one.count], suspicion)
    return min(whole, key=lambda o: (_awkward(o.hypothesis, suspicion), _when(o.hypothesis, suspicion)), default=None)


def _is_given_out(expression: Expression) -> bool:
    return expression.parent == -1 and expression.kind in READS


def _of_one_value(proved: Sequence[Proved], suspicion: Suspicion) -> Sequence[Proved]:
    """Those of expressions in whose place one value alone mends."""
    several = _where_several_values_mend(proved, suspicion)
    return [one for one in proved if one.hypothesis.node not in several]


def _where_several_values_mend(proved: Sequence[Proved], suspicion: Suspicion) -> set[int]:
    """The expressions of which no one value is what belongs there: the error is in what is made of them.

    As of `x` in `where(x > 0, x, 0.01 * x)` in place of `relu(x)`: whatever is not negative mends that.
    """
    values: dict[object, list[FloatArray]] = {}
    for one in proved:
        _, right = next(one.hypothesis.changes(suspicion.recording, suspicion.names), (None, None))
        known = values.setdefault((one.hypothesis.node, one.left), [])
        if right is not None and not any(_entries_alike(right, other) for other in known):
            known.append(right)
    return {one.hypothesis.node for one in proved if len(values[one.hypothesis.node, one.left]) > 1}


def _when(hypothesis: Hypothesis, suspicion: Suspicion) -> int:
    """When the first value came that the hypothesis replaces."""
    found = next(hypothesis.changes(suspicion.recording, suspicion.names), None)
    return len(suspicion.recording.visits) if found is None else suspicion.recording.visits.index(found[0])


def _awkward(hypothesis: Hypothesis, suspicion: Suspicion) -> tuple[bool, bool, bool, bool, bool]:
    """What makes an explanation one of the last resort.

    Other shapes; a slope where something of the forward pass is read, or that where a right slope was computed; pieces;
    some visits left out; other axes.
    """
    recording, names = suspicion.recording, suspicion.names
    found = next(hypothesis.changes(recording, names), None)
    axes = {len(long_axes(quantity.shape)) for quantity in names.families.get(hypothesis.family, {}).values()}
    visits, patches = recording.the_call(hypothesis.node), hypothesis.patches(recording, names)
    whole = all((visit.node, visit.call, visit.count) in patches for visit in visits)
    other_axes = found is not None and len(long_axes(found[1].shape)) not in axes
    held = names.of(found[0].value, found[0].tolerance) if found else []
    was_derivative, is_derivative = any(_is_derivative(n) for n, _ in held), _is_derivative(hypothesis.family)
    is_read = recording.nodes[hypothesis.node].kind in READS
    of_the_other_pass = bool(held) and (is_derivative > was_derivative if is_read else was_derivative > is_derivative)
    reshaped = hypothesis.reshaped and not (found and found[0].precision == WHOLE)
    return reshaped, of_the_other_pass, bool(hypothesis.pattern), not whole, other_axes


def replaces_the_same(
    one: Hypothesis | Change, other: Hypothesis | Change, before: Suspicion, after: Suspicion
) -> bool:
    """Whether two replace the same numbers by the same numbers, whatever their shapes.

    Args:
        before: what was seen where `one` was proposed; `after`, where `other` was.
    """
    first, second = (
        next(one.changes(before.recording, before.names), None),
        next(other.changes(after.recording, after.names), None),
    )
    if first is None or second is None:
        return False
    return _entries_alike(first[0].value, second[0].value) and _entries_alike(first[1], second[1])


def _entries_alike(a: FloatArray, b: FloatArray) -> bool:
    return a.size == b.size and np.allclose(np.sort(a, axis=None), np.sort(b, axis=None), rtol=1e-6)


def _is_misplaced(hypothesis: Hypothesis, suspicion: Suspicion) -> bool:
    """Whether something right stands where something else belongs, so that its use is wrong and not its making.

    A quantity that must be transposed; a derivative or a slope in place of another quantity, but for a factor, which is
    wrong where it was made; and what is read in place of a derivative, as nobody reads one that was not made.
    """
    found = next(hypothesis.changes(suspicion.recording, suspicion.names), None)
    if found is None:
        return False
    visit, right = found
    names = suspicion.names.of(visit.value, visit.tolerance)
    if names and _entries_alike(visit.value, right):
        return True
    is_read = suspicion.recording.nodes[hypothesis.node].kind in READS
    has_derivative = any(_is_derivative(name) for name, _ in names) or (is_read and _is_derivative(hypothesis.family))
    return bool(names) and has_derivative and not _is_multiple(visit.value, right)


def _is_not_yet_computed(hypothesis: Hypothesis, last: Hypothesis, suspicion: Suspicion) -> bool:
    """Whether something right is read where what is made of such things belongs: to be made where it is used."""
    found = next(hypothesis.changes(suspicion.recording, suspicion.names), None)
    is_read = suspicion.recording.nodes[last.node].is_read
    is_made = " " in hypothesis.family and not _is_derivative(hypothesis.family)
    return is_read and is_made and found is not None and bool(suspicion.names.of(found[0].value, found[0].tolerance))


def _within_helpers(alike: Sequence[Proved], suspicion: Suspicion) -> Sequence[Proved]:
    """Those before the first call that was given a derivative, where a helper made the same numbers: it owed more."""
    recording, names = suspicion.recording, suspicion.names
    for number, one in enumerate(alike):
        node = one.hypothesis.node
        operands = recording.operands.get(node, ())
        given = [visit for operand in operands for visit in recording.the_call(operand)[:1]]
        is_given = any(is_adjoint(name) for visit in given for name, _ in names.of(visit.value, visit.tolerance))
        made_within = any(other.hypothesis.node not in recording.within(node) for other in alike[:number])
        if recording.nodes[node].kind == "Call" and is_given and made_within:
            return alike[:number]
    return alike


def _lies_otherwise(one: Proved, suspicion: Suspicion) -> bool:
    """Whether only the order of entries is wrong: it is the use that asks for another one."""
    found = next(one.hypothesis.changes(suspicion.recording, suspicion.names), None)
    return found is not None and _entries_alike(found[0].value, found[1])


def _misused(alike: Sequence[Proved], suspicion: Suspicion) -> Proved:
    """Of the places from the making of something right to its wrong use, the one that is wrong.

    Where it is given out as it is, that is where it was made, for it was made for this; where it gets another name
    before it is used, it is where it gets it; else its use.
    """
    nodes = [suspicion.recording.nodes[one.hypothesis.node] for one in alike]
    given = [one for one, node in zip(alike, nodes, strict=True) if _is_given_out(node)]
    made = [one for one, node in zip(alike, nodes, strict=True) if node.kind not in READS]
    last = suspicion.recording.the_call(alike[-1].hypothesis.node)[0]
    is_met_again = suspicion.recording.by_object[last.object][-1].node != last.node
    if nodes[-1].parent == -1 and made and not is_met_again:
        return made[-1]
    return given[0] if given else alike[-1]


def _is_derivative(name: str) -> bool:
    return is_adjoint(name) or is_slope(name)


def _turned(alike: Sequence[Proved], suspicion: Suspicion) -> Proved | None:
    """The first expression that computes a quantity the other way round than it is known, if it should not have."""
    for one in alike:
        hypothesis = one.hypothesis
        visit, right = next(hypothesis.changes(suspicion.recording, suspicion.names))
        is_made = suspicion.recording.nodes[hypothesis.node].kind in ("BinOp", "Call", "Attribute")
        canonical = [q.shape for q in suspicion.names.families.get(hypothesis.family, {}).values()]
        if is_made and not hypothesis.flipped and visit.value.shape != right.shape and right.shape in canonical:
            return one
    return None


def _is_multiple(value: FloatArray, right: FloatArray) -> bool:
    if value.size != right.size or value.size < 2:
        return False
    a, b = value.ravel(), right.ravel()
    return bool(abs(a @ b) >= (1 - 1e-7) * np.sqrt((a @ a) * (b @ b)))


def _whole(first: Proved, alike: Sequence[Proved], recording: Recording) -> Proved:
    """The largest expression around the first one that holds the same numbers on the same line.

    Where a function of the file was handed them and gives them back as they are, it is what they get a name by there.
    """
    node = recording.nodes[first.hypothesis.node]
    around = [first]
    for number, one in enumerate(alike):
        other = recording.nodes[one.hypothesis.node]
        if one.hypothesis.node == recording.nodes[around[-1].hypothesis.node].parent and other.line == node.line:
            inner = [each for each in alike[:number] if recording.nodes[each.hypothesis.node].scope != node.scope]
            given = [each for each in inner if _is_given_out(recording.nodes[each.hypothesis.node])]
            if other.kind == "Call" and given:
                return given[0]
            around.append(one)
    return around[-1]
