"""What a declared layer gives at one point: its values, and the gradients on which the oracles agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.kit.layers.drawing import STEP
from grader.kit.layers.layer import Layer
from grader.kit.tensors import as_tensors
from grader.oracles import Problem, estimate
from grader.oracles.problem import rounded_points
from grader.records import Estimate
from grader.tolerance import SINGLE, measured_error

Points = Mapping[str, NDArray[Any]]
_UPSTREAM = "upstream of "


def outputs(layer: Layer, point: Points, dtype: torch.dtype = torch.float64) -> dict[str, NDArray[np.float64]]:
    """The outputs of the formula by name, computed in a precision."""
    with torch.no_grad():
        values = layer.values(as_tensors(point, dtype))
    return {name: value.double().numpy() for name, value in values.items()}


def truth(layer: Layer, point: Points, upstream: Points, sizes: Mapping[str, int]) -> dict[str, Estimate]:
    """For each output and each gradient, by the name that the declaration gives it, the value and the error allowed.

    The gradients are those of L = sum over outputs of (output * upstream).

    Args:
        upstream: for each output that a gradient arrives at; another one counts as it is, which must be a number.
        sizes: of the letters.

    Returns:
        Estimates that allow for what rounding does in float32.

    Raises:
        OracleDisagreement: the oracles do not agree on a gradient.
    """
    arriving = {_UPSTREAM + name: array for name, array in upstream.items()}

    def scalar(tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        return layer.scalar(tensors, {name.removeprefix(_UPSTREAM): tensors[name] for name in arriving})

    problem = Problem(scalar, {**point, **arriving}, layer.wanted, step=STEP)
    agreed, rounded = estimate(problem), rounded_points(problem.point)
    runs = [problem.gradient(each, torch.float32) for each in rounded]
    gradients = {
        name: _times(_around(agreed[source], [run[source] for run in runs]), layer.scale(name, sizes))
        for name, source in layer.gradients.items()
    }
    values = [outputs(layer, each, torch.float32) for each in rounded]
    return {
        name: _around(Estimate(value, np.zeros_like(value)), [run[name] for run in values])
        for name, value in outputs(layer, point).items()
    } | gradients


def _times(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(estimate.value * factor, estimate.error * abs(factor))


def _around(value: Estimate, runs: list[NDArray[np.float64]]) -> Estimate:
    return Estimate(value.value, value.error + measured_error(value.value, runs, SINGLE))
