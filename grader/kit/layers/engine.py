"""A scalar engine that derives nothing: numbers that torch differentiates, with the names that courses give to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class Scalar:
    """A number that remembers how it was computed, as `Value` of a small autograd engine."""

    def __init__(self, data: Any, *_: Any, **__: Any) -> None:
        given = data if isinstance(data, Tensor) else torch.as_tensor(data, dtype=torch.get_default_dtype())
        self.tensor = given if given.requires_grad else given.detach().clone().requires_grad_()

    @property
    def data(self) -> Any:
        """Its value."""
        return self.tensor.detach().numpy().copy()

    @property
    def grad(self) -> Any:
        """The derivative that arrived here."""
        found = self.tensor.grad
        return torch.zeros_like(self.tensor).numpy() if found is None else found.numpy().copy()

    value = data
    derivative = gradient = grad

    def backward(self, *upstream: Any) -> None:
        """Let derivatives arrive at all that this number was computed from."""
        arriving = [torch.as_tensor(each, dtype=self.tensor.dtype).reshape(self.tensor.shape) for each in upstream]
        with torch.enable_grad():
            torch.autograd.backward(self.tensor, arriving or None)

    def _with(self, operation: Callable[..., Tensor], *others: Any) -> Any:
        with torch.enable_grad():
            return type(self)(operation(self.tensor, *(o.tensor if isinstance(o, Scalar) else o for o in others)))

    def __add__(self, other: Any) -> Any:
        return self._with(lambda a, b: a + b, other)

    def __mul__(self, other: Any) -> Any:
        return self._with(lambda a, b: a * b, other)

    def __sub__(self, other: Any) -> Any:
        return self._with(lambda a, b: a - b, other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(lambda a, b: b - a, other)

    def __truediv__(self, other: Any) -> Any:
        return self._with(lambda a, b: a / b, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(lambda a, b: b / a, other)

    def __pow__(self, other: Any) -> Any:
        return self._with(lambda a, b: a**b, other)

    def __neg__(self) -> Any:
        return self._with(lambda a: -a)

    def __getattr__(self, name: str) -> Any:
        """The functions of torch of that name: `relu`, `tanh`, `exp`, `log`, `sigmoid`."""
        if name.startswith("__") or not hasattr(torch, name):
            raise AttributeError(name)
        return lambda *others: self._with(getattr(torch, name), *others)

    __radd__, __rmul__ = __add__, __mul__
