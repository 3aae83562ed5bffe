"""Evidence that gradients were not derived by hand. Pure: observations in, policy findings out.

A sign is a piece of evidence that no honest style shows. What an honest style may show, as ignoring the caches, is told
only together with a sign of another kind, and is never a reason to take points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from grader.assignment import Policy
from grader.records import (
    Action,
    AnswerKey,
    AnyArray,
    Evidence,
    FloatArray,
    Observation,
    Outcome,
    PolicyFinding,
    Prediction,
    Probe,
    Run,
)
from grader.wire.facts import Fact, Value

AUTOGRAD_NODES = "autograd nodes"
"""The quantity in which the sandbox counts the operations that autograd recorded during a probe."""
EVALUATIONS = "evaluations"
"""The quantity in which an exercise reports how often the submission evaluated its network, call by call."""
COUNTS = "counts"
"""The quantity in which the instruments report, call by call: operations of torch, calls out of own code, operations
that differentiate, complex values, calls of own arithmetic."""
ENTRY_POINTS = "entry points"
"""The quantity in which the instruments tell the functions that differentiate and were called."""
LOADING_NODES = "autograd nodes while loading"
"""The quantity that counts what autograd recorded before any probe."""
EVIDENCE = (AUTOGRAD_NODES, COUNTS, ENTRY_POINTS, LOADING_NODES)

_HONEST_EVALUATIONS = 20
"""A forward pass done again, and some more for printing; finite differences take two for each parameter."""
_UNITS_MORE = 8
"""By how much a loop over units must add to a count; each layer of the wider net has at least that many units more."""


@dataclass(frozen=True)
class _Seen:
    """One probe for evidence: what came back, and what it would be by hand and by machine."""

    probe: Probe
    observation: Observation
    predictions: dict[str, Prediction]

    def count(self, column: int) -> int:
        """One of the numbers that the instruments report, over all calls."""
        counts = self.observation.arrays.get(COUNTS)
        if counts is None or counts.dtype.kind != "i" or counts.ndim != 2 or column >= counts.shape[1]:
            return 0
        return int(counts[:, column].sum())

    @cached_property
    def errors(self) -> list[float]:
        """The distance of each reported quantity from what it is by hand, over the largest entry."""
        return [_distance(o, p.by_hand) / _size(p.by_hand) for _, o, p in self.reported]

    @cached_property
    def by_machine(self) -> tuple[str, ...]:
        """The names of the quantities that are what a machine finds, and not what the derivation gives."""
        return tuple(quantity for quantity, observed, p in self.reported if _follows_machine(observed, p))

    @cached_property
    def reported(self) -> list[tuple[str, AnyArray, Prediction]]:
        """Each quantity that was reported in the right number of entries, and its prediction."""
        arrays = self.observation.arrays
        listed = [(quantity, arrays[quantity], p) for quantity, p in self.predictions.items() if quantity in arrays]
        return [(quantity, observed, p) for quantity, observed, p in listed if observed.size == p.by_hand.size]


_EVIDENCE = (Evidence.INSTRUMENTS, Evidence.WATERMARK, Evidence.CACHES)


def policy_findings(policy: Policy, key: AnswerKey, run: Run) -> Iterator[PolicyFinding]:
    """What the rules of the assignment have to say about a run: a finding for each rule, with all signs and where."""
    instruments, marked, drawn = (_probes(key, run, evidence) for evidence in _EVIDENCE)
    autograd = [*_recorded(key, run), *_entered(instruments), *_dispatched(instruments), *_watermark(marked)]
    numerical = [*_evaluated(key, run), *_disturbed(instruments, marked), *_complex(instruments)]
    others = [*autograd, *numerical, *_doubts(instruments, drawn)]
    ignored = list(_ignores_caches(drawn))
    caches = [*ignored, others[0]] if ignored and others else []
    for rule, action, signs in (
        ("autograd", policy.autograd, autograd),
        ("finite-differences", policy.finite_differences, numerical),
        ("caches", policy.caches, caches),
    ):
        if signs and action is not Action.ALLOW:
            yield PolicyFinding(rule, action, tuple(signs))


def remarks(policy: Policy, key: AnswerKey, run: Run) -> Iterator[Fact]:
    """Where the work of Python grows with the width; where the evidence has gaps and the graded work has none."""
    grown = _growth(_probes(key, run, Evidence.INSTRUMENTS))
    if grown and policy.loops == "remark":
        yield grown
    gaps = _gaps(key, run)
    if gaps:
        yield Fact("does-not-reach-evidence", {"trials": tuple(probe.title for probe in gaps)})


def _gaps(key: AnswerKey, run: Run) -> list[Probe]:
    """Probes for evidence at which a submission ended, where it ends at no graded one that calls it in the same way.

    Unless it gets to the end of the same trial in another manner, which is then the one that it was written for.
    """
    ended = [p for p in key.probes if run.observations.get(p.name, Observation()).outcome is not Outcome.RETURNED]
    returned = {probe.manner for probe in key.probes if probe.graded} - {
        probe.manner for probe in ended if probe.graded
    }
    written_for = {(p.evidence, p.part): p.manner for p in key.probes if p.evidence and p not in ended}
    return [
        probe
        for probe in ended
        if probe.evidence
        and probe.manner in returned
        and written_for.get((probe.evidence, probe.part), probe.manner) == probe.manner
    ]


def _recorded(key: AnswerKey, run: Run) -> Iterator[Fact]:
    """Submissions are called with tensors that need no gradient: only who asks for gradients makes autograd record."""
    for probe in key.probes:
        count = _largest(run.observations.get(probe.name, Observation()), AUTOGRAD_NODES)
        if count > 0:
            yield Fact("autograd-recorded", {"count": count, "trial": probe.title})
            return


def _entered(instruments: list[_Seen]) -> Iterator[Fact]:
    for seen in instruments:
        called = seen.observation.notes.get(ENTRY_POINTS)
        if called:
            what = str(called.values.get("text", ""))[:200]
            yield Fact("called-what-differentiates", {"what": what, "trial": seen.probe.title})
            return


def _dispatched(instruments: list[_Seen]) -> Iterator[Fact]:
    for seen in instruments:
        if seen.count(2) > 0:
            yield Fact("executed-derivatives", {"count": seen.count(2), "trial": seen.probe.title})
            return


def _watermark(marked: list[_Seen]) -> Iterator[Fact]:
    """Gradients that carry the derivative of the mark, and agree with it a hundred times better than without."""
    for seen in marked:
        carrying = seen.by_machine
        if carrying:
            yield Fact("carries-the-mark", {"quantities": carrying, "trial": seen.probe.title})


def _disturbed(instruments: list[_Seen], marked: list[_Seen]) -> Iterator[Fact]:
    """Differences of the forward pass: right where it is plain, off where a ripple too small to see is on it."""
    for trial in marked:
        plain = [error for seen in instruments if seen.probe.manner == trial.probe.manner for error in seen.errors]
        off, usual = max(trial.errors, default=0.0), max(plain, default=np.inf)
        if not trial.by_machine and usual < 1e-5 and 1e-6 < off < 0.2 and off > 100 * usual:
            yield Fact("disturbed-by-a-ripple", {"usual": usual, "off": off, "trial": trial.probe.title})


def _evaluated(key: AnswerKey, run: Run) -> Iterator[Fact]:
    for probe in key.probes:
        count = _largest(run.observations.get(probe.name, Observation()), EVALUATIONS)
        if count > _HONEST_EVALUATIONS:
            yield Fact("evaluated-many-times", {"count": count, "trial": probe.title})
            return


def _complex(instruments: list[_Seen]) -> Iterator[Fact]:
    for seen in instruments:
        if seen.count(3) > 0:
            yield Fact("computed-with-complex", {"trial": seen.probe.title})
            return


def _doubts(instruments: list[_Seen], drawn: list[_Seen]) -> Iterator[Fact]:
    """What is no sign by itself, but is none of those who only run the forward pass again either."""
    for seen in instruments:
        double = not any(_is_single(observed) for _, observed, _ in seen.reported)
        error = max(seen.errors, default=0.0)
        if double and 1e-12 < error < (1e-4 if _growth(instruments) else 5e-9):
            yield Fact("error-as-of-differences", {"error": error, "trial": seen.probe.title})
        if seen.count(4) > 0:
            yield Fact("own-number-class", {"count": seen.count(4), "trial": seen.probe.title})
    for seen in drawn:
        count = _largest(seen.observation, LOADING_NODES)
        if count > 0:
            yield Fact("autograd-recorded-while-loading", {"count": count})


def _ignores_caches(drawn: list[_Seen]) -> Iterator[Fact]:
    """What was stored belongs to a forward pass of the submission's own, not to the z[l] and a[l] that were kept."""
    for seen in drawn:
        ignoring = seen.by_machine
        if ignoring:
            yield Fact("ignores-the-caches", {"quantities": ignoring, "trial": seen.probe.title})


def _growth(seen: list[_Seen]) -> Fact | None:
    """What the count is at fewer and at more units, where it grows as a loop over units makes it grow."""
    for few, many in combinations(seen, 2):
        if few.probe.manner == many.probe.manner:
            for column in (0, 1):
                before, after = few.count(column), many.count(column)
                if before and after - before >= _UNITS_MORE:
                    values: dict[str, Value] = {
                        "before": before,
                        "few": few.probe.title,
                        "after": after,
                        "many": many.probe.title,
                    }
                    return Fact("loops-over-units", values)
    return None


def _probes(key: AnswerKey, run: Run, evidence: Evidence) -> list[_Seen]:
    return [
        _Seen(probe, run.observations.get(probe.name, Observation()), dict(key.predictions.get(probe.name, {})))
        for probe in key.probes
        if probe.evidence is evidence
    ]


def _is_single(observed: AnyArray) -> bool:
    """Whether all entries are numbers of single precision, in whatever type they were stored."""
    with np.errstate(over="ignore"):
        return observed.dtype.kind != "f" or bool((observed.astype(np.float32) == observed).all())


def _largest(observation: Observation, quantity: str) -> int:
    """A number that was counted; 0 where none, or something else, was reported."""
    counted = observation.arrays.get(quantity)
    return int(counted.max()) if counted is not None and counted.size and counted.dtype.kind == "i" else 0


def _follows_machine(observed: AnyArray, predicted: Prediction) -> bool:
    """Whether what was stored is what a machine finds, and not what the derivation gives.

    Four entries at least that agree by chance to a fiftieth of the gap between the two: nobody is accused by accident.
    """
    gap = _distance(predicted.by_hand, predicted.by_machine)
    distinct = predicted.by_hand.size >= 4 and gap > 1e-3 * _size(predicted.by_hand)
    return distinct and _distance(observed, predicted.by_machine) < 0.02 * gap


def _distance(observed: AnyArray, predicted: FloatArray) -> float:
    """The largest difference; infinite where one is not finite, or the numbers of entries differ."""
    if observed.size != predicted.size:
        return np.inf
    with np.errstate(all="ignore"):
        distance = float(np.max(np.abs(observed.reshape(-1).astype(np.float64) - predicted.reshape(-1)), initial=0.0))
    return distance if np.isfinite(distance) else np.inf


def _size(predicted: FloatArray) -> float:
    return float(np.max(np.abs(predicted), initial=np.finfo(np.float64).tiny))
