"""Fourth-order central differences over every parameter, with a proved bound on what they miss.

With D(t) = L(p + t) - L(p - t), the estimate [8 D(h) - D(2h)] / 12h misses dL/dp by at most h^4 / 30 max |L^(5)|
(truncation) and 0.75 eta / h (rounding, where eta bounds the error of a computed D). The step balances the two.
"""

from __future__ import annotations

import numpy as np

from grader.oracles.majorants import majorants
from grader.oracles.problem import Problem
from grader.oracles.tails import Tails
from grader.records import Estimate, FloatArray
from grader.tolerance import DOUBLE, rounding_error

SMALLEST, LARGEST = 2.0**-14, 2.0**-5
"""The range of a step, in units of the pre-activation that it moves."""


def finite_difference(problem: Problem) -> dict[str, Estimate]:
    """dL/dp for every entry of every parameter of the network, each disturbed on its own, on our own forward pass.

    Steps are powers of two, so that moving a parameter by h is exact, and are chosen for each entry in units of the
    pre-activation that it moves: h = 2^floor(log2(tau / max_b |x_b|)).

    Returns:
        An estimate per parameter, shaped like it, in units of L per unit of the parameter; its error bar is the bound
        above, for networks of any depth, plus the rounding of the forward pass at the point itself.
    """
    tails = Tails.of(problem.network)
    rounding = rounding_error(problem.network, DOUBLE)
    estimates = {}
    for layer in tails.layers():
        inputs, where = tails.inputs(layer)
        bounds = majorants(tails, layer, reach=2 * LARGEST)
        steps = _steps(inputs, bounds.difference_noise(np.zeros(bounds.fifth.shape[1])), bounds.fifth.sum(axis=0))
        blocks = tails.blocks(layer, 4 * inputs.shape[1])
        difference = np.concatenate([_difference(tails, layer, units, inputs, steps[units]) for units in blocks])
        noise = bounds.difference_noise(np.max(steps * np.max(np.abs(inputs), axis=0), axis=1))
        truncation = steps**4 / 30 * (bounds.fifth.T @ np.abs(inputs) ** 5)
        error = 1.01 * (0.75 * noise[:, None] / steps + truncation)
        for name, part in ((f"w[{layer}]", where[:-1]), (f"b[{layer}]", where[-1])):
            estimates[name] = Estimate(difference[:, part], error[:, part] + rounding[name])
    return estimates


def _steps(inputs: FloatArray, noise: FloatArray, fifth: FloatArray) -> FloatArray:
    """The step of each parameter, shape (n[l], m): the one for which truncation and rounding balance."""
    tau = np.clip((5.625 * noise / np.maximum(fifth, np.finfo(float).tiny)) ** 0.2, SMALLEST, LARGEST)
    largest = np.max(np.abs(inputs), axis=0)
    largest[largest == 0] = 1.0  # an input that is always 0 moves nothing: any step gives the exact 0
    return np.asarray(2.0 ** np.floor(np.log2(tau[:, None] / largest)))


def _difference(tails: Tails, layer: int, units: slice, inputs: FloatArray, steps: FloatArray) -> FloatArray:
    """[8 D(h) - D(2h)] / 12h for all parameters of some units, shape (units, m) for m distinct inputs.

    A difference of losses is summed over the outputs as (p - q)(p + q), where p and q are the two residuals: the
    difference of two sums of squares would lose the digits that count.
    """
    move = inputs[:, None, :] * steps
    moved = tails.outputs(layer, units, np.concatenate([move, 2 * move, -move, -2 * move], axis=2))
    above, below = np.split(moved, 2, axis=3)
    difference = above - below
    total = np.add(above, below, out=above)
    total -= 2 * tails.targets(layer, units)
    near, far = np.split(np.einsum("bukm,bukm->um", difference, total), 2, axis=1)
    return np.asarray((8 * near - far) / (12 * steps))
