"""A formula with one of its thresholds at zero: `cos > 0` where it says `cos > 0.3`."""

from __future__ import annotations

import sys
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from grader.oracles.sites import Site, site_of

_BOUNDS = ("clamp", "clip", "clamp_min", "clamp_max", "hardtanh", "_threshold")
_COMPARISONS = ("gt", "ge", "lt", "le", "greater", "greater_equal", "less", "less_equal", *_BOUNDS)


class Thresholds(TorchFunctionMode):
    """While it is entered, note what is compared with a number that is not zero.

    Args:
        at_zero: the comparison in which zero stands in the place of the number.

    Attributes:
        found: where these comparisons are written.
    """

    def __init__(self, at_zero: Site | None = None) -> None:
        super().__init__()
        self.found: dict[Site, None] = {}
        self._at_zero = at_zero

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call it, with zero for a number if that is asked for."""
        named = dict(kwargs or {})
        site = site_of(sys._getframe(1)) if getattr(func, "__name__", "") in _COMPARISONS else None
        if site and any(_is_number(each) and each != 0 for each in (*args[1:], *named.values())):
            self.found[site] = None
            if site == self._at_zero:
                args = (args[0], *(each * 0 if _is_number(each) else each for each in args[1:]))
                named = {name: each * 0 if _is_number(each) else each for name, each in named.items()}
        return func(*args, **named)


def _is_number(value: Any) -> bool:
    """Whether it is one, a tensor with a single entry included."""
    if isinstance(value, Tensor):
        return value.numel() == 1
    return isinstance(value, int | float) and not isinstance(value, bool)
