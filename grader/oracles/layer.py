"""What a declared layer gives at one point: its values, and the gradients on which the oracles agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.kit.layers.drawing import STEP
from grader.kit.layers.layer import Layer, as_tensors
from grader.oracles import Problem, estimate
from grader.oracles.problem import rounded_points
from grader.records import Estimate
from grader.tolerance import SINGLE, measured_error

Points = Mapping[str, NDArray[Any]]


def outputs(layer: Layer, point: Points) -> dict[str, NDArray[np.float64]]:
    """The outputs of the formula in float64, by name."""
    with torch.no_grad():
        values = layer.values(as_tensors(point))
    return {name: value.numpy() for name, value in zip(layer.outputs(len(values)), values, strict=True)}


def truth(layer: Layer, point: Points, upstream: Points) -> dict[str, Estimate]:
    """For each output and each gradient, by the name that the declaration gives it, the value and the error allowed.

    The gradients are those of L = sum over outputs of (output * upstream). Integers stand outside of what the oracles
    move, round or differentiate.

    Args:
        upstream: for each output that a gradient arrives at; another one counts as it is, which must be a number.

    Returns:
        Estimates that allow for what rounding does in float32.

    Raises:
        OracleDisagreement: the oracles do not agree on a gradient.
    """
    real = {name: array for name, array in point.items() if array.dtype.kind == "f"}
    fixed = as_tensors({name: array for name, array in point.items() if name not in real})
    weights = as_tensors(upstream)

    def scalar(tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        values = layer.values({**fixed, **tensors})
        named = zip(layer.outputs(len(values)), values, strict=True)
        terms = [(weights[name].to(v.dtype) * v).sum() if name in weights else v for name, v in named if _counts(name)]
        return torch.stack(terms).sum()

    def _counts(name: str) -> bool:
        return name in weights or not weights

    problem = Problem(scalar, real, layer.wanted, step=STEP)
    agreed = estimate(problem)
    runs = [problem.gradient(each, torch.float32) for each in rounded_points(real)]
    gradients = {
        name: _around(agreed[source], [run[source] for run in runs]) for name, source in layer.gradients.items()
    }
    exact = outputs(layer, point)
    rounded = [layer.values({**fixed, **as_tensors(each, torch.float32)}) for each in rounded_points(real)]
    values = {
        name: _around(Estimate(value, np.zeros_like(value)), [run[number].double().numpy() for run in rounded])
        for number, (name, value) in enumerate(exact.items())
    }
    return values | gradients


def _around(value: Estimate, runs: list[NDArray[np.float64]]) -> Estimate:
    return Estimate(value.value, value.error + measured_error(value.value, runs, SINGLE))
