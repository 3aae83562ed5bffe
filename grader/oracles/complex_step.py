"""Derivatives without subtraction: disturb by an imaginary number too small to be seen in the real part."""

from __future__ import annotations

import numpy as np

from grader.oracles import black_box
from grader.oracles.problem import Problem
from grader.oracles.tails import Tails
from grader.records import Estimate

STEP = black_box.COMPLEX_STEP


def complex_step(problem: Problem) -> dict[str, Estimate]:
    """dL/dp = Im L(p + ih) / h, for every entry of every parameter of a network, on our own forward pass.

    Of any other scalar, on its code; nothing where that is not analytic.

    Only `+`, `*`, `@` and `tanh` are applied to complex numbers; all are analytic, so the truncation error is
    h^2 |L'''| / 6 < 1e-38 for h = 1e-20, and what remains is rounding.

    Returns:
        An estimate per parameter, shaped like it, in units of L per unit of the parameter.

    Source: Squire & Trapp, SIAM Review 40 (1998) 110-112.
    """
    if problem.network is None:
        return black_box.complex_step(problem)
    tails, error = Tails.of(problem.network), problem.rounding
    estimates = {}
    for layer in tails.layers():
        lines = tails.directions(layer)
        rows = []
        for units in tails.blocks(layer, lines.along.shape[1]):
            residual = tails.outputs(layer, units, 1j * STEP * lines.along[:, None, :]) - tails.targets(layer, units)
            rows.append(2 * np.einsum("bukm,bukm->um", residual.real, residual.imag) / STEP)
        gradient = np.concatenate(rows)[:, lines.which] * lines.size
        estimates[f"w[{layer}]"] = Estimate(gradient[:, :-1], error[f"w[{layer}]"])
        estimates[f"b[{layer}]"] = Estimate(gradient[:, -1], error[f"b[{layer}]"])
    return estimates
