"""The training of one set of parameters: what was counted, and some of its updates in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.ma  # np.unique imports it at its first call
import torch
from numpy.typing import NDArray

from grader.watch.tags import TEST, Meeting

FIELDS = (
    "path", "modules", "leaves", "unmoved", "updates", "backwards", "failed", "optimiser", "optimiser_steps", "stale",
    "zeroed", "old_forward", "misaligned", "spread", "tested", "median_rows", "most_rows",
    "distinct_rows", "looped", "summed", "averaged", "rooted", "absolute", "measured",
)  # fmt: skip
"""One number each for a run; `grader.training.trace.Training` says what they mean."""
MODULES = {"Linear": 1, "Tanh": 2, "MSELoss": 4, "container": 8, "own": 16}
OPTIMISERS = ("", "SGD", "another")
LETTERS = " LTX"
MOST_RUNS, MOST_DETAILS, WIDTH, CURVE, MEASURED = 24, 8, 64, 120, 50
MAGIC = 7101.0
LARGEST = 5 + MOST_RUNS * (len(FIELDS) + 2 * CURVE + MOST_DETAILS * (3 + 4 * WIDTH))
"""Entries of the longest trace."""

FloatArray = NDArray[np.float64]


@dataclass
class Leaf:
    """A parameter: what it was at the last backward, the gradient that this left there, and since when it adds up.

    `since` and `updated_at` are numbers of backwards: since which the gradient adds up, and after which it was last
    used. `drawn` tells that it was filled with random numbers after its training began. `returned` is what
    `autograd.grad` returned since the last update, which leaves nothing there.
    """

    tensor: torch.Tensor
    value: torch.Tensor
    start: torch.Tensor
    left: torch.Tensor | None = None
    returned: torch.Tensor | None = None
    total: torch.Tensor | None = None
    since: int = 0
    updated_at: int = 0
    moved: bool = False
    mattered: bool = False
    drawn: bool = False

    @classmethod
    def of(cls, tensor: torch.Tensor) -> Leaf:
        """A parameter as it is when its training begins."""
        value = tensor.detach().clone()
        return cls(tensor, value, value)


@dataclass(eq=False)
class Run:
    """The training of one set of parameters, started from one outermost loop (None: from no loop)."""

    loop: object
    leaves: list[Leaf]
    path: str = ""
    modules: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    optimisers: set[str] = field(default_factory=set)
    updated_at: int = 0
    stepped_at: int = 0
    tested_at: int = 0
    operations: int = 0
    previous: FloatArray | None = None
    rebinds: bool = False
    sign: int = 1
    seen: list[NDArray[np.int64]] = field(default_factory=list)
    rows_per_update: list[int] = field(default_factory=list)
    distinct: set[int] = field(default_factory=set)
    losses: list[float] = field(default_factory=list)
    tests: list[float] = field(default_factory=list)
    details: list[list[FloatArray]] = field(default_factory=list)

    def count(self, name: str, by: int = 1) -> None:
        """One more of what `FIELDS` names."""
        self.counts[name] = self.counts.get(name, 0) + by

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)

    def before_backward(self, by: str = "") -> None:
        """Find the update that the code made by itself; see which gradients were reset since the last backward.

        Args:
            by: the optimiser that calls for this backward within its step, if one does.
        """
        self.settle(by)
        following = self["backwards"] + 1
        for leaf in self.leaves:
            grad = leaf.tensor.grad
            kept = grad is not None and leaf.left is not None and bool(leaf.left.any()) and torch.equal(grad, leaf.left)
            if not kept or not leaf.since:
                leaf.since = following

    def after_backward(self, fresh: Sequence[torch.Tensor | None], left: Sequence[torch.Tensor | None]) -> None:
        """Keep the gradient of this backward alone, and what is in `.grad` now."""
        for leaf, grad in zip(self.leaves, left, strict=True):
            leaf.left = grad
        self._after(fresh)

    def after_grad(self, returned: Sequence[torch.Tensor | None]) -> None:
        """Keep what `autograd.grad` returned: it is added up until there is an update."""
        for leaf, new in zip(self.leaves, returned, strict=True):
            if new is not None:
                leaf.returned = new if leaf.returned is None else leaf.returned + new
        self._after(returned)

    def _after(self, fresh: Sequence[torch.Tensor | None]) -> None:
        self.count("backwards" if self.leaves else "failed")
        for leaf, new in zip(self.leaves, fresh, strict=True):
            if new is not None:
                leaf.mattered = leaf.mattered or bool(new.any())
                leaf.total = new.clone() if leaf.total is None else leaf.total + new

    def saw(self, meetings: Sequence[Meeting], loss: float, operations: int) -> None:
        """Note what the loss of a backward was made of."""
        self.losses.append(loss)
        self.count("looped", int(self.loop is not None))
        number = self["backwards"] + 1
        for meeting in meetings:
            self.path = self.path or meeting.path
            self.modules |= meeting.modules
            if meeting.born < self.operations and self.updated_at == self["backwards"] > 0:
                self.count("old_forward")
            self.count("misaligned", int(not meeting.aligned))
            self.count("spread", int(meeting.spread))
            test = meeting.x >= TEST
            if test.any():
                self.tested_at = number
            self.seen.append(meeting.x[~test])
        if len(meetings) == 1 and self["measured"] < MEASURED and not meetings[0].spread:
            entries, squares = meetings[0].prediction.numel(), meetings[0].squares()
            self.sign = -1 if loss < 0 < squares else 1
            if entries > 1 and squares > 0:
                size = abs(loss)
                self.count("measured")
                for name, likely in (
                    ("summed", squares),
                    ("averaged", squares / entries),
                    ("rooted", (squares / entries) ** 0.5),
                    ("absolute", meetings[0].distances() / entries),
                ):
                    self.count(name, int(abs(size - likely) <= 1e-3 * likely))
        self.operations = operations

    def settle(self, by: str = "", used: Sequence[torch.Tensor | None] | None = None) -> None:
        """Note an update if a parameter has changed since the last one.

        Where an optimiser steps, what else changes parameters is no update: the best weights are put back, or clamped.

        Args:
            by: the optimiser; empty where the code did it itself.
            used: the gradients that an optimiser found.
        """
        changed = [
            leaf.value.shape != leaf.tensor.shape or not torch.equal(leaf.tensor, leaf.value) for leaf in self.leaves
        ]
        if not any(changed):
            return
        if not self["backwards"]:
            for leaf in self.leaves:
                leaf.value = leaf.tensor.detach().clone()
            return
        if not by and self.optimisers:
            self._absorb(changed)
            return
        used_again = (
            leaf.since <= leaf.updated_at and _nonzero(leaf.left)
            for leaf, moved in zip(self.leaves, changed, strict=True)
            if moved
        )
        if self["updates"] and any(used_again):
            self.count("stale")
        if self.tested_at and any(leaf.since <= self.tested_at for leaf in self.leaves):
            self.count("tested")
        self.tested_at = 0
        self.count("updates")
        if by:
            self.optimisers.add(by)
        self._detail(self._used() if used is None else used)
        self._absorb(changed)
        rows = np.unique(np.concatenate(self.seen)) if self.seen else np.empty(0, np.int64)
        if len(rows):
            self.rows_per_update.append(len(rows))
            self.distinct.update(rows.tolist())
        self.seen, self.updated_at = [], self["backwards"]
        for leaf, moved in zip(self.leaves, changed, strict=True):
            leaf.updated_at = self.updated_at if moved else leaf.updated_at

    def _absorb(self, changed: Sequence[bool]) -> None:
        """Take the parameters as they are now."""
        for leaf, moved in zip(self.leaves, changed, strict=True):
            leaf.moved = leaf.moved or moved
            leaf.value, leaf.total, leaf.returned = leaf.tensor.detach().clone(), None, None

    def _used(self) -> list[torch.Tensor | None]:
        """The gradients that the code's own update used: what is in `.grad`, or what `autograd.grad` returned.

        Where there are both, one of them may have been looked at only: those that the change follows best.
        """
        left, returned = self._gradients()
        if all(gradient is None for gradient in returned):
            return left
        change = _flat([leaf.tensor.detach() - _like(leaf.value, leaf.tensor) for leaf in self.leaves])

        def likeness(gradients: Sequence[torch.Tensor | None]) -> float:
            flat = self._in_one(gradients)
            size = float(np.linalg.norm(flat))
            return abs(float(flat @ change)) / size if size > 0 else -1.0

        return max((left, returned), key=likeness)

    def _gradients(self) -> tuple[list[torch.Tensor | None], list[torch.Tensor | None]]:
        """What is in `.grad`, and what `autograd.grad` returned since the last update."""
        return [leaf.left for leaf in self.leaves], [leaf.returned for leaf in self.leaves]

    def _in_one(self, gradients: Sequence[torch.Tensor | None]) -> FloatArray:
        """Gradients of all parameters in one vector, zero where there is none."""
        return _flat([_or_zero(g, leaf.tensor.detach()) for g, leaf in zip(gradients, self.leaves, strict=True)])

    def began_anew(self) -> bool:
        """Whether the parameters are, after updates, to the last bit what they were at first, or drawn once more."""
        return self["updates"] > 0 and all(leaf.drawn or torch.equal(leaf.tensor, leaf.start) for leaf in self.leaves)

    def close(self) -> None:
        """What happens to the parameters from now on is not the business of this run."""
        self._absorb([False] * len(self.leaves))

    def continues_in(self, tensors: Sequence[torch.Tensor]) -> bool:
        """Whether new tensors are the parameters of this run, one step further: new leaves instead of changed ones.

        Outside of loops only if the step leads along the gradient, or goes on along the step before.
        """
        if [t.shape for t in tensors] != [leaf.tensor.shape for leaf in self.leaves]:
            return False
        old = _flat([leaf.value for leaf in self.leaves])
        step = _flat([t.detach() for t in tensors]) - old
        if not step.any() or (self["updates"] and all(map(torch.equal, tensors, (leaf.start for leaf in self.leaves)))):
            return False  # another training from the same start
        directions = [self._in_one(gradients) for gradients in self._gradients()]
        if self.previous is not None and self.previous.shape == step.shape:
            directions.append(self.previous)
        basis = np.stack(directions, axis=1)
        with np.errstate(all="ignore"):
            if not (np.isfinite(basis).all() and np.isfinite(step).all()):
                return False
            rest = step - basis @ np.linalg.lstsq(basis, step, rcond=None)[0]
            size = np.linalg.norm(old)
            near = (self.loop is not None and bool(np.linalg.norm(step) <= 0.3 * size)) or self._goes_on(step, size)
            return near or bool(np.linalg.norm(rest) <= 1e-3 * np.linalg.norm(step) + 1e-6 * size)

    def _goes_on(self, step: FloatArray, size: np.floating[Any]) -> bool:
        """Whether a step is about as long as the one before, or leads from zero against the gradient: as those of Adam.

        To begin anew takes a longer step: back to where the training started.
        """
        if self.previous is not None and self.previous.shape == step.shape:
            return bool(np.linalg.norm(step) <= 3 * np.linalg.norm(self.previous))
        return bool(size == 0) and any(_alike(step, -self._in_one(gradients)) for gradients in self._gradients())

    def _detail(self, used: Sequence[torch.Tensor | None]) -> None:
        """Keep parameters, change, gradient at the time, and gradient since the last update: some entries of each."""
        if self.rebinds or len(self.details) < MOST_DETAILS:
            if any(leaf.tensor.shape != leaf.value.shape for leaf in self.leaves):
                return
            self.previous = _flat([leaf.tensor.detach() - leaf.value for leaf in self.leaves])
        if len(self.details) >= MOST_DETAILS:
            return
        quota = max(1, WIDTH // len(self.leaves))
        columns: list[list[FloatArray]] = [[], [], [], []]
        for leaf, grad in zip(self.leaves, used, strict=True):
            now = leaf.tensor.detach()
            gradients = (self.sign * _or_zero(grad, now), self.sign * _or_zero(leaf.total, now))
            values = (leaf.value, now - leaf.value, *gradients)
            for column, value in zip(columns, values, strict=True):
                flat = value.reshape(-1).double().numpy()
                column.append(flat[np.linspace(0, len(flat) - 1, quota).astype(int)] if len(flat) > quota else flat)
        arrays = [np.concatenate(column)[:WIDTH] for column in columns]
        self.details.append(arrays)

    def kind(self) -> object:
        """What it has in common with other trainings that do the same."""
        rows = self.rows_per_update[len(self.rows_per_update) // 2] if self.rows_per_update else 0
        return self.path, self.modules, bool(self.optimisers), min(rows, 2), rows == len(self.distinct)

    def fields(self) -> FloatArray:
        """The numbers that `FIELDS` names."""
        path = 0
        for letter in self.path[:8]:
            path = 4 * path + LETTERS.index(letter)
        rows = self.rows_per_update or [len(np.unique(seen)) for seen in self.seen] or [0]
        known = self.counts | {
            "path": path,
            "modules": self.modules,
            "leaves": len(self.leaves),
            "unmoved": sum(leaf.mattered and not leaf.moved for leaf in self.leaves),
            "optimiser": sum(1 if name == "SGD" else 2 for name in self.optimisers),
            "median_rows": int(np.median(rows)),
            "most_rows": max(rows),
            "distinct_rows": len(self.distinct) or max(rows),
        }
        return np.array([known.get(name, 0) for name in FIELDS], np.float64)


def most_trained(runs: Sequence[Run], count: int) -> list[Run]:
    """The runs with the most gradients, of equals the later ones; in their order.

    Of each kind in turn: many trainings of one kind, as in a search, do not displace the others.
    """
    order = sorted(range(len(runs)), key=lambda number: (runs[number]["backwards"], number), reverse=True)
    kinds: Counter[object] = Counter()
    turns = {}
    for number in order:
        turns[number] = kinds[runs[number].kind()]
        kinds[runs[number].kind()] += 1
    best = sorted(order, key=lambda number: turns[number])[:count]  # stable
    return [runs[number] for number in sorted(best)]


def encode(runs: Sequence[Run], rows: int) -> FloatArray:
    """The runs as one vector: sizes, then fields, curves of losses (training, test), and updates in numbers.

    Layout: MAGIC, rows of the training set, runs, width, updates; runs x FIELDS; runs x 2 x CURVE;
    updates x (run, entries, number, 4 x width).
    """
    kept = most_trained(runs, MOST_RUNS)
    details = [(number, run, at, arrays) for number, run in enumerate(kept) for at, arrays in enumerate(run.details)]
    width = max((len(arrays[0]) for *_, arrays in details), default=0)
    parts = [np.array([MAGIC, rows, len(kept), width, len(details)], np.float64)]
    parts += [run.fields() for run in kept]
    parts += [_curve(values) for run in kept for values in (run.losses, run.tests)]
    for number, _, at, arrays in details:
        parts.append(np.array([number, len(arrays[0]), at], np.float64))
        parts += [np.pad(array, (0, width - len(array))) for array in arrays]
    return np.concatenate(parts)


def _curve(values: Sequence[float]) -> FloatArray:
    """At most CURVE of the values, the first and the last among them; NaN for the rest."""
    array = np.asarray(values, np.float64)
    if len(array) > CURVE:
        array = array[np.linspace(0, len(array) - 1, CURVE).astype(int)]
    return np.pad(array, (0, CURVE - len(array)), constant_values=np.nan)


def _flat(tensors: Sequence[torch.Tensor]) -> FloatArray:
    """All entries in one vector."""
    return torch.cat([t.reshape(-1).double() for t in tensors]).numpy() if tensors else np.zeros(0)


def _or_zero(grad: torch.Tensor | None, like: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(like) if grad is None or grad.shape != like.shape else grad


def _alike(step: FloatArray, other: FloatArray) -> bool:
    """Whether two directions have a good part in common."""
    return float(step @ other) > 0.3 * float(np.linalg.norm(step) * np.linalg.norm(other))


def _like(value: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return value if value.shape == other.shape else torch.zeros_like(other)


def _nonzero(grad: torch.Tensor | None) -> bool:
    return grad is not None and bool(grad.any())
