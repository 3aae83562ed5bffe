"""Compare what a submission reported with what was expected. Pure: arrays in, findings out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.judging.at_once import COMPARED, all_right
from grader.judging.objections import CHECKS, reported_gradients
from grader.records import (
    AnswerKey,
    Expectation,
    Finding,
    Observation,
    Outcome,
    Probe,
    Rule,
    Run,
    Verdict,
)
from grader.tolerance import agrees, error_ratio
from grader.training import claims
from grader.wire.facts import Fact
from grader.wire.trace import QUANTITY


def judge(key: AnswerKey, run: Run) -> Iterator[Finding]:
    """One finding for every quantity that was expected: what was not reported is not overlooked."""
    for probe in key.probes:
        observation = run.observations.get(probe.name, Observation())
        expected = key.expected[probe.name]
        with np.errstate(all="ignore"):  # what was reported may be of any size
            known = COMPARED if all_right(expected, observation) else ()
            findings = [
                Finding(e.check, probe.name, e.quantity, Verdict.CORRECT)
                if e.rule in known
                else _finding(probe, e, observation, expected)
                for e in expected
            ]
        yield from findings


def excess_over_double(key: AnswerKey, run: Run) -> float:
    """The worst error of what was returned in float64, over what rounding allows in float64.

    Of gradients in graded probes, all of which have been found correct, at which a submission was given float64; 0
    where all of them are within what float64 allows.
    """
    worst = 0.0
    for probe in (probe for probe in key.probes if probe.dtype == "float64"):
        seen, expected = run.observations.get(probe.name, Observation()), key.expected[probe.name]
        if all_right(expected, seen, in_double=True):
            continue
        arrays = seen.arrays
        for e in expected:
            observed, value = arrays.get(e.quantity), e.double.value
            if e.rule is Rule.GRADIENT and probe.graded and observed is not None and observed.dtype == np.float64:
                values = observed.reshape(value.shape)
                if not agrees(values, e.double).all():
                    worst = max(worst, error_ratio(values, e.double))
    return worst


def _finding(probe: Probe, expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Finding:
    missing = _missing(expected, seen, siblings)
    if missing:
        return Finding(expected.check, probe.name, expected.quantity, *missing)
    if expected.rule is Rule.TRACE:
        return Finding(expected.check, probe.name, expected.quantity, *_trace(probe, expected, seen))
    objection = CHECKS[expected.rule](expected, seen, siblings)
    if objection is None:
        return Finding(expected.check, probe.name, expected.quantity, Verdict.CORRECT)
    return Finding(expected.check, probe.name, expected.quantity, Verdict.WRONG, *objection)


def _missing(
    expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]
) -> tuple[Verdict, Fact] | None:
    """Why a quantity cannot be compared at all. Leaving things as they were counts only where something was done."""
    if seen.outcome is Outcome.NOT_ATTEMPTED:
        return Verdict.NOT_ATTEMPTED, Fact("not-attempted")
    if expected.rule.is_work and expected.quantity in seen.arrays:
        return None
    needed = [expected.quantity]
    if expected.rule is Rule.LINEAR and expected.source not in seen.arrays and reported_gradients(seen, siblings):
        return None  # what one gradient lacks is charged where that gradient is judged
    if expected.rule in (Rule.CONSISTENT, Rule.COMPOSED, Rule.OWN, Rule.LINEAR):
        needed = [expected.source]
    elif expected.rule is Rule.DESCENDS:
        work = _work(siblings)
        needed = [quantity for quantity in work if quantity in seen.arrays] or work[:1]
    elif expected.rule is Rule.TRACE:
        needed = [QUANTITY]
    elif not expected.rule.is_work and _left_out(seen, siblings):
        needed = _work(siblings)[:1]
    elif expected.rule is Rule.REPEATS and seen.outcome is not Outcome.RETURNED:
        return Verdict.NOT_RUN, Fact(f"ended: {seen.outcome}")
    elif expected.rule is Rule.REPEATS and expected.source not in seen.arrays:
        return None
    absent = [quantity for quantity in needed if quantity not in seen.arrays]
    if not absent:
        return None
    note = seen.notes.get(absent[0])
    if note:
        return Verdict.WRONG, note
    if seen.outcome is Outcome.RETURNED:
        own = absent[0] == expected.quantity
        return Verdict.NOT_REPORTED, Fact("not-stored") if own else Fact("other-not-stored", {"other": absent[0]})
    return Verdict.NOT_RUN, Fact(f"ended: {seen.outcome}")


def _work(siblings: tuple[Expectation, ...]) -> list[str]:
    return [e.quantity for e in siblings if e.rule.is_work]


def _left_out(seen: Observation, siblings: tuple[Expectation, ...]) -> bool:
    """Whether there is something to compute, and nothing of it was reported or told of."""
    if any(e.quantity in seen.arrays or e.quantity in seen.notes for e in siblings if e.rule.is_work):
        return False
    return any(e.rule.is_work for e in siblings)


def _trace(probe: Probe, expected: Expectation, seen: Observation) -> tuple[Verdict, Fact | None]:
    """A claim holds of the recorded training, if there is one that it is about."""
    fact = claims.objection(expected.source, seen.arrays[QUANTITY], probe.inputs)
    if fact is None:
        return Verdict.CORRECT, None
    return Verdict.NOT_ATTEMPTED if fact.kind in claims.NOT_ATTEMPTED else Verdict.WRONG, fact
