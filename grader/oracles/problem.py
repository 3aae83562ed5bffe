"""What the oracles differentiate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch

from grader.records import Arrays, FloatArray, Network
from grader.tolerance import DOUBLE, measured_error, rounding_error

if TYPE_CHECKING:
    from torch import Tensor

    ScalarFunction = Callable[[Mapping[str, Tensor]], Tensor]

_ROUNDED_RUNS = 8


@dataclass(frozen=True)
class Problem:
    """One scalar at one point.

    `scalar` maps the tensors named in `point` to L, in the exercise's own code; L is differentiated with respect to the
    inputs that `wrt` lists. Where L is the loss of a tanh network, `network` tells it a second time, and the oracles
    evaluate that themselves, with proved bounds.
    """

    scalar: ScalarFunction
    point: Arrays
    wrt: Sequence[str]
    network: Network | None = None

    @classmethod
    def of_network(cls, scalar: ScalarFunction, network: Network) -> Problem:
        """The loss of a network, as a function of `w[1], b[1], ..., x, y`, with respect to its weights and biases."""
        point = {"x": network.x, "y": network.y}
        wrt = []
        for level, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
            point |= {f"w[{level}]": weight, f"b[{level}]": bias}
            wrt += [f"w[{level}]", f"b[{level}]"]
        return cls(scalar, point, wrt, network)

    @cached_property
    def rounding(self) -> dict[str, FloatArray]:
        """How far an honest float64 computation of each derivative may be from the exact one, entry by entry.

        Proved for a network; else measured, by differentiating in float32 at points that are off by one rounding.
        """
        if self.network:
            return rounding_error(self.network, DOUBLE)
        exact = self.gradient(self.point, torch.float64)
        runs = [self.gradient(point, torch.float32) for point in rounded_points(self.point)]
        return {name: measured_error(exact[name], [run[name] for run in runs], DOUBLE) for name in self.wrt}

    def gradient(self, point: Arrays, dtype: torch.dtype) -> dict[str, FloatArray]:
        """dL/dx by autograd, at a point, in a precision; an input that L does not depend on has the derivative 0."""
        tensors = {name: torch.tensor(value, dtype=dtype) for name, value in point.items()}
        inputs = [tensors[name].requires_grad_() for name in self.wrt]
        with torch.enable_grad():
            gradients = torch.autograd.grad(self.scalar(tensors), inputs, allow_unused=True, materialize_grads=True)
        return {name: gradient.double().numpy() for name, gradient in zip(self.wrt, gradients, strict=True)}


def rounded_points(point: Arrays) -> list[dict[str, FloatArray]]:
    """The same point some times over, every number moved by at most one rounding of single precision."""
    rng = np.random.default_rng(0)
    return [
        {name: value * (1 + 2.0**-24 * rng.uniform(-1, 1, value.shape)) for name, value in point.items()}
        for _ in range(_ROUNDED_RUNS)
    ]
