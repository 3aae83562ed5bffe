"""Which arrays a report shows: those that are wrong, entry by entry. Pure: findings and arrays in, pictures out."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from grader.records import (
    AnswerKey,
    AnyArray,
    Expectation,
    Finding,
    FloatArray,
    IntArray,
    Picture,
    Rule,
    Run,
    Verdict,
    Visibility,
)

_MOST = 6
_ROWS, _COLUMNS = 16, 32
"""What is shown of a large array: enough to see a pattern in, few enough to tell apart on a page."""
_NUMBERS = 2000
_DIGITS = 10


def pictures(key: AnswerKey, run: Run, findings: list[Finding]) -> Iterator[Picture]:
    """Up to six wrong quantities, each in one graded probe: a public one, where there is one, of those the smallest.

    What has not as many numbers as expected cannot be compared entry by entry, and of a single number there is nothing
    to see: they have no picture.
    """
    chosen: dict[str, Picture] = {}
    found = {(f.probe, f.quantity) for f in findings if f.verdict is Verdict.WRONG and f.ratio is not None}
    graded = [probe for probe in key.probes if probe.graded]
    for probe in sorted(graded, key=lambda probe: (probe.visibility is not Visibility.PUBLIC, _size(key, probe.name))):
        for expectation in key.expected[probe.name]:
            arrays = run.observations[probe.name].arrays  # what is judged by others' numbers has none of its own
            if expectation.quantity not in chosen and (probe.name, expectation.quantity) in found:
                observed = arrays.get(expectation.quantity)
                picture = None if observed is None else _picture(probe.name, expectation, observed)
                if picture:
                    chosen[expectation.quantity] = picture
    yield from list(chosen.values())[:_MOST]


def _size(key: AnswerKey, probe: str) -> int:
    return sum(expectation.double.value.size for expectation in key.expected[probe])


def _picture(probe: str, expectation: Expectation, observed: AnyArray) -> Picture | None:
    expected = expectation.double.value
    shape = expected.shape[1:]
    size = math.prod(shape)
    if expectation.rule not in (Rule.GRADIENT, Rule.VALUE) or size < 2 or observed.size != expected.size:
        return None
    matrices = (len(expected), size // shape[-1], shape[-1])
    right, yours = expected.reshape(matrices), observed.reshape(matrices).astype(np.float64)
    error = np.abs(yours - right)
    error = np.where(np.isfinite(error), error, np.inf)
    case = int(np.argmax(error.max(axis=(1, 2))))
    rows, columns = _strongest(error[case])
    here = np.ix_(np.array([case]), rows, columns)
    return Picture(
        expectation.check,
        probe,
        expectation.quantity,
        case,
        len(expected),
        shape,
        tuple(rows.tolist()),
        tuple(columns.tolist()),
        _numbers(right[here]),
        _numbers(yours[here]),
    )


def _strongest(error: FloatArray) -> tuple[IntArray, IntArray]:
    """All rows and columns of a matrix, or, where those are too many, the ones with the largest errors, in order."""
    rows, columns = (np.arange(length) for length in error.shape)
    if error.size > _NUMBERS:
        rows = np.sort(np.argsort(-error.max(axis=1), kind="stable")[:_ROWS])
        columns = np.sort(np.argsort(-error[rows].max(axis=0), kind="stable")[:_COLUMNS])
    return rows, columns


def _numbers(array: FloatArray) -> tuple[float | None, ...]:
    return tuple(float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None for value in array.reshape(-1))
