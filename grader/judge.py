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
Context = tuple[Observation, tuple[Expectation, ...]]


def judge(key: AnswerKey, run: Run) -> Iterator[Finding]:
    """One finding for every quantity that was expected: what was not reported is not overlooked."""
    for probe in key.probes:
        observation = run.observations.get(probe.name, Observation())
        for expectation in key.expected[probe.name]:
            yield _finding(probe, expectation, observation, key.expected[probe.name])


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
    message = "" if verdict is Verdict.CORRECT else f"{passed} of {len(judged)} nets"
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
    elif expected.rule is not Rule.GRADIENT and not any(quantity in seen.arrays for quantity in gradients):
        needed = gradients[:1]
    elif expected.rule is Rule.REPEATS and expected.source not in seen.arrays:
        return None
    absent = [quantity for quantity in needed if quantity not in seen.arrays]
    if not absent:
        return None
    note = seen.notes.get(absent[0])
    if note:
        return Verdict.WRONG, f"holds {note}"
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
    """A gradient is the derivative, within what rounding allows in the precision in which it was returned."""
    observed = seen.arrays[expected.quantity]
    return gradient_objection(observed, _allowed(expected, observed))


def _unchanged(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """A parameter is, to the last bit, what it was before the call."""
    objection = _gradient(expected, seen, ())
    return (f"was changed by the call: {objection[0]}", objection[1]) if objection else None


def _repeats(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """The second call on one example stores what the first one stored, right or wrong, if it stored anything."""
    if expected.source not in seen.arrays:
        return None
    first, second = seen.arrays[expected.source][-1:], seen.arrays[expected.quantity]
    if first.shape != second.shape:
        return f"has shape {second.shape[1:]}, after the first call {first.shape[1:]}", None
    if np.array_equal(first, second):
        return None
    allowed = _allowed(expected, second).error
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
    slope = steepest = own = np.zeros(1)
    for e in siblings:
        if e.rule is Rule.GRADIENT and e.quantity in seen.arrays:
            observed, value = seen.arrays[e.quantity], e.double.value
            if _shape(observed, value):
                continue
            stored = observed.reshape(value.shape).astype(np.float64)
            axes = tuple(range(1, value.ndim))
            slope = slope - np.sum(stored * value, axis=axes)
            steepest = steepest + np.sum(value * value, axis=axes)
            own = own + np.sum(stored * stored, axis=axes)
    if bool(np.all(slope < 0)):
        return None
    with np.errstate(all="ignore"):
        relative = slope / np.sqrt(steepest * own)
    worst = int(np.argmax(np.where(np.isnan(relative), np.inf, relative)))
    if not np.isfinite(relative[worst]):
        return "cannot be taken: what was stored is zero, not finite, or does not fit the parameters", None
    return f"does not: on it the loss rises with {relative[worst]:.2f} of the steepest slope", None


CHECKS: Mapping[Rule, Callable[[Expectation, Observation, tuple[Expectation, ...]], Objection | None]] = {
    Rule.GRADIENT: _gradient,
    Rule.UNCHANGED: _unchanged,
    Rule.REPEATS: _repeats,
    Rule.DESCENDS: _descends,
}


def _allowed(expected: Expectation, observed: AnyArray) -> Estimate:
    return expected.single if observed.dtype == np.float32 else expected.double


def _shape(observed: AnyArray, value: FloatArray) -> str | None:
    """A gradient has the shape of what it differentiates; a single number may come without axes."""
    have, want = observed.shape[1:], value.shape[1:]
    if observed.shape[0] != value.shape[0]:
        return f"was reported for {observed.shape[0]} of {value.shape[0]} examples"
    if have == want or (have == () and want == (1,)):
        return None
    hint = ""
    if have == want[::-1]:
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
