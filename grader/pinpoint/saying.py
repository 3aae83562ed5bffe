"""A proved hypothesis as a place in a file and facts; the quantities that lines of code hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from grader.pinpoint.changes import FACTOR, Change
from grader.pinpoint.hypotheses import Hypothesis
from grader.pinpoint.naming import Names, long_axes, member, same
from grader.pinpoint.recording import Recording, Visit
from grader.pinpoint.suspects import Suspicion
from grader.records import Annotation, FloatArray, Place
from grader.wire.facts import Fact
from grader.wire.quantity_names import is_slope

_LONGEST_TEXT, _AROUND, _MOST_LINES, _MOST_NAMES = 300, 1, 60, 4
_LARGEST_NUMBER = 1000
_PLAIN = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔"}


def place_of(
    hypothesis: Hypothesis | Change,
    seen: Sequence[Suspicion],
    after: Sequence[Suspicion],
    mended: set[str],
    left: set[str],
    *,
    begins_here: bool,
) -> Place:
    """Where a hypothesis points, what is there, and what belongs there.

    Args:
        seen: what was seen on each probe before the value was corrected, and `after` it was.
        begins_here: see `Place`.
    """
    if isinstance(hypothesis, Change):
        deepest = max(seen, key=lambda each: len(each.recording.by_node.get(hypothesis.node, ())))
        held, belongs, relation = _of_change(hypothesis, deepest)
    else:
        held, belongs, relation, deepest = _of_value(hypothesis, seen)
    recording = deepest.recording
    expression = recording.nodes[hypothesis.node]
    file, cell = _file_and_cell(expression.where)
    return Place(
        file=file,
        cell=cell,
        line=expression.line,
        column=expression.column,
        end_line=expression.end_line,
        end_column=expression.end_column,
        text=recording.text(hypothesis.node)[:_LONGEST_TEXT],
        is_=held,
        should_be=belongs,
        relation=relation,
        mended=tuple(sorted(mended)),
        left=tuple(sorted(left)),
        lines=tuple(_lines(recording, expression.where, expression.line, expression.end_line)),
        follows=tuple(
            sorted(_following(seen, after, expression.where) - {*range(expression.line, expression.end_line + 1)})
        ),
        begins_here=begins_here,
    )


def _of_change(change: Change, seen: Suspicion) -> tuple[Fact, Fact, None]:
    """What an expression holds, and how what belongs there stands to that."""
    visits = seen.recording.the_call(change.node)
    if visits:
        held = _in_turn([what_is(each.value, each.tolerance, seen.names) for each in visits])
    else:
        held = _quantity(seen.recording.text(change.node))
    if change.known == FACTOR:
        number = seen.names.factor or 1.0
        return held, Fact("change-times-known", {"text": _factor(number).rstrip(" ·") or f"{number:.4g}"}), None
    other = change.known or (seen.recording.text(change.other) if change.other != -1 else "")
    return held, Fact(f"change-{change.change}", {"text": other} if other else {}), None


def _of_value(hypothesis: Hypothesis, seen: Sequence[Suspicion]) -> tuple[Fact, Fact, Fact | None, Suspicion]:
    """What an expression holds, what belongs there, how the one stands to the other, and where most of it was seen."""
    found = [(list(hypothesis.changes(s.recording, s.names)), s) for s in seen]
    pairs, deepest = max(found, key=lambda pair: len(pair[0]))
    recording, names = deepest.recording, deepest.names
    visit, value = pairs[0]
    wanted = [_name_of_right(hypothesis, names, each) for each, _ in pairs]
    holds = [what_is(each.value, each.tolerance, names) for each, _ in pairs]
    if hypothesis.pattern == "once":  # piece by piece
        whole = np.concatenate([each.value.ravel() for each in recording.the_call(hypothesis.node)])
        holds = [what_is(whole, visit.tolerance, names)]
    flipped = hypothesis.flipped and _square(value)
    right = [Fact("is-transposed", {"name": name}) if flipped else _quantity(name) for name in wanted]
    pair = visit.value, value
    held = _with_shape(_in_turn(holds), right[0], pair, visit.value.shape)
    belongs = _with_shape(_in_turn(right), right[0], pair, value.shape)
    return held, belongs, _relation(visit, value, names, wanted[0]), deepest


def _name_of_right(hypothesis: Hypothesis, names: Names, visit: Visit) -> str:
    if hypothesis.pattern:
        return (
            hypothesis.family.replace("#", "l")
            if hypothesis.step or hypothesis.start is None
            else member(hypothesis.family, hypothesis.index(names, 0))
        )
    return member(hypothesis.family, hypothesis.index(names, visit.count))


def _in_turn(facts: Sequence[Fact]) -> Fact:
    """What an expression holds, or should, each time that it is met: one fact, or the names in turn."""
    different = list({str(fact): fact for fact in facts}.values())
    if len(different) == 1 or any("name" not in fact.values for fact in different):
        return next((fact for fact in different if "name" not in fact.values), different[0])
    signs = {"is-transposed": "ᵀ"}
    names = [f"{f.values.get('factor', '')}{f.values['name']}{signs.get(f.kind, '')}" for f in different]
    return Fact("is-in-turn", {"names": tuple(names[:_MOST_NAMES])})


def what_is(value: FloatArray, tolerance: float, names: Names) -> Fact:
    """The quantity that a value is, or a multiple of; a number as it is."""
    for name, flipped in names.best(value, tolerance):
        return Fact("is-transposed", {"name": name}) if flipped and _square(value) else _quantity(name)
    if value.size == 1 and float(value.ravel()[0]).is_integer() and abs(value.ravel()[0]) < _LARGEST_NUMBER:
        return _quantity(f"{value.ravel()[0]:g}")
    axes = long_axes(value.shape)
    alike_first = sorted(names.multiples(value, tolerance), key=lambda m: long_axes(names.known[m[0]].shape) != axes)
    for name, _, factor in alike_first:
        if told := _factor(factor):
            return Fact("is-multiple", {"factor": told, "name": name})
    return Fact("is-no-quantity")


def _quantity(name: str) -> Fact:
    return Fact("is-quantity", {"name": name})


def _square(value: FloatArray) -> bool:
    return value.ndim == 2 and min(value.shape) > 1


def _factor(factor: float) -> str:
    """-1, 2 or ½ in writing; empty where it is no simple number."""
    told = Fraction(factor).limit_denominator(24)
    if told == 0 or abs(float(told) - factor) > 1e-6 * abs(factor) or abs(told.numerator) > 24:
        return ""
    sign = "−" if told < 0 else ""
    text = str(abs(told))
    return sign if text == "1" else f"{sign}{_PLAIN.get(text, text)} · "


def _with_shape(fact: Fact, first: Fact, pair: tuple[FloatArray, FloatArray], shape: tuple[int, ...]) -> Fact:
    """The fact; or, where shapes are all that differs, its first case with a shape."""
    value, right = pair
    alike = value.size == right.size and same(value, right, 1e-6) and value.shape != right.shape
    return Fact("is-of-shape", {"name": first.values["name"], "shape": shape}) if alike and first.values else fact


def _relation(visit: Visit, right: FloatArray, names: Names, wanted: str) -> Fact | None:
    """How what is there stands to what belongs there, where that can be said in few words."""
    value, tolerance = visit.value, max(visit.tolerance, 1e-8)
    if value.shape != right.shape or not np.isfinite(value).all():
        return None
    for name, quantity in names.known.items():
        for factor in (quantity, quantity.T):
            if factor.shape != value.shape or not is_slope(name):
                continue
            if same(value * factor, right, tolerance):
                return Fact("lacks-factor", {"name": wanted, "factor": name})
            if same(right * factor, value, tolerance):
                return Fact("has-factor-too-many", {"name": wanted, "factor": name})
    return None


def _file_and_cell(where: str) -> tuple[str, int | None]:
    file, _, cell = where.rpartition(", cell ")
    return (file, int(cell)) if file and cell.isdigit() else (where, None)


def _lines(recording: Recording, where: str, first: int, last: int) -> Iterator[tuple[int, str]]:
    """The lines around some lines, with their numbers."""
    lines = recording.sources.get(where, "").split("\n")
    for number in range(max(1, first - _AROUND), min(len(lines), last + _AROUND) + 1):
        yield number, lines[number - 1][:_LONGEST_TEXT]


def _following(seen: Sequence[Suspicion], after: Sequence[Suspicion], where: str) -> set[int]:
    """The lines where something was no quantity, and is one now."""
    lines = set[int]()
    for before, now in zip(seen, after, strict=True):
        right_now = {*before.unnamed} & {*now.recording.by_node} - {*now.unnamed}
        lines |= {
            before.recording.nodes[node].line for node in right_now if before.recording.nodes[node].where == where
        }
    return lines


def held_by_line(seen: Suspicion) -> list[Annotation]:
    """For each line the quantity that its largest expression held when it was met last."""
    largest: dict[tuple[str, int], int] = {}
    for node, expression in seen.recording.nodes.items():
        if node in seen.recording.by_node and expression.parent == -1:
            largest.setdefault((expression.where, expression.line), node)
    told = []
    for (where, line), node in sorted(largest.items())[:_MOST_LINES]:
        visits, expression = seen.recording.the_call(node), seen.recording.nodes[node]
        names = list(dict.fromkeys(_of_visit(visit, seen.names) for visit in visits))
        named = tuple(name for name in names if name)[:_MOST_NAMES]
        kind = "holds-quantities" if all(names) else "holds-some-quantities" if named else "is-no-quantity"
        fact = Fact(kind, {"names": named} if named else {})
        file, cell = _file_and_cell(where)
        text = seen.recording.sources.get(where, "").split("\n")[line - 1][:_LONGEST_TEXT].strip()
        ends = expression.column, expression.end_line, expression.end_column
        told.append(Annotation(file, cell, line, *ends, text, fact))
    return told


def _of_visit(visit: Visit, names: Names) -> str:
    found = names.best(visit.value, visit.tolerance)
    return found[0][0] if found else ""
