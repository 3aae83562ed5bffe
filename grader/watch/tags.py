"""What is known of a tensor that was computed from data: from which rows, through which layers, and what it met."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

TEST, TARGET, UNKNOWN = 100_000, 1_000_000, 50_000
"""A code is the number of the row, plus TEST in the test set, plus TARGET for y; unknown rows count from UNKNOWN on."""


Rows = NDArray[np.int64]


@dataclass(eq=False)
class Meeting:
    """A prediction and its targets, where they first met.

    `born` is the number of the operation that began the prediction. `x` and `y` are codes of rows, None where unknown.
    """

    path: str
    modules: int
    born: int
    x: Rows
    y: Rows | None
    prediction: torch.Tensor
    target: torch.Tensor

    @property
    def aligned(self) -> bool:
        """Whether each prediction meets the target of its own row, as far as is known."""
        if self.y is None or bool(((self.x >= UNKNOWN) & (self.x < TEST)).any()):
            return True
        return len(self.x) == len(self.y) and bool(np.array_equal(self.x, self.y))

    @property
    def spread(self) -> bool:
        """Whether broadcasting compared predictions with more targets than their own."""
        shape = np.broadcast_shapes(self.prediction.shape, self.target.shape)
        return int(np.prod(shape)) > max(self.prediction.numel(), self.target.numel())

    def squares(self) -> float:
        """The sum of squared errors, each prediction with its own target."""
        difference = self._difference()
        return float(difference @ difference)

    def distances(self) -> float:
        """The sum of absolute errors, likewise."""
        return float(self._difference().abs().sum())

    def _difference(self) -> torch.Tensor:
        prediction, target = self.prediction.detach().double(), self.target.detach().double()
        if prediction.numel() == target.numel():
            return prediction.reshape(-1) - target.reshape(-1)
        return (prediction - target).reshape(-1)


@dataclass(eq=False)
class Shadow:
    """The codes of a tensor that holds data: one for all entries, or one for each row, or a tensor of them."""

    shape: torch.Size
    code: float | None = None
    codes: NDArray[np.float64] | None = None
    tensor: torch.Tensor | None = None

    def whole(self) -> torch.Tensor:
        """A tensor of codes, one for each entry."""
        if self.tensor is None and self.codes is not None:
            column = torch.from_numpy(self.codes).reshape(-1, *[1] * (len(self.shape) - 1))
            self.tensor = column.expand(self.shape)
        elif self.tensor is None:
            self.tensor = torch.full(self.shape, float(self.code or 0), dtype=torch.float64)
        return self.tensor

    def first(self) -> float:
        """One of the codes."""
        if self.code is not None:
            return self.code
        if self.codes is not None:
            return float(self.codes[0]) if len(self.codes) else 0.0
        tensor = self.whole()
        return float(tensor.reshape(-1)[0]) if tensor.numel() else 0.0

    def rows(self) -> Rows:
        """The rows along the first axis, without the mark for targets."""
        if self.code is not None:
            return np.array([self.code], np.int64) % TARGET
        codes = self.codes
        if codes is None:
            tensor = self.whole()
            if tensor.dim() == 2 and _is_in_columns(tensor):
                tensor = tensor.amax(0)
            codes = (tensor.reshape(len(tensor), -1).amax(1) if tensor.dim() > 1 else tensor.reshape(-1)).numpy()
            known = codes[codes >= 0]
            if len(known) > 1 and known.min() == known.max():
                codes = known[:1]  # one row, by its columns
        return np.where(codes < 0, UNKNOWN, codes).astype(np.int64) % TARGET

    def part(self, index: Any, shape: torch.Size) -> Shadow | None:
        """The shadow of some rows; None where more than the first axis is indexed."""
        if self.codes is None or isinstance(index, tuple | bool | None):
            return None
        if isinstance(index, int):
            return Shadow(shape, code=float(self.codes[index]))
        if isinstance(index, torch.Tensor):
            index = index.numpy()
        codes = np.asarray(self.codes[index])
        if codes.ndim == 0:
            return Shadow(shape, code=float(codes))
        return Shadow(shape, codes=codes) if codes.ndim == 1 and len(shape) == len(self.shape) else None


def _is_in_columns(codes: torch.Tensor) -> bool:
    """Whether examples stand in columns: those rows that hold data at all are alike, and a single one holds several."""
    rows = codes[(codes >= 0).any(1)]
    if len(rows) == 1:
        known = rows[rows >= 0]
        return bool(known.min() != known.max())
    return len(rows) > 1 and bool((rows == rows[:1]).all())


@dataclass(eq=False)
class Tag:
    """What is known of a tensor; `shadow` only where it holds data itself.

    `mixed` data were multiplied by something that no gradient reaches: in other coordinates, or a prediction of weights
    that cannot be trained.
    """

    shadow: Shadow | None = None
    rows: Rows | None = None
    target: bool = False
    path: str = ""
    modules: int = 0
    mixed: bool = False
    born: int = 0
    last: torch.Tensor | None = None
    meetings: tuple[Meeting, ...] = field(default=())

    def known_rows(self) -> Rows:
        """The rows along the first axis, without the mark for targets."""
        if self.rows is None:
            self.rows = self.shadow.rows() if self.shadow else np.empty(0, np.int64)
        return self.rows


def tag_of(value: Any) -> Tag | None:
    """The tag of a tensor, if it has one."""
    return value.__dict__.get("_provenance") if isinstance(value, torch.Tensor) else None


def attach(tensor: torch.Tensor, tag: Tag) -> None:
    """Keep a tag with its tensor."""
    tensor.__dict__["_provenance"] = tag


def unwrapped(value: Any) -> Any:
    """The tensor below the wrappers of torch.func."""
    while isinstance(value, torch.Tensor) and torch._C._functorch.is_functorch_wrapped_tensor(value):
        value = torch._C._functorch.get_unwrapped(value)
    return value
