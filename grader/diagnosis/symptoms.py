"""What can be said where there is no catalogue: the first quantity that is wrong, and what is true of its numbers."""

from __future__ import annotations

import numpy as np

from grader.diagnosis.facts import Pair, facts
from grader.records import AnswerKey, Diagnosis, Finding, Observation, Run, UnknownMistake, Verdict
from grader.wire.facts import Fact


def symptoms(key: AnswerKey, run: Run, findings: list[Finding]) -> Diagnosis:
    """The first wrong quantity, over all graded probes in which it was stored, against what was expected."""
    graded = [probe for probe in key.probes if probe.graded]
    names = {probe.name for probe in graded}
    first = next((f for f in findings if f.verdict is Verdict.WRONG and f.ratio is not None and f.probe in names), None)
    if first is None:
        return Diagnosis()
    pairs: list[Pair] = []
    truths = False
    for probe in graded:
        stored = run.observations.get(probe.name, Observation()).arrays.get(first.quantity)
        expected = next((e for e in key.expected[probe.name] if e.quantity == first.quantity), None)
        if stored is None or expected is None or not expected.rule.is_work:
            continue
        if stored.dtype.kind not in "fiu":
            truths = True
        elif len(stored) == len(expected.double.value):
            pairs.append((probe.title, stored.astype(np.float64), expected.double.value))
    with np.errstate(all="ignore"):
        told = (Fact("holds-truth-values", {"name": first.quantity}),) if truths else facts(first.quantity, pairs)
    return Diagnosis(unknown=(UnknownMistake(first.quantity, None, told),)) if told else Diagnosis()
