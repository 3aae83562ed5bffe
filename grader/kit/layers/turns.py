"""Where a formula takes one of two ways: which numbers it compares, and on which sides of each other they were seen.

A wrong mask shows only where it differs from the right one. So each comparison should come out both ways in some trial,
and for `cos > 0.3` a number should lie between zero and 0.3, as only that tells `cos > 0` from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from grader.kit.layers.layer import Layer, Values

Side = tuple[int, str]
"""The number of a comparison in the order of the formula, and `above`, `below` or `between`."""

_WITH_ANOTHER = ("gt", "ge", "lt", "le", "maximum", "minimum", "threshold", "clamp_min", "clamp_max")
_WITH_ZERO = ("relu", "leaky_relu", "elu", "abs", "sign")
_WITH_TWO = ("clamp", "hardtanh")
_OF_DISTANCES = ("huber_loss", "smooth_l1_loss")
_DISTANCE = 1.0


def sides(layer: Layer, point: Values) -> tuple[frozenset[Side], frozenset[Side]]:
    """The sides on which numbers may lie in the comparisons of a formula, and those on which they do at one point."""
    with torch.no_grad(), _Comparisons() as watched:
        layer.values(point)
    return frozenset(watched.possible), frozenset(watched.seen)


class _Comparisons(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is entered, notice what is compared, however torch is asked to."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.possible: list[Side] = []
        self.seen: list[Side] = []
        self._number = 0
        self._moved: dict[int, tuple[Tensor, Tensor, float, float]] = {}
        """By its identity, a tensor that is another one times a sign plus a number; it is kept, so no other gets it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call it, and look at what it compares."""
        operation = str(func.overloadpacket.__name__)
        for one, other in _compared(operation.removesuffix("_"), *args, **(kwargs or {})):
            self._look_at(one, other)
        result = func(*args, **(kwargs or {}))
        self._moved.pop(id(result), None)  # what is changed in place is another one from then on
        if operation in ("add", "sub", "rsub") and len(args) == 2 and not kwargs and isinstance(args[1], int | float):
            sign = -1.0 if operation == "rsub" else 1.0
            self._moved[id(result)] = (result, args[0], sign, -args[1] if operation == "sub" else args[1])
        return result

    def _look_at(self, one: Tensor, other: Any) -> None:
        if not one.is_floating_point():
            return
        if id(one) in self._moved:  # x - 0.3 > 0 is x > 0.3
            _, one, sign, added = self._moved[id(one)]
            other = sign * (other - added)
        above = one > other
        told = {"above": above, "below": ~above}
        if torch.as_tensor(other).any():
            told["between"] = above != (one > 0)
        self.possible += [(self._number, side) for side in told]
        self.seen += [(self._number, side) for side, entries in told.items() if entries.any()]
        self._number += 1


def _compared(operation: str, one: Any = None, *others: Any, **named: Any) -> Iterator[tuple[Tensor, Any]]:
    """What one call of torch compares with what."""
    if operation in _WITH_ANOTHER:
        yield one, others[0]
    elif operation in _WITH_ZERO:
        yield one, 0.0
    elif operation in _WITH_TWO:
        yield from ((one, bound) for bound in others[:2] if bound is not None)
    elif operation in _OF_DISTANCES:
        yield (one - others[0]).abs(), named.get("delta", named.get("beta", others[2] if others[2:] else _DISTANCE))
