"""The training of one set of parameters: what was counted, and some of its updates in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.ma  # np.unique imports it at its first call
import torch
from numpy.typing import NDArray

from grader.kit.tags import TEST, Meeting

FIELDS = (
    "path", "modules", "leaves", "unmoved", "updates", "backwards", "failed", "optimiser", "optimiser_steps", "stale",
    "zeroed", "old_forward", "misaligned", "spread", "tested", "median_rows", "most_rows",
    "distinct_rows", "looped", "summed", "averaged", "measured",
)  # fmt: skip
"""One number each for a run; `grader.trace.Training` says what they mean."""
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
    """A parameter: what it was at the last backward, the gradient that this left there, and since when it adds up."""

    tensor: torch.Tensor
    value: torch.Tensor
    left: torch.Tensor | None = None
    total: torch.Tensor | None = None
    since: int = 0
    moved: bool = False
    mattered: bool = False


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
    tested_at: int = 0
    operations: int = 0
    previous: FloatArray | None = None
    rebinds: bool = False
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

    def before_backward(self) -> None:
        """Find the update that the code made by itself; see which gradients were reset since the last backward."""
        self.settle("", [leaf.left for leaf in self.leaves])
        following = self["backwards"] + 1
        for leaf in self.leaves:
            grad = leaf.tensor.grad
            kept = grad is not None and leaf.left is not None and bool(leaf.left.any()) and torch.equal(grad, leaf.left)
            if not kept or not leaf.since:
                leaf.since = following

    def after_backward(self, fresh: Sequence[torch.Tensor | None], left: Sequence[torch.Tensor | None]) -> None:
        """Keep the gradient of this backward alone, and what is in `.grad` now."""
        self.count("backwards" if self.leaves else "failed")
        for leaf, new, grad in zip(self.leaves, fresh, left, strict=True):
            leaf.value = leaf.tensor.detach().clone()
            leaf.left = grad
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
            if entries > 1 and squares > 0:
                self.count("measured")
                self.count("summed", int(abs(loss - squares) <= 1e-3 * squares))
                self.count("averaged", int(abs(loss - squares / entries) <= 1e-3 * squares / entries))
        self.operations = operations

    def settle(self, by: str, used: Sequence[torch.Tensor | None]) -> bool:
        """Note an update if a parameter has changed since the last one.

        Args:
            by: the optimiser; empty where the code did it itself.
            used: the gradients at the time.
        """
        changed = [
            leaf.value.shape != leaf.tensor.shape or not torch.equal(leaf.tensor, leaf.value) for leaf in self.leaves
        ]
        if not any(changed) or not self["backwards"]:
            return False
        used_again = (
            leaf.since <= self.updated_at and _nonzero(leaf.left)
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
        self._detail(used)
        for leaf, moved in zip(self.leaves, changed, strict=True):
            leaf.moved = leaf.moved or moved
            leaf.value, leaf.total = leaf.tensor.detach().clone(), None
        rows = np.unique(np.concatenate(self.seen)) if self.seen else np.empty(0, np.int64)
        if len(rows):
            self.rows_per_update.append(len(rows))
            self.distinct.update(rows.tolist())
        self.seen, self.updated_at = [], self["backwards"]
        return True

    def continues_in(self, tensors: Sequence[torch.Tensor]) -> bool:
        """Whether new tensors are the parameters of this run, one step further: new leaves instead of changed ones."""
        if [t.shape for t in tensors] != [leaf.tensor.shape for leaf in self.leaves]:
            return False
        old = _flat([leaf.value for leaf in self.leaves])
        step = _flat([t.detach() for t in tensors]) - old
        directions = [_flat([_or_zero(leaf.left, leaf.value) for leaf in self.leaves])]
        if self.previous is not None and self.previous.shape == step.shape:
            directions.append(self.previous)
        basis = np.stack(directions, axis=1)
        with np.errstate(all="ignore"):
            if not (np.isfinite(basis).all() and np.isfinite(step).all()):
                return False
            rest = step - basis @ np.linalg.lstsq(basis, step, rcond=None)[0]
            size = np.linalg.norm(old)
            near = bool(np.linalg.norm(step) <= 0.3 * size)
            return near or bool(np.linalg.norm(rest) <= 1e-3 * np.linalg.norm(step) + 1e-6 * size)

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
            values = (leaf.value, now - leaf.value, _or_zero(grad, now), _or_zero(leaf.total, now))
            for column, value in zip(columns, values, strict=True):
                flat = value.reshape(-1).double().numpy()
                column.append(flat[np.linspace(0, len(flat) - 1, quota).astype(int)] if len(flat) > quota else flat)
        arrays = [np.concatenate(column)[:WIDTH] for column in columns]
        self.details.append(arrays)

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


def encode(runs: Sequence[Run], rows: int) -> FloatArray:
    """The runs as one vector: sizes, then fields, curves of losses (training, test), and updates in numbers.

    Layout: MAGIC, rows of the training set, runs, width, updates; runs x FIELDS; runs x 2 x CURVE;
    updates x (run, entries, number, 4 x width).
    """
    kept = list(runs)[:MOST_RUNS]
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


def _nonzero(grad: torch.Tensor | None) -> bool:
    return grad is not None and bool(grad.any())
