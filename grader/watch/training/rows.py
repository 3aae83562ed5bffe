"""Which rows of the data a tensor holds, by their values; and which targets belong to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from grader.watch.training.graph import unwrapped
from grader.wire.trace import TEST, UNKNOWN

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_KEPT = 48
"""Tables whose rows are remembered together."""
_LARGEST = 200_000
"""Entries of the largest table that is looked at."""


class Rows:
    """Knows rows by their values: those of the given data, and in the order of their coming the script's own.

    Args:
        data: pairs of inputs and targets: the training set, then the test set.
    """

    def __init__(self, data: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> None:
        self._codes: dict[bytes, int] = {}
        self._tables: OrderedDict[tuple[object, ...], tuple[torch.Tensor, Codes]] = OrderedDict()
        self._given = [x.detach().double().numpy() for x, _ in data]
        self._width = self._given[0].shape[1] if data else 0
        self._linked: OrderedDict[tuple[object, ...], torch.Tensor] = OrderedDict()
        self.targets: dict[int, float] = {}
        """The target of each row of the given data, where there is one a row."""
        for number, (x, y) in enumerate(data):
            codes = np.arange(len(x)) + TEST * number
            self._learn(x, codes)
            if y.numel() == len(x):
                self.targets |= dict(zip(codes.tolist(), y.detach().double().reshape(-1).tolist(), strict=True))

    def codes(self, table: torch.Tensor) -> Codes:
        """The number of each row of a table; a row that nobody has seen gets a new one."""
        key = _key(table)
        if key in self._tables:
            return self._tables[key][1]
        values = _as_floats(table)
        known = list(map(self._codes.get, _as_bytes(values)))
        if None in known:
            known = [self._code(row) for row in values]
        codes = np.array(known, np.int64)
        self._tables[key] = table.detach(), codes  # nothing else is put into its place in memory
        if len(self._tables) > _KEPT:
            self._tables.popitem(last=False)
        return codes

    def _code(self, row: NDArray[np.float32]) -> int:
        """The row with these values, perhaps beside a one."""
        for part in (row, row[: self._width], row[-self._width :]) if len(row) > self._width else (row,):
            known = self._codes.get(part.tobytes())
            if known is not None:
                return known
        return self._codes.setdefault(row.tobytes(), UNKNOWN + len(self._codes) % UNKNOWN)

    def are_known(self, tensor: torch.Tensor) -> bool:
        """Whether a tensor holds nothing but rows that have been seen."""
        if not self._codes or tensor.dim() not in (1, 2) or not 0 < tensor.numel() <= _LARGEST:
            return False
        if not tensor.is_floating_point() or tensor.shape[-1] < 2:
            return False
        return all(row in self._codes for row in _as_bytes(_as_floats(tensor.detach().reshape(-1, tensor.shape[-1]))))

    def follow(self, tables: Iterable[torch.Tensor]) -> None:
        """See whether tables are the given data with other columns: scaled, chosen, or with ones beside them."""
        for table in tables:
            for number, given in enumerate(self._given):
                if len(table) == len(given) and table.is_floating_point() and table.numel() <= _LARGEST:
                    self._link(unwrapped(table), given, TEST * number)

    def _link(self, tensor: torch.Tensor, given: Floats, shift: int) -> None:
        key = (shift, *_key(tensor))
        if key in self._linked:
            return
        self._linked[key] = tensor.detach()
        if len(self._linked) > _KEPT:
            self._linked.popitem(last=False)
        values = tensor.detach().double().numpy()
        if np.isfinite(values).all() and _columns_follow(values, given):
            self._learn(tensor, np.arange(len(given)) + shift)

    def _learn(self, table: torch.Tensor, codes: Codes) -> None:
        for row, code in zip(_as_bytes(_as_floats(table)), codes.tolist(), strict=True):
            self._codes.setdefault(row, code)

    def targets_of(self, codes: Codes) -> Floats | None:
        """The targets of rows of the given data; None where one is another row."""
        found = [self.targets.get(code) for code in codes.tolist()]
        return None if not found or None in found else np.array(found, np.float64)


def _key(tensor: torch.Tensor) -> tuple[object, ...]:
    version = None if tensor.is_inference() else tensor._version  # what is made to measure counts no changes
    return tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor.dtype, version


def _as_floats(table: torch.Tensor) -> NDArray[np.float32]:
    values = table.detach().to(torch.float32, copy=False).contiguous().numpy()
    return values + np.float32(0)  # no negative zeros


def _as_bytes(values: NDArray[np.float32]) -> list[bytes]:
    """The bytes of each row."""
    rows = values.view(np.dtype((np.void, values.shape[1] * values.itemsize))).reshape(-1)
    return cast("list[bytes]", rows.tolist())


def _columns_follow(values: Floats, given: Floats) -> bool:
    """Whether each column that is not constant is a column of the data, stretched and moved."""
    spread = values.std(0)
    moving = spread > 1e-6 * (1e-30 + np.abs(values).max(0))
    if not moving.any():
        return False
    own = (values[:, moving] - values[:, moving].mean(0)) / spread[moving]
    theirs = (given - given.mean(0)) / np.where(given.std(0) > 0, given.std(0), 1)
    return bool((np.abs(own.T @ theirs / len(given)).max(1) > 1 - 1e-5).all())
