"""Which tensors are filled with random numbers: where those are parameters, their training begins anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

_FILLS = frozenset("normal_ uniform_ exponential_ cauchy_ log_normal_ random_ bernoulli_".split())  # noqa: SIM905
_MAKES = frozenset("rand randn randint normal rand_like randn_like randint_like".split())  # noqa: SIM905
_SCALES = frozenset("mul __rmul__ div sub rsub add __radd__ neg to double float clone reshape".split())  # noqa: SIM905
_COPIES = frozenset(["copy_", "__set__", "__setitem__"])


def filled(func: Callable[..., Any], name: str, args: tuple[Any, ...], result: Any) -> torch.Tensor | None:
    """The tensor that an operation filled with random numbers, or with what was made of them alone."""
    if name in _MAKES or (name in _SCALES and all(_is_drawn(a) for a in args if isinstance(a, torch.Tensor))):
        if isinstance(result, torch.Tensor):
            result.__dict__["_is_drawn"] = True
        return None
    draws = name in _FILLS or getattr(func, "__module__", "") == "torch.nn.init"
    if args and (draws or (name in _COPIES and _is_drawn(args[-1]))):
        return args[0] if isinstance(args[0], torch.Tensor) else None
    return None


def _is_drawn(value: Any) -> bool:
    """Whether it was made by drawing numbers, and nothing was trained since."""
    return isinstance(value, torch.Tensor) and "_is_drawn" in value.__dict__ and not value.requires_grad
