"""What was seen of the trainings of a script, as one array: encoded on the untrusted side, decoded on the other.

What arrives comes from a process that nobody trusts: nothing is taken for granted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

QUANTITY = "trace"
"""The name under which an exercise reports a trace."""
TEST, UNKNOWN = 100_000, 50_000
"""Rows are told by number; those of the test set count from TEST on, the script's own from UNKNOWN on."""
LINEAR, CONTAINER, OWN = 1, 8, 16
"""Bits of `Training.modules`: ready-made modules, a container, a class of the script's own."""
MOST_RUNS, MOST_UPDATES, MOST_MEETINGS = 24, 8, 3
"""How many runs, and of each how many updates and meetings, are told in numbers."""
WIDTH, ROWS, CURVE = 64, 512, 120
"""Entries of the parameters of an update, rows of a meeting, and points of a curve, at most."""
_MAGIC, _LETTERS, _MOST = 7201, " LTX", 2**31


@dataclass(frozen=True)
class Update:
    """Some entries of all parameters: value, change, `.grad` at the time, and the gradient since the last update."""

    value: Array
    change: Array
    gradient: Array
    fresh: Array


@dataclass(frozen=True)
class Meeting:
    """A prediction, entry by entry: the row that it is of, its value, and dL/dprediction."""

    rows: Array
    prediction: Array
    slope: Array


@dataclass(frozen=True)
class Counts:
    """What was counted in the training of one set of parameters.

    Attributes:
        path: the layers of the prediction; 1 a product with weights, 2 tanh, 3 another function, in base 4.
        modules: bits for the modules that hold the parameters.
        leaves, unmoved: parameters that the loss depends on; how many of these had a gradient and never changed.
        missed: parameters that the prediction depends on, and that no gradient reached.
        updates, backwards, failed: how often parameters changed; a gradient was computed; or could not be.
        optimiser_steps: how often an optimiser stepped.
        stale: updates at which `.grad` still held what an earlier update had used.
        zeroed: steps of an optimiser that found gradients that had just been reset.
        old_forward: gradients of a prediction that was computed before the last update.
        tested: updates with a gradient of rows of a test set.
        median_rows, most_rows, distinct_rows: training rows of one update, and of all together.
        overlap: of the rows of an update, the usual percentage that the update before had used, too.
        own_data: whether rows or targets are the script's own, which those of the given data are not.
        looped: backwards within a loop.
        measured: losses of which it is known what they are, or that they are no mean of squared errors; namely
            averaged, halved, summed: (half) the mean of the squared errors, or their sum;
            rooted, absolute: the root of the mean of the squares, the mean of the distances;
            unlike: another function; each with a target of its own for each prediction, but for
            spread: losses in which every prediction met targets of all rows;
            outputs: predictions for each target, where these are several.
        misaligned: losses in which predictions met the targets of other rows.
    """

    path: int = 0
    modules: int = 0
    leaves: int = 0
    unmoved: int = 0
    missed: int = 0
    updates: int = 0
    backwards: int = 0
    failed: int = 0
    optimiser_steps: int = 0
    stale: int = 0
    zeroed: int = 0
    old_forward: int = 0
    tested: int = 0
    median_rows: int = 0
    most_rows: int = 0
    distinct_rows: int = 0
    overlap: int = 0
    own_data: int = 0
    looped: int = 0
    measured: int = 0
    averaged: int = 0
    halved: int = 0
    summed: int = 0
    rooted: int = 0
    absolute: int = 0
    unlike: int = 0
    spread: int = 0
    outputs: int = 0
    misaligned: int = 0


@dataclass(frozen=True)
class Training:
    """The training of one set of parameters.

    Attributes:
        counts: what was counted.
        losses, tests: training losses in order, test losses in order; thinned out.
        updates: the first updates, in numbers.
        meetings: the first predictions that met their targets, in numbers.
    """

    counts: Counts
    losses: tuple[float, ...] = ()
    tests: tuple[float, ...] = ()
    updates: tuple[Update, ...] = ()
    meetings: tuple[Meeting, ...] = ()

    @property
    def path(self) -> str:
        """The layers of the prediction; L a product with weights, T tanh, X another function."""
        letters, code = "", self.counts.path
        while code:
            code, letter = divmod(code, 4)
            letters = _LETTERS[letter] + letters
        return letters

    @property
    def is_network(self) -> bool:
        """Whether it has several layers; else it is a linear model."""
        return self.path.count("L") > 1 or (not self.path and (self.counts.leaves > 2 or self.counts.modules > 0))

    @property
    def is_demonstration(self) -> bool:
        """Whether it is no training at all: nothing changes, and it is outside of any loop, or met no target."""
        n = self.counts
        if n.updates or n.zeroed:
            return not n.looped and n.backwards + n.failed < 3
        return not n.looped or not (self.path or n.failed)


@dataclass(frozen=True)
class Trace:
    """The trainings of a script; `rows` are those of the one on most rows, `given` those of the training set."""

    rows: int
    given: int
    runs: tuple[Training, ...]

    def linear(self) -> list[Training]:
        """The trainings of a linear model."""
        return [run for run in self.runs if not run.is_network and not run.is_demonstration]

    def networks(self) -> list[Training]:
        """The trainings of a network."""
        return [run for run in self.runs if run.is_network and not run.is_demonstration]


_COUNTS = tuple(field.name for field in fields(Counts))
_UPDATE, _MEETING = (tuple(field.name for field in fields(kind)) for kind in (Update, Meeting))
_HEAD = 8
LARGEST = _HEAD + MOST_RUNS * (
    len(_COUNTS) + 2 * CURVE + MOST_UPDATES * (2 + len(_UPDATE) * WIDTH) + MOST_MEETINGS * (2 + len(_MEETING) * ROWS)
)
"""Entries of the longest trace."""


def path_code(path: str) -> int:
    """A path as the number that `Counts.path` holds."""
    code = 0
    for letter in path[:12]:
        code = 4 * code + _LETTERS.index(letter)
    return code


def encode(trace: Trace) -> Array:
    """A trace as one vector.

    Layout: magic, rows, given, runs, updates and the width of their columns, meetings and theirs; runs x counts; runs x
    two curves; for each update, and then for each meeting, its run, its entries, and its columns.
    """
    updates = [(number, update) for number, run in enumerate(trace.runs) for update in run.updates]
    meetings = [(number, meeting) for number, run in enumerate(trace.runs) for meeting in run.meetings]
    blocks, sizes = [], []
    for named, told in ((_UPDATE, updates), (_MEETING, meetings)):
        width = max((len(getattr(each, named[0])) for _, each in told), default=0)
        sizes += [len(told), width]
        blocks += [_columns(number, [getattr(each, name) for name in named], width) for number, each in told]
    head = np.array([_MAGIC, trace.rows, trace.given, len(trace.runs), *sizes], np.float64)
    counts = [np.array([getattr(run.counts, name) for name in _COUNTS], np.float64) for run in trace.runs]
    curves = [_curve(values) for run in trace.runs for values in (run.losses, run.tests)]
    return np.concatenate([head, *counts, *curves, *blocks])


def _columns(number: int, columns: Sequence[Array], width: int) -> Array:
    entries = len(columns[0])
    return np.concatenate([[number, entries], *(np.pad(column, (0, width - entries)) for column in columns)])


def _curve(values: Sequence[float]) -> Array:
    """At most CURVE of the values, the first and the last among them; NaN for the rest."""
    array = np.asarray(values, np.float64)
    if len(array) > CURVE:
        array = array[np.linspace(0, len(array) - 1, CURVE).astype(int)]
    return np.pad(array, (0, CURVE - len(array)), constant_values=np.nan)


def decode(array: NDArray[np.generic]) -> Trace:
    """The trace in an array.

    Raises:
        ValueError: the array is not a trace.
    """
    numbers = np.asarray(array, np.float64).reshape(-1)
    head = [_integer(n) for n in np.pad(numbers[:_HEAD], (0, _HEAD - len(numbers[:_HEAD])))]
    magic, rows, given, count, *(updates, width, meetings, wide) = head
    shapes = ((count, len(_COUNTS)), (count, 2 * CURVE), (updates, 2 + 4 * width), (meetings, 2 + 3 * wide))
    lengths = [math.prod(shape) for shape in shapes]
    if magic != _MAGIC or len(numbers) != _HEAD + sum(lengths):
        raise ValueError("no trace")
    parts = np.split(numbers[_HEAD:], np.cumsum(lengths)[:-1])
    counts, curves, told, met = (part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
    known_updates = [(run, Update(*columns)) for run, columns in _rows(told, width, len(_UPDATE))]
    known_meetings = [(run, Meeting(*columns)) for run, columns in _rows(met, wide, len(_MEETING))]
    runs = []
    for number in range(count):
        losses, tests = (tuple(c[np.isfinite(c)].tolist()) for c in curves[number].reshape(2, CURVE))
        runs.append(
            Training(
                Counts(*(_integer(value) for value in counts[number])),
                losses,
                tests,
                tuple(each for run, each in known_updates if run == number),
                tuple(each for run, each in known_meetings if run == number),
            )
        )
    return Trace(rows, given, tuple(runs))


def _rows(table: Array, width: int, columns: int) -> Iterable[tuple[int, list[Array]]]:
    for row in table:
        run, entries = _integer(row[0]), _integer(row[1])
        if entries > width:
            raise ValueError("no trace: a column is wider than all are")
        yield run, [column[:entries] for column in row[2:].reshape(columns, width)]


def _integer(value: float) -> int:
    if not 0 <= value < _MOST or value != math.floor(value):
        raise ValueError("no trace: a count is no whole number")
    return int(value)
