"""What scripts of this course ask of scikit-learn, for where it is not installed."""

from __future__ import annotations

import itertools
import math
import numbers
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from grader.watch.stubs.frames import Frame
from grader.watch.stubs.series import Series


def shuffle(*arrays: Any, **_: Any) -> Any:
    """Each array with its rows in another order, the same for all."""
    order = torch.randperm(len(arrays[0]))
    shuffled = [_taken(array, order) for array in arrays]
    return shuffled[0] if len(arrays) == 1 else shuffled


def train_test_split(
    *arrays: Any, test_size: float | None = None, train_size: float | None = None, shuffle: bool = True, **_: Any
) -> list[Any]:
    """Each array in two parts, with the same rows: a share of the rows is rounded up to test, and down to train."""
    count = len(arrays[0])
    if test_size is None and train_size is None:
        test_size = 0.25
    tests = None if test_size is None else _rows(test_size, count, math.ceil)
    trains = count - (tests or 0) if train_size is None else _rows(train_size, count, math.floor)
    tests = count - trains if tests is None else tests
    order = torch.randperm(count) if shuffle else torch.arange(count)
    parts = order[:trains], order[trains : trains + tests]
    return [_taken(array, rows) for array in arrays for rows in parts]


def _rows(size: float, count: int, rounded: Callable[[float], int]) -> int:
    """A number of rows, or a share of them."""
    return int(size) if isinstance(size, numbers.Integral) else rounded(size * count)


class StandardScaler:
    """Centre and scale columns."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """However it is to scale."""

    def fit(self, values: Any, *_: Any) -> Any:
        """Keep mean and standard deviation; 1 for a column that is constant."""
        values = np.asarray(values)
        self.mean_, spread = values.mean(0), values.std(0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        return self

    def transform(self, values: Any) -> Any:
        """The values on that scale."""
        return (np.asarray(values) - self.mean_) / self.scale_

    def fit_transform(self, values: Any, *_: Any) -> Any:
        """Both."""
        return self.fit(values).transform(values)

    def inverse_transform(self, values: Any) -> Any:
        """The values on the scale that they had."""
        return np.asarray(values) * self.scale_ + self.mean_


class MinMaxScaler(StandardScaler):
    """Shift and scale columns to what lies between 0 and 1."""

    def fit(self, values: Any, *_: Any) -> Any:
        """Keep minimum and range."""
        values = np.asarray(values)
        self.mean_, self.scale_ = values.min(0), np.ptp(values, 0)
        return self


def scale(values: Any, *_: Any, **__: Any) -> Any:
    """The values, each column with mean 0 and standard deviation 1."""
    return StandardScaler().fit_transform(values)


def make_regression(n_samples: int = 100, n_features: int = 100, *, noise: float = 0.0, **how: Any) -> Any:
    """Random columns of shape (N, features), and targets of shape (N,) that are linear in them but for noise."""
    x = np.random.standard_normal((n_samples, n_features))
    y = x @ (100 * np.random.random(n_features)) + how.get("bias", 0.0) + noise * np.random.standard_normal(n_samples)
    return x, y


def standing_for(module: str, name: str) -> Any:
    """What stands for a name that is not known, where its purpose is: any way to scale columns, or to make folds."""
    if module == "sklearn.preprocessing":
        return StandardScaler if name[:1].isupper() else scale
    return KFold if module == "sklearn.model_selection" and name.endswith(("Fold", "Split")) else None


class ParameterGrid(list[dict[str, Any]]):
    """All combinations of some settings, as dictionaries."""

    def __init__(self, grid: Any) -> None:
        grids = [grid] if isinstance(grid, Mapping) else grid
        super().__init__(
            dict(zip(sorted(one), values, strict=True))
            for one in grids
            for values in itertools.product(*(one[name] for name in sorted(one)))
        )


class KFold:
    """Parts, each of which is left out once."""

    def __init__(self, n_splits: int = 5, *, shuffle: bool = False, **_: Any) -> None:
        self._parts, self._shuffle = n_splits, shuffle

    def split(self, values: Any, *_: Any) -> Iterator[tuple[Any, Any]]:
        """Pairs of the numbers of rows: those for training, those left out."""
        order = torch.randperm(len(values)) if self._shuffle else torch.arange(len(values))
        parts = np.array_split(order.numpy(), self._parts)
        for number, part in enumerate(parts):
            yield np.concatenate([*parts[:number], *parts[number + 1 :]]), part


def _taken(table: Any, rows: torch.Tensor) -> Any:
    """Some rows of a table; of anything else than a table, a list of them."""
    if isinstance(table, Frame | Series):
        return table.iloc[rows]
    return table[rows] if isinstance(table, torch.Tensor | np.ndarray) else [table[row] for row in rows.tolist()]


_KNOWN = (shuffle, train_test_split, StandardScaler, MinMaxScaler, scale, KFold, ParameterGrid, make_regression)
NAMES = {named.__name__: named for named in _KNOWN}
MODULES = frozenset(["datasets", "model_selection", "preprocessing", "utils"])
"""The modules of scikit-learn in which these names and its loaders are."""
