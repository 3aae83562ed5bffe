"""What there is to object to in what a submission reported, by each rule. Pure: arrays in, facts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from grader.records import AnyArray, Estimate, Expectation, FloatArray, Observation, Rule
from grader.tolerance import SINGLE, agrees, error_ratio, measured_error
from grader.wire.facts import Fact, Value

Objection = tuple[Fact, float | None]
"""What is wrong, and the worst error over its tolerance where there is one."""


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
    if np.any(allowed.value) and not any(np.any(gradient) for gradient in reported_gradients(seen, siblings)):
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


def reported_gradients(seen: Observation, siblings: tuple[Expectation, ...]) -> list[AnyArray]:
    """All gradients that were reported in a probe."""
    return [seen.arrays[e.quantity] for e in siblings if e.rule is Rule.GRADIENT and e.quantity in seen.arrays]


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


OF_SHAPE = frozenset(
    [
        "shape-differs",
        "shape-differs-from-first-call",
        "shape-of-a-single-number",
        "shape-transposed",
        "shape-keeps-axis-of-examples",
    ]
)
"""Kinds of objections to a shape; the numbers may be right."""


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
