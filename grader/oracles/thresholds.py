"""A formula with one of its thresholds at zero: `cos > 0` where it says `cos > 0.3`."""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from grader.oracles.sites import Site, site_of

_BOUNDS = ("clamp", "clip", "clamp_min", "clamp_max", "hardtanh", "_threshold")
_COMPARISONS = ("gt", "ge", "lt", "le", "greater", "greater_equal", "less", "less_equal", *_BOUNDS)


Threshold = tuple[Site, int | str]
"""A comparison, and the place or the name of the number in the call that makes it."""


class Thresholds(TorchFunctionMode):
    """While it is entered, note what is compared with a number that is not zero.

    Args:
        at_zero: the number in the place of which zero stands.

    Attributes:
        found: where these comparisons are written, and which of the numbers there it is.
    """

    def __init__(self, at_zero: Threshold | None = None) -> None:
        super().__init__()
        self.found: dict[Threshold, None] = {}
        self._at_zero = at_zero

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call it, with zero for a number if that is asked for."""
        named = dict(kwargs or {})
        site = site_of(sys._getframe(1)) if getattr(func, "__name__", "") in _COMPARISONS else None
        given = {**dict(enumerate(args)), **named} if site else {}
        for which, number in given.items():
            if site and which != 0 and _is_number(number) and number != 0:
                self.found[site, which] = None
                if (site, which) == self._at_zero:
                    given[which] = torch.zeros_like(number) if isinstance(number, Tensor) else type(number)(0)
        if given:
            args = tuple(given[place] for place in range(len(args)))
            named = {name: given[name] for name in named}
        return func(*args, **named)


def _is_number(value: Any) -> bool:
    """Whether it is one, a tensor with a single entry included."""
    if isinstance(value, Tensor):
        return value.numel() == 1
    return isinstance(value, int | float) and not isinstance(value, bool)
