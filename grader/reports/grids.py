"""Wrong gradients entry by entry, small enough to be looked at: larger ones in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from grader.records import (
    AnswerKey,
    AnyArray,
    Estimate,
    Expectation,
    FloatArray,
    Observation,
    Probe,
    Report,
    Run,
    Verdict,
)
from grader.tolerance import agrees

MOST = 12
"""Rows, and columns, of a grid."""
_GRIDS = 4


@dataclass(frozen=True)
class Square:
    """One entry, or a block of them: its text, what is expected, and how wrong it is, from 0 (right) to 1 (worst)."""

    text: str
    expected: str
    wrong: float


@dataclass(frozen=True)
class Grid:
    """A quantity in one trial: labels of rows and columns, and the squares row by row."""

    quantity: str
    place: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    squares: tuple[tuple[Square, ...], ...]
    blocks: bool


def grids(report: Report, key: AnswerKey, run: Run) -> list[Grid]:
    """For the first wrong quantities, their worst example in the first trial in which they are wrong."""
    probes = {probe.name: probe for probe in key.probes}
    found: dict[str, Grid] = {}
    for finding in report.findings:
        if (
            finding.verdict is Verdict.WRONG
            and finding.message
            and finding.quantity not in found
            and finding.probe in probes
        ):
            listed = key.expected[finding.probe]
            expectation = next(e for e in listed if e.quantity == finding.quantity)
            arrays = run.observations.get(finding.probe, Observation()).arrays
            found.update(_grid(probes[finding.probe], expectation, arrays))
    return list(found.values())[:_GRIDS]


def _grid(probe: Probe, e: Expectation, arrays: Mapping[str, AnyArray]) -> Iterator[tuple[str, Grid]]:
    """The grid of a quantity, if numbers of the right shape were stored."""
    allowed = e.single  # as it is judged
    stored = arrays.get(e.quantity)
    if stored is None or not e.rule.is_work or stored.dtype.kind not in "fiu" or stored.shape != allowed.value.shape:
        return
    if allowed.value.ndim == 0 or not allowed.value.size:
        return
    observed = stored.astype(np.float64)
    with np.errstate(all="ignore"):
        errors = np.where(agrees(observed, allowed), 0.0, _size(observed - allowed.value))
    example = int(np.argmax(errors.reshape(len(errors), -1).max(axis=1)))
    if errors[example].any():
        of = f", example {example + 1} of {len(errors)}" if len(errors) > 1 else ""
        picked = Estimate(allowed.value[example], allowed.error[example])
        yield e.quantity, _drawn(e.quantity, f"{probe.title}{of}", observed[example], picked.value, errors[example])


def _size(difference: FloatArray) -> FloatArray:
    """How large a difference is; what is no number is as wrong as can be."""
    return np.nan_to_num(np.abs(difference), nan=np.finfo(np.float64).max, posinf=np.finfo(np.float64).max)


def _drawn(quantity: str, place: str, observed: FloatArray, expected: FloatArray, errors: FloatArray) -> Grid:
    shape = (1, -1) if observed.ndim < 2 else (-1, observed.shape[-1])
    own, right, off = (array.reshape(shape) for array in (observed, expected, errors))
    rows, columns = (np.array_split(np.arange(n), min(n, MOST)) for n in own.shape)
    blocks = own.size > len(rows) * len(columns)
    worst = float(off.max())
    squares = tuple(
        tuple(_square(own[np.ix_(r, c)], right[np.ix_(r, c)], off[np.ix_(r, c)], worst) for c in columns) for r in rows
    )
    return Grid(quantity, place, _labels(rows), _labels(columns), squares, blocks)


def _square(own: FloatArray, right: FloatArray, off: FloatArray, worst: float) -> Square:
    wrong = float(np.sqrt(off.max() / worst))
    if own.size == 1:
        return Square(f"{own.item():.4g}", f"{right.item():.4g}", wrong)
    return Square(f"{np.count_nonzero(off)}/{off.size}", "wrong" if wrong else "right", wrong)


def _labels(parts: list[AnyArray]) -> tuple[str, ...]:
    return tuple(f"{part[0]}" if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
