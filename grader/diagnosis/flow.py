"""The way of the gradient back through a formula, and where on it a submission goes wrong. Pure.

Where it is proved which value is wrong, the way to it is. Else the gradients that are right tell how far all was right:
if db is right and dx is not, L -> out is right, and what is wrong lies between out and x.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from grader.records import AnswerKey, Derivation, Finding, FlowEdge, FlowState, Place, Verdict
from grader.wire.quantity_names import adjoint, part_of_adjoint

Edges = Sequence[tuple[str, str]]


def flow(key: AnswerKey, findings: Sequence[Finding], places: Iterable[Place]) -> tuple[FlowEdge, ...]:
    """The way through the first formula in which a gradient is wrong, of those of which it can be told where.

    Formulas of one step have no way to show: some quantity must stand between the loss and what is asked for. Where
    values are wrong, a gradient may be wrong because of them: then only what is proved is told.

    Args:
        findings: on graded probes.
        places: those that were found to be wrong.
    """
    manners = {probe.name: probe.manner for probe in key.probes if probe.graded}
    proved = {name for place in places for name in _names(place)}
    wrong: dict[tuple[str, str], dict[str, bool]] = {}
    for f in findings:
        if f.probe in manners:
            said = wrong.setdefault(manners[f.probe], {})
            said[f.quantity] = said.get(f.quantity, False) or f.verdict is not Verdict.CORRECT
    said_of = [(each, wrong.get(each.probe.manner, {})) for each in key.derivations]
    values_are_right = not any(said.get(q) for each, said in said_of for q in each.checks if q not in each.ends)
    for derivation, said in said_of:
        if any(said.get(quantity) for quantity in derivation.ends):
            edges = _marked(derivation, said, proved, values_are_right=values_are_right)
            if any(edge.state in (FlowState.WRONG, FlowState.OPEN) for edge in edges):
                return edges
    return ()


def _names(place: Place) -> tuple[str, ...]:
    """The quantities that belong at a place: by name, or by the names of several in turn."""
    values = place.should_be.values if place.should_be else {}
    names = values.get("names", (values.get("name"),))
    return tuple(str(name) for name in names) if isinstance(names, tuple) else ()


def _marked(
    derivation: Derivation, wrong: dict[str, bool], proved: set[str], *, values_are_right: bool
) -> tuple[FlowEdge, ...]:
    way, ends = derivation.way, derivation.ends
    if len({source for source, _ in way}) < 2:
        return ()
    hit = {target for _, target in way if adjoint(target) in proved}
    parts = {(source, target) for source, target in way if part_of_adjoint(target, source) in proved}
    states: dict[tuple[str, str], FlowState] = {}
    if hit or parts:
        states = _from(way, hit, parts)
    elif values_are_right:
        states = _between(
            way,
            {end for quantity, end in ends.items() if wrong.get(quantity) is False},
            {end for quantity, end in ends.items() if wrong.get(quantity)},
        )
    told = {end: quantity for quantity, end in reversed([*ends.items()])}
    return tuple(FlowEdge(told.get(a, a), told.get(b, b), states.get((a, b), FlowState.RIGHT)) for a, b in way)


def _from(way: Edges, hit: Collection[str], parts: Collection[tuple[str, str]]) -> dict[tuple[str, str], FlowState]:
    """The edges to what is wrong first, and after it; where several lead to it, nobody knows which is wrong.

    Args:
        parts: edges of which it is known.
    """
    after = _reached(way, {*hit, *(target for _, target in parts)})
    alone = {target for target in hit if sum(each == target for _, each in way) == 1}
    to_it = {e: FlowState.WRONG if e[1] in alone else FlowState.OPEN for e in way if e[1] in hit}
    to_it |= dict.fromkeys(parts, FlowState.WRONG)
    return {e: FlowState.FOLLOWS for e in way if e[0] in after} | to_it


def _between(way: Edges, right: Collection[str], wrong: Collection[str]) -> dict[tuple[str, str], FlowState]:
    """The edges on which what is right becomes wrong: known where one step lies between, else open."""
    back = [(target, source) for source, target in way]
    whole, suspect = _reached(back, right), _reached(back, wrong)
    if not right:
        return {}
    sources = {target: {a for a, b in way if b == target} for _, target in way}
    known = {target for target in wrong if sources.get(target, set()) <= whole and len(sources.get(target, ())) == 1}
    return {
        (source, target): FlowState.WRONG if target in known else FlowState.OPEN
        for source, target in way
        if target in suspect and target not in whole
    }


def _reached(edges: Edges, start: Collection[str]) -> set[str]:
    """All that some names lead to, and themselves."""
    reached = set(start)
    while more := {target for source, target in edges if source in reached} - reached:
        reached |= more
    return reached
