"""Which step of the derivation of a network's gradients is wrong: what its signs show, and what its numbers do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from grader.diagnosis.catalogue import Catalogue, KnownMistake, Role, Signs, Step
from grader.diagnosis.evidence import NetworkProbe, signs, trials
from grader.diagnosis.explaining import explain
from grader.diagnosis.stages import at_output, cannot
from grader.diagnosis.unexplained import missing, unknown_steps
from grader.records import AnswerKey, Certainty, Diagnosis, Mistake, Outcome, Run, UnknownMistake
from grader.wire.facts import Fact


def diagnose_network(key: AnswerKey, run: Run, catalogue: Catalogue) -> Diagnosis:
    """The diagnosis of a run in which something is wrong.

    Args:
        key: of the probes that count.
        catalogue: the known mistakes; without entries only the wrong step and what is true of it are told.
    """
    with np.errstate(all="ignore"):  # what was stored may be of any size
        return _diagnose(key, run, catalogue)


def _diagnose(key: AnswerKey, run: Run, catalogue: Catalogue) -> Diagnosis:
    tried = trials(key, run)
    seen = signs(key, run, tried)
    signed = from_signs(catalogue, seen)
    blocking = [e for e in signed if e.role is Role.BLOCKS]
    if blocking:
        return Diagnosis((mistake_of(blocking[0], Certainty.SEEN),))
    named = [mistake_of(e, Certainty.SEEN) for e in signed]
    unknown: list[UnknownMistake] = []
    two = catalogue.in_role(Role.TWO_LAYERS)
    if two and _only_two_layers(tried):
        named.append(mistake_of(two, Certainty.SEEN))
        tried = [t for t in tried if t.depth == 2]
    elif not named or all(m.step != Step.LOOP for m in named):
        unknown += missing(tried, seen)
    numeric, more = from_numbers(catalogue, tried, crash_known=any(m.step in (Step.LOOP, Step.RUN) for m in named))
    steps = list(Step)
    mistakes = sorted([*numeric, *named], key=lambda m: steps.index(Step(m.step)))
    if seen.second != "other":  # what changes from call to call says nothing about a step
        unknown += more
    if seen.second == "kept":
        unknown.append(UnknownMistake(Step.STORING, None, (Fact("second-call-leaves-it"),)))
    roles = {e.role for e in signed}
    if seen.second == "sum" and Role.ADDS not in roles:
        unknown.append(UnknownMistake(Step.STORING, None, (Fact("second-call-adds"),)))
    if seen.changed and Role.DESCENDS not in roles:
        unknown.append(UnknownMistake(Step.STORING, None, (Fact("call-changes-the-weights"),)))
    return Diagnosis(tuple(mistakes), tuple(unknown))


def from_signs(catalogue: Catalogue, seen: Signs) -> list[KnownMistake]:
    """The mistakes that show without any numbers: of the loop and of the whole run the first one, of storing all."""
    entries = [e for e in catalogue.entries if e.step in (Step.LOOP, Step.STORING, Step.RUN) and e.run(seen)]
    first: dict[str, KnownMistake] = {}
    return [e for e in entries if e.step is Step.STORING or first.setdefault(e.step, e) is e or e.role is Role.ADDS]


def _only_two_layers(tried: list[NetworkProbe]) -> bool:
    """Whether nets of two layers are filled, and all others are left half empty or stop."""

    def full(t: NetworkProbe) -> bool:
        return all(t.weights[l] is not None and t.biases[l] is not None for l in t.layers)

    two, others = [t for t in tried if t.depth == 2], [t for t in tried if t.depth != 2]
    return bool(two) and bool(others) and all(full(t) for t in two) and not any(full(t) for t in others)


def from_numbers(
    catalogue: Catalogue, tried: list[NetworkProbe], *, crash_known: bool
) -> tuple[list[Mistake], list[UnknownMistake]]:
    """Mistakes that give the numbers, and the steps whose numbers nothing gives."""
    shown = [t for t in tried if any(v is not None for v in (*t.weights.values(), *t.biases.values()))]
    stopped = [t for t in tried if t not in shown and t.outcome is Outcome.RAISED]
    if not shown:
        return [], [] if crash_known else unknown_steps(catalogue, None, [], stopped, named=False)
    fits, values = at_output(catalogue, shown)
    best = explain(catalogue, shown, fits, values)
    order = {e.id: number for number, e in enumerate(catalogue.entries)}
    best.sort(key=lambda x: sorted(order[e.id] for e in x.known))
    first = best[0]
    proved = not first.cost[0]
    known = first.known
    if not proved:
        known = frozenset.intersection(*(x.known for x in best))
    elsewhere = {e.family for x in best for e in x.known} - {e.family for e in first.known} if proved else set()
    shared = frozenset.intersection(*(x.known for x in best))
    certainty = Certainty.PROVED if proved else Certainty.SUPPORTED
    mistakes = [
        replace(m, same_as=tuple(sorted({*m.same_as, *(elsewhere if not group & shared else ())})))
        for m, group in _grouped(known, certainty)
    ]
    if first.stale and (entry := catalogue.in_role(Role.KEEPS_DELTA)):
        mistakes.append(mistake_of(entry, certainty))
    mistakes += _extra_axis(catalogue, shown, mistakes)
    halted = [t for t in stopped if not crash_known and not any(cannot(catalogue, e, t) for e in known)]
    return mistakes, unknown_steps(catalogue, first, shown, halted, named=bool(mistakes))


def _grouped(known: Iterable[KnownMistake], certainty: Certainty) -> list[tuple[Mistake, frozenset[KnownMistake]]]:
    """One mistake for each misconception: the same variant in both places goes by the name of its family."""
    families: dict[str, list[KnownMistake]] = {}
    for e in known:
        families.setdefault(e.family, []).append(e)
    grouped = []
    for family, entries in families.items():
        told = mistake_of(entries[0], certainty)
        if len(entries) > 1:
            told = replace(told, id=family, where="output and hidden layers")
        grouped.append((told, frozenset(entries)))
    return grouped


_WHERE = {"out": "output layer", "hid": "hidden layers"}


def mistake_of(e: KnownMistake, certainty: Certainty) -> Mistake:
    """What is told of a known mistake."""
    where = _WHERE.get(e.place, "")
    return Mistake(e.id, e.title, str(e.step), where, certainty, e.used, e.right, e.hints, e.same_as)


def _extra_axis(catalogue: Catalogue, shown: list[NetworkProbe], found: list[Mistake]) -> list[Mistake]:
    """Bias gradients of which one number for each unit is stored, with an axis too many: in all layers or one kind."""
    entry, summed = catalogue.in_role(Role.KEEPS_AXIS), catalogue.in_role(Role.SUMS_TO_ONE)
    if entry is None or (summed and any(m.id == summed.id for m in found)):
        return []
    odd: dict[str, set[bool]] = {"out": set(), "hid": set()}
    for t in shown:
        for l, biases in t.biases.items():
            if biases is not None:
                wide = biases.ndim > 2 and biases[0].size == len(t.layers[l].bias)
                odd["out" if l == t.depth else "hid"].add(wide)
    places = [place for place, seen in odd.items() if seen == {True}]
    if not places or any(len(seen) > 1 for seen in odd.values()):
        return []
    told = mistake_of(entry, Certainty.PROVED)
    others = any(seen == {False} for seen in odd.values())
    return [replace(told, where=_WHERE[places[0]]) if others else told]
