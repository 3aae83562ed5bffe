"""Fourth-order central differences over every parameter, with a proved bound on what they miss.

With D(t) = L(p + t) - L(p - t), the estimate [8 D(h) - D(2h)] / 12h misses dL/dp by at most h^4 / 30 max |L^(5)|
(truncation) and 0.75 eta / h (rounding, where eta bounds the error of a computed D). The step balances the two.
"""

from __future__ import annotations

import numpy as np

from grader.oracles import black_box
from grader.oracles.majorants import Majorants, majorants
from grader.oracles.problem import Problem
from grader.oracles.tails import Tails
from grader.records import Estimate, FloatArray
from grader.tolerance import DOUBLE

SMALLEST, LARGEST = 2.0**-14, 2.0**-5
"""The range of a step, in units of the pre-activation that it moves."""


def finite_difference(problem: Problem) -> dict[str, Estimate]:
    """dL/dp for every entry of every parameter of a network, on our own forward pass; of any scalar, on its code.

    A parameter is disturbed in units of the pre-activation that it moves, by +-tau and +-2 tau.

    Returns:
        An estimate per parameter, shaped like it, in units of L per unit of the parameter; its error bar is the bound
        above, for networks of any depth, plus the rounding of the forward pass at the point itself.
    """
    if problem.network is None:
        return black_box.finite_difference(problem)
    tails = Tails.of(problem.network)
    estimates = {}
    for layer in tails.layers():
        lines = tails.directions(layer)
        bounds = majorants(tails, layer, reach=2 * LARGEST)
        steps = _steps(bounds)
        blocks = tails.blocks(layer, 4 * lines.along.shape[1])
        difference = np.concatenate([_difference(tails, layer, units, lines.along, steps[units]) for units in blocks])
        length = np.abs(lines.along)
        error = 1.01 * (
            0.75 * bounds.difference_noise(steps[:, 0])[:, None] / steps
            + steps**4 / 30 * (bounds.fifth.T @ length**5)
            + 3 * DOUBLE * (bounds.first.T @ length)
        )
        gradient, bar = difference[:, lines.which] * lines.size, error[:, lines.which] * np.abs(lines.size)
        for name, part in ((f"w[{layer}]", np.s_[:, :-1]), (f"b[{layer}]", np.s_[:, -1])):
            estimates[name] = Estimate(gradient[part], bar[part] + problem.rounding[name])
    return estimates


def _steps(bounds: Majorants) -> FloatArray:
    """The step of each unit, shape (n[l], 1): a power of two near the one for which truncation and rounding balance."""
    fifth = bounds.fifth.sum(axis=0)
    noise = bounds.difference_noise(np.zeros(len(fifth)))
    tau = np.clip((5.625 * noise / np.maximum(fifth, np.finfo(float).tiny)) ** 0.2, SMALLEST, LARGEST)
    return np.asarray(2.0 ** np.floor(np.log2(tau[:, None])))


def _difference(tails: Tails, layer: int, units: slice, along: FloatArray, steps: FloatArray) -> FloatArray:
    """[8 D(h) - D(2h)] / 12h for some units along m lines, shape (units, m).

    A difference of losses is summed over the outputs as (p - q)(p + q), where p and q are the two residuals: the
    difference of two sums of squares would lose the digits that count.
    """
    move = along[:, None, :] * steps
    moved = tails.outputs(layer, units, np.concatenate([move, 2 * move, -move, -2 * move], axis=2))
    above, below = np.split(moved, 2, axis=3)
    difference = above - below
    total = np.add(above, below, out=above)
    total -= 2 * tails.targets(layer, units)
    near, far = np.split(np.einsum("bukm,bukm->um", difference, total), 2, axis=1)
    return np.asarray((8 * near - far) / (12 * steps))
