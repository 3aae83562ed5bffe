"""Whether all that was computed in a trial is right, told by one comparison: in most trials, all of it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.records import Estimate, Expectation, Observation, Outcome, Rule
from grader.tolerance import agrees

COMPARED = frozenset([Rule.GRADIENT, Rule.VALUE, Rule.UNCHANGED])
"""The rules that hold of an array of the right shape whose entries are within their error bars, whatever else is."""
_MOST_KEPT = 256


@dataclass(frozen=True)
class _Row:
    """The entries of all quantities of a trial that are compared, in one row: in single precision and in double."""

    expected: tuple[Expectation, ...]
    compared: tuple[Expectation, ...]
    single: Estimate
    double: Estimate


_rows: dict[int, _Row] = {}


def all_right(expected: tuple[Expectation, ...], seen: Observation, *, in_double: bool = False) -> bool:
    """Whether all quantities of `COMPARED` rules were reported, in the shape that is asked for, and all are right.

    A shape that is accepted besides the one that is asked for is looked at where one quantity is judged by itself.

    Args:
        in_double: whether rounding may cost only what it costs in double precision, and all must come in it.
    """
    row = _row(expected)
    if seen.outcome is Outcome.NOT_ATTEMPTED or not row.compared:
        return False
    arrays = [seen.arrays.get(e.quantity) for e in row.compared]
    found = [
        array
        for array, e in zip(arrays, row.compared, strict=True)
        if array is not None and array.shape == e.single.value.shape and not (in_double and array.dtype != np.float64)
    ]
    if len(found) < len(arrays):
        return False
    entries = np.concatenate([array.reshape(-1) for array in found], dtype=np.float64)
    return bool(agrees(entries, row.double if in_double else row.single).all())


def _row(expected: tuple[Expectation, ...]) -> _Row:
    """The row of a trial, which is made once."""
    known = _rows.get(id(expected))
    if known is None or known.expected is not expected:
        if len(_rows) >= _MOST_KEPT:
            _rows.clear()
        compared = tuple(e for e in expected if e.rule in COMPARED)
        single, double = ([getattr(e, name) for e in compared] for name in ("single", "double"))
        known = _rows[id(expected)] = _Row(expected, compared, _joined(single), _joined(double))
    return known


def _joined(estimates: list[Estimate]) -> Estimate:
    nothing = np.zeros(0)
    return Estimate(
        np.concatenate([nothing, *(np.ravel(e.value) for e in estimates)]),
        np.concatenate([nothing, *(np.broadcast_to(e.error, e.value.shape).reshape(-1) for e in estimates)]),
    )
