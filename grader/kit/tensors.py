"""Inputs as tensors of a precision, in which integers stay what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor


def in_precision(value: Any, dtype: torch.dtype) -> Tensor:
    """A copy of an array or tensor: real numbers of a type, which may be complex; integers and truth values as such."""
    if isinstance(value, Tensor):
        return value.to(dtype if value.is_floating_point() else value.dtype, copy=True)
    return torch.tensor(value, dtype=dtype if np.asarray(value).dtype.kind == "f" else None)


def as_tensors(values: Mapping[str, Any], dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """Copies of inputs by name, likewise."""
    return {name: in_precision(value, dtype) for name, value in values.items()}
