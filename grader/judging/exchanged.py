"""Results of a submission that stand in each other's place. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from grader.records import AnswerKey, Estimate, Expectation, Finding, FloatArray, Observation, Rule, Run, Verdict
from grader.tolerance import agrees
from grader.wire.facts import Fact

_OF_WORK = (Rule.VALUE, Rule.GRADIENT)


def exchanged(key: AnswerKey, run: Run, findings: list[Finding]) -> Iterator[Fact]:
    """Pairs of quantities that are both wrong on a graded probe, each of which holds what the other must be."""
    wrong = {(f.probe, f.quantity) for f in findings if f.verdict is Verdict.WRONG}
    told = set[tuple[str, str]]()
    for probe in (probe for probe in key.probes if probe.graded):
        seen = run.observations.get(probe.name, Observation()).arrays
        own = [e for e in key.expected[probe.name] if e.rule in _OF_WORK and (probe.name, e.quantity) in wrong]
        for one, other in combinations([e for e in own if e.quantity in seen], 2):
            pair = one.quantity, other.quantity
            if pair not in told and _is(seen[pair[0]], other) and _is(seen[pair[1]], one):
                told.add(pair)
                yield Fact("exchanged", {"first": pair[0], "second": pair[1]})


def _is(observed: FloatArray, expected: Expectation) -> bool:
    allowed = expected.single if observed.dtype == np.float32 else expected.double
    if observed.shape != allowed.value.shape or observed.dtype.kind != "f":
        return False
    # the bar of one quantity says nothing of how exactly another one was computed
    bar = np.maximum(allowed.error, 1e-9 * np.max(np.abs(allowed.value), initial=0.0))
    return bool(np.all(agrees(observed, Estimate(allowed.value, bar))))
