"""Reverse-mode differentiation of the exercise's own code, by torch."""

from __future__ import annotations

import torch

from grader.oracles.problem import Problem
from grader.records import Estimate
from grader.tolerance import DOUBLE, rounding_error


def autograd(problem: Problem) -> dict[str, Estimate]:
    """dL/dp of `problem.scalar` for every parameter, in float64.

    torch differentiates tanh as 1 - a^2, one of the formulas that `rounding_error` covers: that is the error bar.

    Returns:
        An estimate per parameter, shaped like it, in units of L per unit of the parameter.
    """
    network = problem.network
    parameters = {}
    for level, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
        parameters[f"w[{level}]"] = torch.tensor(weight, requires_grad=True)
        parameters[f"b[{level}]"] = torch.tensor(bias, requires_grad=True)
    data = {"x": torch.tensor(network.x), "y": torch.tensor(network.y)}
    with torch.enable_grad():
        value = problem.scalar({**parameters, **data})
        gradients = torch.autograd.grad(value, list(parameters.values()))
    error = rounding_error(network, DOUBLE)
    return {name: Estimate(gradient.numpy(), error[name]) for name, gradient in zip(parameters, gradients, strict=True)}
