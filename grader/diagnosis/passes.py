"""An exercise of helper functions, a forward pass and a backward pass: one diagnosis of all, each mistake told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from grader.diagnosis.catalogue import NUMERIC, Catalogue, KnownMistake, Step
from grader.diagnosis.evidence import NetworkProbe, signs, trials
from grader.diagnosis.helpers import Value, explained, forward_values, given_instead, helper_values, is_wrong
from grader.diagnosis.networks import from_numbers, from_signs, mistake_of
from grader.diagnosis.stages import cannot
from grader.records import (
    AnswerKey,
    Certainty,
    Diagnosis,
    Mistake,
    Observation,
    Outcome,
    Probe,
    Rule,
    Run,
    UnknownMistake,
)
from grader.wire.facts import Fact

RIGHT_HELPERS = ", with right helpers"
"""What is in the title of a trial in which correct helper functions were put in the place of the submission's own."""

Found = tuple[list[Mistake], list[UnknownMistake]]


def diagnose_passes(key: AnswerKey, run: Run, catalogue: Catalogue) -> Diagnosis:
    """The helpers by their values, the forward pass tensor by tensor, the backward pass by the steps of its derivation.

    Args:
        key: of the probes that count.
        catalogue: the known mistakes.
    """
    with np.errstate(all="ignore"):
        values = [*helper_values(key, run, catalogue), *forward_values(key, run)]
        named, unknown = explained(catalogue, values)
        stops = [s for s in (_forward_stops(values, list(named)),) if s]
        helpers = {e.family for e in named}
        backward, more = _backward(key, run, catalogue, helpers)
        seen = list(_seen(key, run, catalogue))
    if any(m.step == Step.RUN for m in seen):
        more = []  # it is known why the call stops
    mistakes = [replace(_in_general(e), where=_where(shown)) for e, shown in named.items()]
    for m in [*backward, *seen]:
        if m.id not in {other.id for other in mistakes}:
            mistakes.append(m)
    once = {m.id: m for m in reversed(mistakes)}
    order = list(Step)
    sorted_ = sorted((m for m in mistakes if once.pop(m.id, None)), key=lambda m: order.index(Step(m.step)))
    return Diagnosis(tuple(sorted_), (*unknown, *stops, *more))


def _where(shown: list[Value]) -> str:
    layers = sorted({v.layer for v in shown if v.layer})
    return {"1": "first layer", "2": "second layer"}.get("".join(map(str, layers)), "")


def _in_general(e: KnownMistake) -> Mistake:
    """A mistake without its place, where that is no part of what it is called."""
    return replace(mistake_of(e, Certainty.PROVED), id=e.family)


def _forward_stops(values: list[Value], named: list[KnownMistake]) -> UnknownMistake | None:
    """Where the forward pass stops with an error that no mistake explains that was found."""
    for v in values:
        if v.step is Step.FORWARD and v.raised and v.seen is None:
            if any(given_instead(e, v) is None for e in named if e.step is Step.FORWARD):
                return None
            return UnknownMistake(Step.FORWARD, v.layer, (Fact("stops-at", {"trials": (v.title,)}),))
    return None


def _seen(key: AnswerKey, run: Run, catalogue: Catalogue) -> Iterator[Mistake]:
    """What became of the accumulators and of the inputs."""
    for e in from_signs(catalogue, signs(key, run, [])):
        yield mistake_of(e, Certainty.SEEN)


def _backward(key: AnswerKey, run: Run, catalogue: Catalogue, helpers: set[str]) -> Found:
    """The backward pass as it was judged, or as it is with right helpers where that is explained better."""
    graded = [
        p
        for p in key.probes
        if p.graded and any(e.rule is Rule.GRADIENT and e.source == "w[1]" for e in key.expected[p.name])
    ]
    if not any(_is_wrong_there(key, run, p) for p in graded):
        return [], []
    found = _explained(key, run, catalogue, graded)
    return min(found, key=lambda f: (len(f[1]), len([m for m in f[0] if m.id not in helpers])))


def _is_wrong_there(key: AnswerKey, run: Run, probe: Probe) -> bool:
    seen = run.observations.get(probe.name, Observation())
    gradients = [e for e in key.expected[probe.name] if e.rule is Rule.GRADIENT]
    return any(e.quantity not in seen.arrays or is_wrong(seen.arrays[e.quantity], e.single) for e in gradients)


def _explained(key: AnswerKey, run: Run, catalogue: Catalogue, graded: list[Probe]) -> Iterator[Found]:
    yield _by_steps(replace(key, probes=tuple(graded)), run, catalogue)
    own = [replace(p, name=_with_right_helpers(p.name), title=_with_right_helpers(p.title)) for p in graded]
    if all(p.name in key.expected and p.name in run.observations for p in own) and own != graded:
        yield _by_steps(replace(key, probes=tuple(own)), run, catalogue)


def _with_right_helpers(name: str) -> str:
    return name.partition(", with ")[0] + RIGHT_HELPERS


def _by_steps(key: AnswerKey, run: Run, catalogue: Catalogue) -> Found:
    """What the numbers of a backward pass show. A call that stopped shows what it stored before.

    Where it stopped must be a step that is known to be wrong, and that cannot be done there.
    """
    tried = trials(key, run)
    stopped = [t for t in tried if t.outcome is Outcome.RAISED]
    stored = [t for t in tried if any(v is not None for v in (*t.weights.values(), *t.biases.values()))]
    shown = [replace(t, outcome=Outcome.RETURNED) for t in stored]
    if not shown:
        return [], [_stop(t) for t in stopped[:1]]
    mistakes, unknown = from_numbers(catalogue, shown, crash_known=True)
    general = {e.family for e in catalogue.of(Step.HELPERS)} | {e.family for e in catalogue.entries if e.given}
    made = [[e for e in catalogue.entries if e.step in NUMERIC and m.id in (e.id, e.family)] for m in mistakes]
    left = [t for t in stopped if not any(cannot(catalogue, e, t) for entries in made for e in entries)]
    kept = [m for m, of in zip(mistakes, made, strict=True) if all(_shows(e, t) for e in of for t in left)]
    told = [_without_place(m) if m.id.partition(":")[2] in general else m for m in kept]
    if sum(any(cannot(catalogue, e, t) for e in entries for t in stopped) for entries in made) == 1:
        told = [_stopping(catalogue, m, stopped) for m in told]
    return told, [*unknown, *(_stop(t) for t in left[:1])]


def _shows(e: KnownMistake, t: NetworkProbe) -> bool:
    """Whether a call that stopped for an unknown reason had stored something before that a mistake has to do with."""
    levels = [l for l in t.layers if (l == t.depth) == (e.place == "out" or e.step is Step.LOSS)]
    if not e.place and e.step in (Step.WEIGHTS, Step.BIASES):
        levels = list(t.layers)
    kinds = [t.weights] * (e.step is not Step.BIASES) + [t.biases] * (e.step is not Step.WEIGHTS)
    return any(kind[l] is not None for kind in kinds for l in levels)


def _without_place(m: Mistake) -> Mistake:
    return replace(m, id=m.id.partition(":")[2])


def _stopping(catalogue: Catalogue, m: Mistake, stopped: list[NetworkProbe]) -> Mistake:
    """A mistake without those twins that would not have stopped where it did."""
    by_id = {e.id: e for e in catalogue.entries if e.step in NUMERIC}
    if not stopped or m.id not in by_id or not all(cannot(catalogue, by_id[m.id], t) for t in stopped):
        return m
    others = (i for i in m.same_as if i not in by_id or all(cannot(catalogue, by_id[i], t) for t in stopped))
    return replace(m, same_as=tuple(others))


def _stop(t: NetworkProbe) -> UnknownMistake:
    return UnknownMistake(Step.LOOP, None, (Fact("stops-at", {"trials": (t.title,)}),))
