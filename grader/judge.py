"""Compare what a submission reported with what was expected. Pure: arrays in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from grader.assignment import Check
from grader.records import (
    AnswerKey,
    AnyArray,
    CheckResult,
    Estimate,
    Expectation,
    Finding,
    FloatArray,
    Observation,
    Outcome,
    Probe,
    Rule,
    Run,
    Verdict,
)
from grader.tolerance import agrees, error_ratio

Objection = tuple[str, float | None]
"""What is wrong, in words, and the worst error over its tolerance where there is one."""


def judge(key: AnswerKey, run: Run) -> Iterator[Finding]:
    """One finding for every quantity that was expected: what was not reported is not overlooked."""
    for probe in key.probes:
        observation = run.observations.get(probe.name, Observation())
        for expectation in key.expected[probe.name]:
            with np.errstate(all="ignore"):  # what was reported may be of any size
                yield _finding(probe, expectation, observation, key.expected[probe.name])


def excess_over_double(key: AnswerKey, run: Run) -> float:
    """The worst error of what was returned in float64, over what rounding allows in float64.

    Of gradients in graded probes, all of which have been found correct.
    """
    worst = 0.0
    for probe in key.probes:
        arrays = run.observations.get(probe.name, Observation()).arrays
        for e in key.expected[probe.name]:
            observed, value = arrays.get(e.quantity), e.double.value
            if e.rule is Rule.GRADIENT and probe.graded and observed is not None and observed.dtype == np.float64:
                worst = max(worst, error_ratio(observed.reshape(value.shape), e.double))
    return worst


def check_results(checks: tuple[Check, ...], key: AnswerKey, findings: list[Finding]) -> tuple[CheckResult, ...]:
    """A row for each check; each graded probe in which all its quantities are correct earns an equal share."""
    return tuple(_check_result(check, key, [f for f in findings if f.check == check.id]) for check in checks)


def _check_result(check: Check, key: AnswerKey, findings: list[Finding]) -> CheckResult:
    verdicts = {
        probe.name: [f.verdict for f in findings if f.probe == probe.name] for probe in key.probes if probe.graded
    }
    judged = {name: found for name, found in verdicts.items() if found}
    passed = sum(all(v is Verdict.CORRECT for v in found) for found in judged.values())
    all_verdicts = [verdict for found in judged.values() for verdict in found]
    for verdict in (Verdict.WRONG, Verdict.NOT_RUN, Verdict.NOT_REPORTED, Verdict.CORRECT):
        if verdict in all_verdicts:
            break
    else:
        verdict = Verdict.FAULT_OF_THE_GRADER
    share = passed / len(judged) if judged else 0.0
    message = "" if verdict is Verdict.CORRECT else f"{passed} of {len(judged)} right"
    return CheckResult(
        check.id, check.title, round(check.points * share, 2), check.points, verdict, message, check.visibility
    )


def _finding(probe: Probe, expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Finding:
    verdict, message, ratio = Verdict.CORRECT, "", None
    missing = _missing(expected, seen, siblings)
    if missing:
        verdict, message = missing
    else:
        objection = CHECKS[expected.rule](expected, seen, siblings)
        if objection:
            verdict, (message, ratio) = Verdict.WRONG, objection
    return Finding(expected.check, probe.name, expected.quantity, verdict, message, ratio)


def _missing(expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> tuple[Verdict, str] | None:
    """Why a quantity cannot be compared at all. Leaving things as they were counts only where something was done."""
    gradients = [e.quantity for e in siblings if e.rule is Rule.GRADIENT]
    needed = [expected.quantity]
    if expected.rule is Rule.DESCENDS:
        needed = [quantity for quantity in gradients if quantity in seen.arrays] or gradients[:1]
    elif expected.rule is not Rule.GRADIENT and not any(q in seen.arrays or q in seen.notes for q in gradients):
        needed = gradients[:1]
    elif expected.rule is Rule.REPEATS and seen.outcome is not Outcome.RETURNED:
        return Verdict.NOT_RUN, str(seen.outcome)
    elif expected.rule is Rule.REPEATS and expected.source not in seen.arrays:
        return None
    absent = [quantity for quantity in needed if quantity not in seen.arrays]
    if not absent:
        return None
    note = seen.notes.get(absent[0])
    if note:
        return Verdict.WRONG, note
    if seen.outcome is Outcome.RETURNED:
        return Verdict.NOT_REPORTED, "was not stored"
    return Verdict.NOT_RUN, str(seen.outcome)


def gradient_objection(observed: AnyArray, allowed: Estimate) -> Objection | None:
    """What is wrong with a gradient: its shape, or entries that are outside the error bars.

    Args:
        observed: what was stored, with a leading axis for the examples.
        allowed: the derivative and the error bars, likewise.
    """
    wrong_shape = _shape(observed, allowed.value)
    if wrong_shape:
        return wrong_shape, None
    values = observed.reshape(allowed.value.shape).astype(np.float64)
    if bool(np.all(agrees(values, allowed))):
        return None
    return _difference(values, allowed), error_ratio(values, allowed)


def _gradient(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """A gradient is the derivative, within what rounding allows in single precision, which any code may use inside."""
    return gradient_objection(seen.arrays[expected.quantity], expected.single)


def _unchanged(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """A parameter is, to the last bit, what it was before the call."""
    objection = _gradient(expected, seen, ())
    return (f"was changed by the call: {objection[0]}", objection[1]) if objection else None


def _repeats(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """The second call on one example stores what the first one stored, right or wrong, if it stored anything."""
    if expected.source not in seen.arrays:
        return None
    first, second = seen.arrays[expected.source][:1], seen.arrays[expected.quantity]
    if first.shape != second.shape:
        return f"has shape {second.shape[1:]}, after the first call {first.shape[1:]}", None
    if np.array_equal(first, second, equal_nan=True):
        return None
    allowed = expected.single.error
    error = allowed if allowed.shape == first.shape else np.zeros(first.shape)
    own = Estimate(first.astype(np.float64), error)
    if bool(np.all(agrees(second.astype(np.float64), own))):
        return None
    return f"differs from the first call: {_difference(second.astype(np.float64), own)}", None


def _descends(_: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Objection | None:
    """A small enough step against what was stored lowers the loss, in every example.

    The slope of the loss along the step -g is -<G, g>, where G is the true gradient; it must be negative. What has not
    the shape of its parameter cannot be applied, and moves nothing.
    """
    pairs = []
    for e in siblings:
        if (
            e.rule is Rule.GRADIENT
            and e.quantity in seen.arrays
            and not _shape(seen.arrays[e.quantity], e.double.value)
        ):
            examples = len(e.double.value)
            stored = seen.arrays[e.quantity].reshape(examples, -1).astype(np.float64)
            pairs.append((stored, e.double.value.reshape(examples, -1)))
    largest = max((float(np.max(np.abs(stored), initial=0.0)) for stored, _ in pairs), default=0.0)
    if not (np.isfinite(largest) and largest > 0):
        return "cannot be taken: what was stored is zero, not finite, or does not fit the parameters", None
    slope = -sum(np.sum(stored / largest * value, axis=1) for stored, value in pairs)
    steepest = sum(np.sum(value**2, axis=1) for _, value in pairs)
    own = sum(np.sum((stored / largest) ** 2, axis=1) for stored, _ in pairs)
    if bool(np.all(slope < 0)):
        return None
    relative = slope / np.sqrt(steepest * own)
    worst = float(np.max(np.where(np.isnan(relative), 0.0, relative)))
    return f"does not: the loss rises, with {worst:.2f} of the steepest slope", None


CHECKS: Mapping[Rule, Callable[[Expectation, Observation, tuple[Expectation, ...]], Objection | None]] = {
    Rule.GRADIENT: _gradient,
    Rule.UNCHANGED: _unchanged,
    Rule.REPEATS: _repeats,
    Rule.DESCENDS: _descends,
}


def _shape(observed: AnyArray, value: FloatArray) -> str | None:
    """A gradient has the shape of what it differentiates; a single number may come without axes."""
    have, want = observed.shape[1:], value.shape[1:]
    if observed.shape[0] != value.shape[0]:
        return f"was reported for {observed.shape[0]} of {value.shape[0]} examples"
    if have == want or (have == () and want == (1,)):
        return None
    hint = ""
    if have == ():
        hint = "; it is a single number"
    elif have == want[::-1]:
        hint = "; it is transposed"
    elif have == (1, *want):
        hint = "; it keeps the axis of the examples"
    return f"has shape {have}, must have shape {want}{hint}"


def _difference(observed: FloatArray, expected: Estimate) -> str:
    """How many entries differ, and the worst of them: where, yours, and the right number."""
    wrong = ~agrees(observed, expected)
    finite = np.isfinite(observed)
    distance = np.where(finite, np.abs(observed - expected.value), np.inf)
    at = np.unravel_index(int(np.argmax(np.where(wrong, distance, -1))), observed.shape)
    here = wrong[at[0]]
    examples = ""
    if len(observed) > 1:
        affected = int(wrong.reshape(len(wrong), -1).any(axis=1).sum())
        examples = f"wrong in {affected} of {len(observed)} examples; in example {int(at[0]) + 1}, "
    index = ", ".join(str(int(i)) for i in at[1:])
    yours, right = _digits(float(observed[at]), float(expected.value[at]))
    entries = f"{int(here.sum())} of {here.size} entries differ, worst at [{index}]"
    return f"{examples}{entries}: {yours} instead of {right}"


def _digits(yours: float, right: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see them differ."""
    for digits in range(5, 18):
        texts = f"{yours:.{digits}g}", f"{right:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts
