"""What an expression would hold if it were written otherwise: with another operator, sign, constant, or function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.wire.changes import CHANGES


def changed(number: int, value: Any, operands: Sequence[Any]) -> Any:
    """The value after a change; as it is where the change is none of such a value.

    Args:
        number: that of the change in `CHANGES`.
        operands: what the operands of the expression held last, from left to right; or what the other one did; or the
            numbers that were handed over.
    """
    try:
        return _MADE[CHANGES[number]](value, operands)
    except Exception:
        return value


def _two(make: Callable[[Any, Any], Any]) -> Callable[[Any, Sequence[Any]], Any]:
    return lambda _, operands: make(operands[0], operands[1]) if len(operands) == 2 else _


def _function(name: str) -> Callable[[Any, Sequence[Any]], Any]:
    def made(value: Any, _: Sequence[Any]) -> Any:
        if isinstance(value, torch.Tensor):
            return getattr(torch, name)(value)
        found = getattr(np, name)(value)
        return float(found) if isinstance(value, float) else found

    return made


def _size(value: Any) -> int:
    return int(value.numel()) if isinstance(value, torch.Tensor) else int(np.size(value))


def _like(value: Any, numbers: NDArray[Any]) -> Any:
    return torch.tensor(numbers, dtype=value.dtype) if isinstance(value, torch.Tensor) else numbers


def _opposite(value: Any, _: Sequence[Any]) -> Any:
    return not value if isinstance(value, bool) else ~value


def _half(value: Any, _: Sequence[Any]) -> Any:
    return value // 2 if isinstance(value, int) and value % 2 == 0 else value / 2


_MADE: dict[str, Callable[[Any, Sequence[Any]], Any]] = {
    "negative": lambda value, _: -value,
    "twice": lambda value, _: 2 * value,
    "half": _half,
    "one-more": lambda value, _: value + 1,
    "one-less": lambda value, _: value - 1,
    "product": _two(lambda a, b: a * b),
    "quotient": _two(lambda a, b: a / b),
    "sum": _two(lambda a, b: a + b),
    "difference": _two(lambda a, b: a - b),
    "difference-turned": _two(lambda a, b: b - a),
    "quotient-turned": _two(lambda a, b: b / a),
    "left": lambda _, operands: operands[0],
    "right": lambda _, operands: operands[1],
    "matrix-product-turned": _two(lambda a, b: b @ a),
    "sum-for-mean": lambda value, operands: value * (_size(operands[0]) / _size(value)),
    "mean-for-sum": lambda value, operands: value / (_size(operands[0]) / _size(value)),
    "other-extreme": lambda value, operands: operands[0] + operands[1] - value,
    "exp": _function("exp"),
    "log": _function("log"),
    "tanh": _function("tanh"),
    "square": lambda value, _: value * value,
    "root": _function("sqrt"),
    "transpose": lambda value, _: value.T,
    "opposite": _opposite,
    "all-zero": lambda value, _: value * 0,
    "all-one": lambda value, _: value * 0 + 1,
    "other": lambda value, operands: value if operands[0] is None else operands[0],
    "times-other": lambda value, operands: value * operands[0],
    "over-other": lambda value, operands: value / operands[0],
    "plus-other": lambda value, operands: value + operands[0],
    "minus-other": lambda value, operands: value - operands[0],
    "added": lambda value, _: value,  # that is done where it is put
    "times-known": lambda value, operands: value * _like(value, operands[0]),
    "over-known": lambda value, operands: value / _like(value, operands[0]),
}
