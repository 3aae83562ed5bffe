"""What the oracles differentiate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.records import Network

if TYPE_CHECKING:
    from torch import Tensor

    ScalarFunction = Callable[[Mapping[str, Tensor]], Tensor]


@dataclass(frozen=True)
class Problem:
    """One scalar at one point, told twice: by the exercise's own code, and as a network that we evaluate ourselves.

    `scalar` maps the tensors `w[1], b[1], ... , x, y` to L; the parameters of `network` are the point.
    """

    scalar: ScalarFunction
    network: Network
