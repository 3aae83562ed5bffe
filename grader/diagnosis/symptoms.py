"""What can be said where there is no catalogue: the first quantity that is wrong, and what is true of its numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from grader.diagnosis.facts import Pair, facts
from grader.records import AnswerKey, Diagnosis, Finding, Observation, Rule, Run, UnknownMistake, Verdict
from grader.wire.facts import Fact

_LAYER = "_layer"


def symptoms(key: AnswerKey, run: Run, findings: list[Finding]) -> Diagnosis:
    """The first wrong quantity, over the graded probes of its part in which it was stored, against what is expected."""
    for first in _first_wrong(key, findings):
        told = _told(key, run, first)
        return Diagnosis(unknown=(UnknownMistake(first.quantity, None, told),)) if told else Diagnosis()
    return Diagnosis()


def symptoms_of_layers(
    key: AnswerKey, run: Run, findings: list[Finding], explained: Collection[str]
) -> Iterator[UnknownMistake]:
    """Likewise of each declared layer in which something is wrong, but for those in which a mistake is named."""
    families = {probe.name: probe.family for probe in key.probes}
    for first in _first_wrong(key, findings):
        layer = families[first.probe].removesuffix(_LAYER)
        told = () if layer in explained else _told(key, run, first)
        if told:
            yield UnknownMistake(f"{layer}: {first.quantity}", None, told)


def _first_wrong(key: AnswerKey, findings: list[Finding]) -> Iterator[Finding]:
    """Of each part, in their order, the first finding of a number that is wrong."""
    families = {probe.name: probe.family for probe in key.probes if probe.graded}
    told: set[str] = set()
    for finding in findings:
        if finding.verdict is Verdict.WRONG and finding.ratio is not None and finding.probe in families:
            family = families[finding.probe]
            if family not in told:
                yield finding
            told.add(family)


def _told(key: AnswerKey, run: Run, first: Finding) -> tuple[Fact, ...]:
    """What is true of the numbers of one quantity in all graded probes of its part."""
    part = next(probe.family for probe in key.probes if probe.name == first.probe)
    pairs: list[Pair] = []
    truths = depends = False
    for probe in (probe for probe in key.probes if probe.graded and probe.family == part):
        stored = run.observations.get(probe.name, Observation()).arrays.get(first.quantity)
        expected = next((e for e in key.expected[probe.name] if e.quantity == first.quantity), None)
        if stored is None or expected is None or not expected.rule.is_work:
            continue
        depends = depends or expected.rule is Rule.GRADIENT
        if stored.dtype.kind not in "fiu":
            truths = True
        elif len(stored) == len(expected.double.value):
            pairs.append((probe.title, stored.astype(np.float64), expected.double.value))
    if truths:
        return (Fact("holds-truth-values", {"name": first.quantity}),)
    with np.errstate(all="ignore"):
        told = facts(first.quantity, pairs, layered=not part.endswith(_LAYER))
    return tuple(fact for fact in told if fact.kind != "same-for-every-upstream" or depends)
