"""What a loss is: told by the gradient that arrives at its prediction, whatever the function is called.

The mean of N squared errors has the slope 2 e / N at each prediction, and no other function has. Where a prediction and
its slope are known, so are the targets that the loss must have; they are the right ones, or they are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AVERAGED, HALVED, SUMMED, ROOTED, ABSOLUTE, UNLIKE, SPREAD = (
    "averaged", "halved", "summed", "rooted", "absolute", "unlike", "spread",
)  # fmt: skip
_NEAR = 2e-3
"""How far a slope may be off, relative to the largest: single precision, and errors that are small differences."""


@dataclass(frozen=True)
class Met:
    """A prediction that met its targets.

    Attributes:
        rows: the row of each entry.
        prediction, slope: entry by entry; the slope is dL/dprediction.
        sizes: of how many entries the mean is that each entry belongs to.
        loss: its value.
        outputs: entries for each row.
    """

    rows: NDArray[np.int64]
    prediction: Floats
    slope: Floats
    sizes: Floats
    loss: float
    outputs: int = 1

    @property
    def is_finite(self) -> bool:
        """Whether it can be judged: before it diverges, and not at a minimum."""
        known = np.isfinite(self.prediction).all() and np.isfinite(self.slope).all()
        return bool(known and self.slope.any() and np.isfinite(self.loss))

    @property
    def has_no_target(self) -> bool:
        """Whether the loss is a sum of predictions, each times a number."""
        product = float(self.slope @ self.prediction)
        return abs(self.loss - product) <= 1e-5 * max(abs(self.loss), abs(product), 1e-30)


@dataclass(frozen=True)
class Kind:
    """What a loss is.

    Attributes:
        factor: by which its slope differs from that of the mean of the squared errors.
        aligned: whether each prediction met the target of its own row, as far as is known.
        given: whether its targets were seen to be those of the given data.
    """

    name: str
    factor: float = 1.0
    aligned: bool = True
    given: bool = False


Earlier = tuple[float, float]
"""A prediction, and the target that it must have had if the loss was the mean of the squared errors."""
SPREAD_KIND = Kind(SPREAD)


def kind_of(met: Met, targets: Floats | None, every_target: Floats, before: Mapping[int, Earlier]) -> Kind | None:
    """What a loss is; None where that is not certain.

    Args:
        met: finite.
        targets: those of its rows, entry by entry; None where they are not known.
        every_target: all targets, sorted.
        before: for each row, what an earlier loss showed.
    """
    if met.outputs > 1 and _is_one_for_several(met):
        return SPREAD_KIND
    if targets is not None:
        factor = _factor(met.slope, 2 * (met.prediction - targets) / met.sizes)
        kind = None if factor is None else _named(factor, met, met.prediction - targets)
        if kind and (kind.name != UNLIKE or len(met.slope) > 1):  # one number is a multiple of every other
            return SPREAD_KIND if met.outputs > 1 else kind
        if _is_absolute(met, met.prediction - targets):
            return Kind(ABSOLUTE)
    if _is_spread(met):
        return SPREAD_KIND
    return _without_targets(met, targets, every_target, before)


def _without_targets(
    met: Met, targets: Floats | None, every_target: Floats, before: Mapping[int, Earlier]
) -> Kind | None:
    """The same, by the value of the loss: the mean of squares is a quarter of N times the square of its slope."""
    entries = float(met.sizes[0])
    square = float(met.slope @ met.slope)
    factor = entries * square / (4 * met.loss) if met.loss else np.inf
    for name, wanted in ((AVERAGED, 1.0), (HALVED, 0.5), (SUMMED, entries)):
        if abs(abs(factor) - wanted) <= _NEAR * wanted:
            needed = met.prediction - met.sizes * met.slope / (2 * factor)
            strange = targets is not None and len(every_target) > 1
            if not strange:
                return Kind(name, factor)
            return Kind(name, factor, aligned=False) if _are_among(needed, every_target) else Kind(name, factor)
    if abs(entries * square - 1) <= _NEAR and entries > 1:
        flat = float(np.ptp(np.abs(met.slope))) <= _NEAR / entries
        return Kind(ABSOLUTE if flat else ROOTED)
    if all(row in before for row in met.rows.tolist()):
        return _as_before(met, np.array([before[row] for row in met.rows.tolist()]), factor)
    return None if targets is None else Kind(UNLIKE, abs(factor))


def _as_before(met: Met, before: Floats, factor: float) -> Kind | None:
    """The same, by an earlier loss of the same rows: predictions move, and the targets of a mean of squares do not."""
    needed = met.prediction - met.sizes * met.slope / 2
    moved, off = (float(np.abs(now - old).max()) for now, old in zip((met.prediction, needed), before.T, strict=True))
    if not moved > 1e-4 * float(np.abs(needed).max()):
        return None
    return Kind(AVERAGED) if off <= 0.05 * moved else Kind(UNLIKE, abs(factor))


def earlier(met: Met) -> dict[int, Earlier]:
    """For each row, what a loss shows."""
    needed = met.prediction - met.sizes * met.slope / 2
    return dict(zip(met.rows.tolist(), zip(met.prediction.tolist(), needed.tolist(), strict=True), strict=True))


def _named(factor: float, met: Met, errors: Floats) -> Kind:
    """The name of a loss whose slope is that of the mean of squares, times a factor."""
    entries, square = float(met.sizes[0]), float(np.mean(errors**2))
    root = 1 / (2 * square**0.5) if square else np.inf
    is_rather_root = abs(met.loss - square**0.5) < abs(met.loss - factor * square)  # for one root both are the same
    if entries > 1 and abs(abs(factor) - root) <= _NEAR * root and is_rather_root:
        return Kind(ROOTED, factor, given=True)
    for name, wanted in ((AVERAGED, 1.0), (HALVED, 0.5), (SUMMED, entries)):
        if abs(abs(factor) - wanted) <= _NEAR * wanted:
            return Kind(name, factor, given=True)
    return Kind(UNLIKE, factor)


def _factor(slope: Floats, wanted: Floats) -> float | None:
    """By which a slope is a multiple of another one; None where it is no multiple."""
    square = float(wanted @ wanted)
    if not square > 0:
        return None
    factor = float(slope @ wanted) / square
    rest = float(np.abs(slope - factor * wanted).max())
    return factor if factor and rest <= _NEAR * float(np.abs(slope).max()) else None


def _is_one_for_several(met: Met) -> bool:
    """Whether the predictions of a row have the same target, if the loss is the mean of the squared errors."""
    needed = (met.prediction - met.sizes * met.slope / 2).reshape(-1, met.outputs)
    return bool(np.ptp(needed, axis=1).max() <= 1e-2 * (np.abs(needed).max() + 1e-30))


def _is_spread(met: Met) -> bool:
    """Whether every prediction has the same target, the mean of all; then the loss keeps what these differ by."""
    entries, largest = len(met.slope), float(np.abs(met.slope).max())
    if entries < 3 or met.loss <= 1.01 * entries * float(met.slope @ met.slope) / 4:
        return False
    centred = met.prediction - met.prediction.mean()
    square = float(centred @ centred)
    steepness = float(centred @ met.slope) / square if square > 1e-12 * float(met.prediction @ met.prediction) else 0.0
    rest = met.slope - met.slope.mean() - steepness * centred
    is_mean = abs(steepness * entries / 2 - 1) <= 0.01 or not steepness
    return is_mean and float(np.abs(rest).max()) <= _NEAR * largest


def _is_absolute(met: Met, errors: Floats) -> bool:
    clear = np.abs(errors) > 1e-4 * float(np.abs(errors).max(initial=0.0))
    sizes = (met.slope * met.sizes)[clear]
    return bool(len(sizes)) and bool(np.allclose(sizes, np.sign(errors[clear]), atol=_NEAR))


def _are_among(values: Floats, known: Floats) -> bool:
    """Whether all values are some of the known ones."""
    right = np.clip(np.searchsorted(known, values), 1, len(known) - 1)
    distance = np.minimum(np.abs(values - known[right - 1]), np.abs(values - known[right]))
    return bool((distance <= 1e-3 * float(np.abs(values).max(initial=1e-30)) + 1e-6).all())
