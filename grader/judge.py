"""Compare what a submission reported with what was expected. Pure: arrays in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from grader.at_once import COMPARED, all_right
from grader.records import (
    AnswerKey,
    AnyArray,
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
from grader.tolerance import SINGLE, agrees, error_ratio, measured_error
from grader.training import claims
from grader.wire.facts import Fact, Value
from grader.wire.trace import QUANTITY

Objection = tuple[Fact, float | None]
"""What is wrong, and the worst error over its tolerance where there is one."""


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
    if expected.rule is Rule.LINEAR and expected.source not in seen.arrays and _gradients(seen, siblings):
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


def _gradients(seen: Observation, siblings: tuple[Expectation, ...]) -> list[AnyArray]:
    """All gradients that were reported in a probe."""
    return [seen.arrays[e.quantity] for e in siblings if e.rule is Rule.GRADIENT and e.quantity in seen.arrays]


def gradient_objection(observed: AnyArray, allowed: Estimate) -> Objection | None:
    """What is wrong with a gradient: its shape, or entries that are outside the error bars.

    Args:
        observed: what was stored, with a leading axis for the examples.
        allowed: the derivative and the error bars, likewise.
    """
    wrong_shape = _shape(observed, allowed.value)
    if wrong_shape:
        return wrong_shape, None
    values = observed.reshape(allowed.value.shape).astype(np.float64, copy=False)
    if agrees(values, allowed).all():
        return None
    return _difference(values, allowed), error_ratio(values, allowed)


def _gradient(expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Objection | None:
    """A gradient is the derivative, within what rounding allows in single precision, which any code may use inside.

    Where the value is wrong, so is what is differentiated: then the derivative of that forward is right, too, so that
    one mistake is counted once.
    """
    observed = seen.arrays[expected.quantity]
    objection = gradient_objection(observed, expected.single)
    own = _differences(expected.quantity + OF_YOURS, seen)
    if objection is None or own is None or _values_are_right(seen, siblings):
        return objection
    return objection if gradient_objection(observed, own) else None


OF_YOURS = " of your forward"
"""What is added to the name of a gradient for the differences of a forward that is no straight line."""


def _value(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """A value is what the reference gives; axes of length one at the front do not matter."""
    allowed, observed = expected.single, seen.arrays[expected.quantity]
    if _without_ones(observed.shape[1:]) == _without_ones(allowed.value.shape[1:]):
        observed = observed.reshape(len(observed), *allowed.value.shape[1:])
    return gradient_objection(observed, allowed)


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    while shape[:1] == (1,):
        shape = shape[1:]
    return shape


def _consistent(expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Objection | None:
    """A gradient is the true one, or the derivative of the submission's own forward, by finite differences of it.

    Where the values of that forward are right, its derivative is known: then the true one alone counts, as a forward
    may tell differences from other calls.
    """
    if _values_are_right(seen, siblings):
        return gradient_objection(seen.arrays[expected.source], expected.single)
    return _composed(expected, seen, ())


def _values_are_right(seen: Observation, siblings: tuple[Expectation, ...]) -> bool:
    """Whether there are values of a forward among what was reported, and all of them are right."""
    values = [e for e in siblings if e.rule is Rule.VALUE and e.quantity in seen.arrays]
    return bool(values) and all(_value(e, seen, ()) is None for e in values)


def _composed(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """A gradient or a value is the true one, or at least what follows from the submission's own function."""
    objection = gradient_objection(seen.arrays[expected.source], expected.single)
    return _own(expected, seen, ()) if objection else None


def _own(expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Objection | None:
    """A gradient or a value is what follows from the submission's own function, whatever that is.

    What is right is compared with the truth: where values are right, and where the submission gives nothing to follow.
    """
    observed = seen.arrays[expected.source]
    own = _differences(expected.quantity, seen)
    if own is None or _values_are_right(seen, siblings):
        return gradient_objection(observed, expected.single)
    if not (np.isfinite(own.value).all() and np.isfinite(own.error).all()):
        return Fact("own-function-is-not-finite"), None
    error = seen.arrays[expected.quantity + OWN_ERROR]
    is_slope = error.any() or expected.rule is not Rule.COMPOSED  # what is composed may be a value, which may be zero
    if is_slope and not bool(np.any(np.abs(own.value) > error)):
        return Fact("own-function-is-constant"), None
    objection = gradient_objection(observed, own)
    return (Fact("not-from-own-function", {"what": objection[0]}), objection[1]) if objection else None


def _differences(quantity: str, seen: Observation) -> Estimate | None:
    """What a submission's own function gives, with error bars and rounding; None where it was not reported."""
    value, error = seen.arrays.get(quantity), seen.arrays.get(quantity + OWN_ERROR)
    if value is None or error is None or value.shape != error.shape:
        return None
    value = value.astype(np.float64)
    return Estimate(value, error.astype(np.float64) + measured_error(value, [], SINGLE))


OWN_ERROR = " error"
"""What is added to the name of own finite differences for that of their error bars."""


def _linear(expected: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Objection | None:
    """A backward pass is linear in the upstream gradient; the points have those of v1, v2, v1 + v2, -3 v1 and 0."""
    if expected.source not in seen.arrays:
        return None
    observed, allowed = seen.arrays[expected.source].astype(np.float64), expected.single
    if not np.isfinite(observed).all():
        return Fact("not-linear-not-finite"), None
    if len(observed) != len(allowed.value):
        return Fact("reported-for-some-upstream", {"have": len(observed), "want": len(allowed.value)}), None
    stretch = max(1.0, float(np.max(np.abs(observed), initial=0) / max(np.max(np.abs(allowed.value)), 1e-300)))
    bar = stretch * float(np.max(allowed.error, initial=0))
    if np.any(allowed.value) and not any(np.any(gradient) for gradient in _gradients(seen, siblings)):
        return Fact("zero-for-any-upstream"), None
    first, second, both, thrice, none = observed
    with np.errstate(over="ignore"):  # what is beyond all numbers is told below
        laws = (
            ("not-linear-in-sum", both - first - second, 3),
            ("not-linear-in-factor", thrice + 3 * first, 4),
            ("not-zero-at-zero", none, 1),
        )
    for kind, gap, terms in laws:
        size = float(np.max(np.abs(gap), initial=0))
        if not size <= min(terms * bar, _LARGEST):
            return Fact(kind, {"gap": size}), None
    return None


_LARGEST = float(np.finfo(np.float64).max)
"""Whatever the bar: a gap beyond all numbers is one."""


def _unchanged(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """A parameter is, to the last bit, what it was before the call."""
    objection = _gradient(expected, seen, ())
    return (Fact("changed-by-the-call", {"what": objection[0]}), objection[1]) if objection else None


def _repeats(expected: Expectation, seen: Observation, _: tuple[Expectation, ...]) -> Objection | None:
    """The second call on one example stores what the first one stored, right or wrong, if it stored anything."""
    if expected.source not in seen.arrays:
        return None
    first, second = seen.arrays[expected.source][:1], seen.arrays[expected.quantity]
    if first.shape != second.shape:
        return Fact("shape-differs-from-first-call", {"have": second.shape[1:], "first": first.shape[1:]}), None
    if (first == second).all() or np.array_equal(first, second, equal_nan=True):
        return None
    allowed = expected.single.error
    error = allowed if allowed.shape == first.shape else np.zeros(first.shape)
    own = Estimate(first.astype(np.float64), error)
    if bool(np.all(agrees(second.astype(np.float64), own))):
        return None
    return Fact("differs-from-first-call", {"what": _difference(second.astype(np.float64), own)}), None


def _descends(_: Expectation, seen: Observation, siblings: tuple[Expectation, ...]) -> Objection | None:
    """A small enough step against what was stored lowers the loss, in every example.

    The slope of the loss along the step -g is -<G, g>, where G is the true gradient; it must be negative. What has not
    the shape of its parameter cannot be applied, and moves nothing.
    """
    usable = [
        e
        for e in siblings
        if e.rule is Rule.GRADIENT and e.quantity in seen.arrays and not _shape(seen.arrays[e.quantity], e.double.value)
    ]
    if not usable:
        return Fact("no-step-possible"), None
    examples = len(usable[0].double.value)
    stored = _in_rows([seen.arrays[e.quantity] for e in usable], examples)
    value = _in_rows([e.double.value for e in usable], examples)
    largest = float(np.abs(stored).max(initial=0.0))
    if not (np.isfinite(largest) and largest > 0):
        return Fact("no-step-possible"), None
    stored /= largest
    slope = -(stored * value).sum(axis=1)
    if (slope < 0).all():
        return None
    steepest, own = (value**2).sum(axis=1), (stored**2).sum(axis=1)
    relative = slope / np.sqrt(steepest * own)
    worst = float(np.max(np.where(np.isnan(relative), 0.0, relative)))
    return Fact("step-raises-the-loss", {"share": worst}), None


def _in_rows(arrays: list[AnyArray], examples: int) -> FloatArray:
    """All entries of each example in a row, in an array of its own."""
    return np.concatenate([array.reshape(examples, -1) for array in arrays], axis=1, dtype=np.float64)


def _trace(probe: Probe, expected: Expectation, seen: Observation) -> tuple[Verdict, Fact | None]:
    """A claim holds of the recorded training, if there is one that it is about."""
    fact = claims.objection(expected.source, seen.arrays[QUANTITY], probe.inputs)
    if fact is None:
        return Verdict.CORRECT, None
    return Verdict.NOT_ATTEMPTED if fact.kind in claims.NOT_ATTEMPTED else Verdict.WRONG, fact


CHECKS: Mapping[Rule, Callable[[Expectation, Observation, tuple[Expectation, ...]], Objection | None]] = {
    Rule.GRADIENT: _gradient,
    Rule.VALUE: _value,
    Rule.CONSISTENT: _consistent,
    Rule.COMPOSED: _composed,
    Rule.OWN: _own,
    Rule.LINEAR: _linear,
    Rule.UNCHANGED: _unchanged,
    Rule.REPEATS: _repeats,
    Rule.DESCENDS: _descends,
}


def _shape(observed: AnyArray, value: FloatArray) -> Fact | None:
    """A gradient has the shape of what it differentiates; a single number may come without axes."""
    have, want = observed.shape[1:], value.shape[1:]
    if observed.shape[0] != value.shape[0]:
        return Fact("reported-for-some-cases", {"have": observed.shape[0], "want": value.shape[0]})
    if have == want or (have == () and want == (1,)):
        return None
    kind = "shape-differs"
    if have == ():
        kind = "shape-of-a-single-number"
    elif have == want[::-1]:
        kind = "shape-transposed"
    elif have == (1, *want):
        kind = "shape-keeps-axis-of-examples"
    return Fact(kind, {"have": have, "want": want})


def _difference(observed: FloatArray, expected: Estimate) -> Fact:
    """How many entries differ, and the worst of them: where, yours, and the right number."""
    wrong = ~agrees(observed, expected)
    finite = np.isfinite(observed)
    distance = np.where(finite, np.abs(observed - expected.value), np.inf)
    at = np.unravel_index(int(np.argmax(np.where(wrong, distance, -1))), observed.shape)
    yours, right = float(observed[at]), float(expected.value[at])
    worst: dict[str, Value] = {
        "at": tuple(int(i) for i in at[1:]),
        "yours": yours,
        "right": right,
        "digits": _digits(yours, right),
    }
    here = wrong[at[0]]
    if len(observed) == 1:
        if here.size == 1:
            return Fact("number-differs", worst)
        return Fact("entries-differ", {"wrong": int(here.sum()), "of": here.size, **worst})
    affected = int(wrong.reshape(len(wrong), -1).any(axis=1).sum())
    values: dict[str, Value] = {
        "wrong": affected,
        "of": len(observed),
        "all": affected == len(observed),
        "case": int(at[0]) + 1,
    }
    return Fact("number-differs-in-cases" if here.size == 1 else "cases-differ", {**values, **worst})


def _digits(yours: float, right: float) -> int:
    """As many digits as it takes to see two numbers differ."""
    return next((n for n in range(4, 17) if f"{yours:.{n}g}" != f"{right:.{n}g}"), 17)
