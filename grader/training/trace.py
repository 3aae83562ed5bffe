"""What a recorded training shows. Pure: an array in, numbers with names out.

The array comes from `grader.watch.runs.encode`, through a process that nobody trusts: nothing is taken for granted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.training.updates import Update

QUANTITY = "trace"
"""The name under which an exercise reports a trace."""

FIELDS = (
    "path", "modules", "leaves", "unmoved", "updates", "backwards", "failed", "optimiser", "optimiser_steps", "stale",
    "zeroed", "old_forward", "misaligned", "spread", "tested", "median_rows", "most_rows",
    "distinct_rows", "looped", "summed", "averaged", "rooted", "absolute", "measured",
)  # fmt: skip
_MAGIC, _CURVE, _LETTERS = 7101, 120, " LTX"
OWN, CONTAINER = 16, 8
"""Bits of `Training.modules`."""
_MOST = 2**31


@dataclass(frozen=True)
class Training:
    """The training of one set of parameters.

    Attributes:
        path: the layers of the prediction; L a product with weights, T tanh, X another bend.
        modules: bits for the modules it came through: 1 Linear, 2 Tanh, 4 MSELoss, 8 a container, 16 an own class.
        leaves, unmoved: parameters that the loss depends on; how many of these had a gradient and never changed.
        updates, backwards, failed: how often parameters changed; a gradient was computed; or could not be.
        optimiser_steps: how often an optimiser stepped.
        stale: updates at which `.grad` still held what an earlier update had used.
        zeroed: steps of an optimiser that found gradients that had just been reset.
        old_forward: gradients of a prediction that was computed before the last update.
        misaligned, spread: losses in which predictions met targets of other rows, or of all rows.
        tested: updates with a gradient of test rows.
        median_rows, most_rows, distinct_rows: training rows of one update, and of all together.
        looped: backwards within a loop.
        measured, summed, averaged, rooted, absolute: losses of several predictions that were compared with their
            errors; how many were the sum and the mean of the squares, the root of this, the mean of the distances.
        losses, tests: training losses in order, test losses in order; thinned out.
        details: the first updates, in numbers.
    """

    path: str
    modules: int
    leaves: int
    unmoved: int
    updates: int
    backwards: int
    failed: int
    optimiser: int
    optimiser_steps: int
    stale: int
    zeroed: int
    old_forward: int
    misaligned: int
    spread: int
    tested: int
    median_rows: int
    most_rows: int
    distinct_rows: int
    looped: int
    summed: int
    averaged: int
    rooted: int
    absolute: int
    measured: int
    losses: tuple[float, ...] = ()
    tests: tuple[float, ...] = ()
    details: tuple[Update, ...] = ()

    @property
    def is_network(self) -> bool:
        """Whether it has several layers; else it is a linear model."""
        return self.path.count("L") > 1 or (not self.path and self.leaves > 2)

    @property
    def is_demonstration(self) -> bool:
        """Whether it is no training at all: nothing changes, and it is outside of any loop, or met no target."""
        if self.updates or self.zeroed:
            return not self.looped and self.backwards + self.failed < 3
        return not self.looped or not self.path


@dataclass(frozen=True)
class Trace:
    """The runs of a script, and the number of rows of the training set."""

    rows: int
    runs: tuple[Training, ...]

    def linear(self) -> list[Training]:
        """The trainings of a linear model."""
        return [run for run in self.runs if not run.is_network and not run.is_demonstration]

    def networks(self) -> list[Training]:
        """The trainings of a network."""
        return [run for run in self.runs if run.is_network and not run.is_demonstration]


def decode(array: NDArray[np.generic]) -> Trace:
    """The trace in an array.

    Raises:
        ValueError: the array is not a trace.
    """
    numbers = np.asarray(array, np.float64).reshape(-1)
    magic, rows, count, width, updates = (_integer(n) for n in _padded(numbers[:5], 5))
    lengths = (count * len(FIELDS), 2 * count * _CURVE, updates * (3 + 4 * width))
    if magic != _MAGIC or len(numbers) != 5 + sum(lengths):
        raise ValueError("is not a trace")
    fields, curves, details = np.split(numbers[5:], np.cumsum(lengths)[:-1])
    told = [_update(row, width) for row in details.reshape(updates, 3 + 4 * width)]
    runs = []
    for number, (values, pair) in enumerate(
        zip(fields.reshape(count, len(FIELDS)), curves.reshape(count, 2, _CURVE), strict=True)
    ):
        named = {name: _integer(value) for name, value in zip(FIELDS, values, strict=True)}
        path = _path(named.pop("path"))
        losses, tests = (tuple(curve[np.isfinite(curve)].tolist()) for curve in pair)
        own = tuple(update for run, update in told if run == number)
        runs.append(Training(path=path, **named, losses=losses, tests=tests, details=own))
    return Trace(rows, tuple(runs))


def _padded(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.pad(values, (0, length - len(values)))


def _integer(value: float) -> int:
    if not 0 <= value < _MOST or value != math.floor(value):
        raise ValueError("is not a trace: a count is no whole number")
    return int(value)


def _path(code: int) -> str:
    letters = ""
    while code:
        code, letter = divmod(code, 4)
        letters = _LETTERS[letter] + letters
    return letters


def _update(row: NDArray[np.float64], width: int) -> tuple[int, Update]:
    run, entries = _integer(row[0]), _integer(row[1])
    if entries > width:
        raise ValueError("is not a trace: an update is wider than all are")
    return run, Update(*(column[:entries] for column in row[3:].reshape(4, width)))
