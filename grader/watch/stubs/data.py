"""The data of an exercise, as columns and targets for whatever loads any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.watch.reading.counted import TARGETS, Counted

Floats = NDArray[np.float64]
INPUTS = re.compile(r"(.*[_-])?(x|datax|testx|features|inputs)([_-].*)?", re.IGNORECASE)
_TARGETS = re.compile(r"(.*[_-])?(y|datay|testy|targets?|labels?)([_-].*)?", re.IGNORECASE)


@dataclass
class Data:
    """The data of an exercise, for what loads any.

    Args:
        sets: training set and test set: pairs of shape (N, columns) and (N,).
        counted: what the script counts on.
        served: gets the loaders that gave these data, with the shape of the columns that each gave.
    """

    sets: Sequence[tuple[Floats, Floats]]
    counted: Counted
    served: dict[str, tuple[int, ...]]

    def give(self, loader: str, file: Any = "", features: int | None = None) -> tuple[Floats, Floats]:
        """Columns and targets, shapes (N, features) and (N,): of the test set where the file is named so.

        Columns beyond those of the exercise are products of these; then all are in another order, so that nobody takes
        the rows for those of the exercise with something beside them.
        """
        x, y = self.sets[1 if re.search(r"test", stem(file), re.IGNORECASE) else 0]
        own = x.shape[1]
        count = features or self.counted.features or own
        more = [x[:, n % own] * x[:, (n + 1 + n // own) % own] for n in range(own, count)]
        table = np.column_stack(
            [x[:, :count] if count <= own else x[:, ::-1], *((m - m.mean()) / m.std() for m in more)]
        )
        self.served.setdefault(loader, (len(x), count))
        return table, y.copy()

    def named(self, loader: str, name: str) -> Floats:
        """What an array is called after: targets, shape (N, 1), or else columns."""
        x, y = self.give(loader, name)
        return y[:, None] if _TARGETS.fullmatch(name) or name.lower().rstrip("s") in TARGETS else x

    def table(self, loader: str, file: Any, columns: int | None = None) -> Floats:
        """What a file of numbers holds: columns and targets side by side, or one of both where its name says so."""
        x, y = self.give(loader, file, columns - 1 if columns and columns > 1 else None)
        if INPUTS.fullmatch(stem(file)):
            return x
        return y[:, None] if _TARGETS.fullmatch(stem(file)) else np.column_stack([x, y])


def data_of(
    pairs: Sequence[tuple[torch.Tensor, torch.Tensor]], counted: Counted, served: dict[str, tuple[int, ...]]
) -> Data:
    """The data that an exercise gives its scripts: pairs of columns and targets of shapes (N, columns), (N, 1)."""
    arrays = [(x.double().numpy().copy(), y.double().numpy().reshape(-1).copy()) for x, y in pairs]
    return Data(arrays, counted, served)


def stem(file: Any) -> str:
    """The name of a file without its ending, without the folders or the address before it."""
    return PurePath(str(file).split("?")[0]).stem
