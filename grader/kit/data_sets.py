"""Small random tables in the shape of data sets that a script loads, and that are not there."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

ROWS = 200
_IMAGE = 28


class _Bunch(dict[str, Any]):
    """A dictionary whose values are attributes too."""

    __getattr__ = dict.__getitem__


def data_sets() -> Mapping[str, dict[str, Any]]:
    """What is found in `sklearn`, `torchvision` and `dlc_practical_prologue`, by the name of the module."""
    rng = np.random.default_rng(0)
    slopes = rng.normal(0, 0.5, 8)

    def housing(*_: Any, return_X_y: bool = False, **__: Any) -> Any:  # noqa: N803  the name that callers use
        x = rng.normal(0, 1, (ROWS, 8))
        return _table(x, 2 + x @ slopes + rng.normal(0, 0.1, ROWS), return_X_y)

    def digits(*_: Any, return_X_y: bool = False, **__: Any) -> Any:  # noqa: N803
        labels = rng.integers(0, 10, ROWS)
        return _table(rng.integers(0, 17, (ROWS, 64)).astype(float), labels, return_X_y, images=True)

    def mnist(*_: Any, **__: Any) -> Any:
        images, labels = torch.rand(ROWS, 1, _IMAGE, _IMAGE), torch.arange(ROWS) % 10
        return torch.utils.data.TensorDataset(images, labels)

    def load_data(*_: Any, one_hot_labels: bool = False, **__: Any) -> tuple[torch.Tensor, ...]:
        parts = []
        for _part in ("train", "test"):
            labels = torch.arange(ROWS) % 10
            parts += [torch.randn(ROWS, _IMAGE**2), torch.eye(10)[labels] if one_hot_labels else labels]
        return tuple(parts)

    loaders = {"fetch_california_housing": housing, "load_digits": digits}
    return {
        "sklearn": {**loaders, "datasets": SimpleNamespace(**loaders)},
        "torchvision": {"datasets": SimpleNamespace(MNIST=mnist, FashionMNIST=mnist)},
        "dlc_practical_prologue": {"load_data": load_data},
    }


def _table(x: NDArray[Any], y: NDArray[Any], pair: bool, *, images: bool = False) -> Any:
    if pair:
        return x, y
    more = {"images": x.reshape(len(x), 8, 8)} if images else {}
    return _Bunch(data=x, target=y, **more)
