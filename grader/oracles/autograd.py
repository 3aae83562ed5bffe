"""Reverse-mode differentiation of the exercise's own code, by torch."""

from __future__ import annotations

from grader.oracles.problem import Problem
from grader.records import Estimate


def autograd(problem: Problem) -> dict[str, Estimate]:
    """dL/dx of `problem.scalar` for every input in `problem.wrt`, in float64.

    torch differentiates tanh as 1 - a^2, one of the formulas that `rounding_error` covers: that is the error bar of a
    network; elsewhere rounding is measured.

    Returns:
        An estimate per input, shaped like it, in units of L per unit of the input.
    """
    return {name: Estimate(gradient, problem.rounding[name]) for name, gradient in problem.exact.items()}
