"""Finite differences and the complex step for a scalar of which nothing is known but its code.

Every entry of every input is moved.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import torch

from grader.errors import AssignmentError
from grader.kit.tensors import as_tensors
from grader.oracles.moves import moved
from grader.oracles.problem import Problem
from grader.records import AnyArray, Estimate, FloatArray

COMPLEX_STEP = 1e-20
_SHORTER = (1.0, 2.0**-5, 2.0**-10)
"""Steps, in units of the problem's own, of which a shorter one is tried where a longer one does not tell."""
_TELLS = 1e-4
"""Relative to the largest entry: what two steps may differ by."""
_CIRCLE = 8
"""Points on the circle on which L is looked at as a power series."""
_POWER_SERIES = 1e-6
"""Relative to how much L varies over the circle: what is neither the series nor rounding."""


def finite_difference(problem: Problem) -> dict[str, Estimate]:
    """Central differences of fourth order, D(h) = [8 (L(x+h) - L(x-h)) - (L(x+2h) - L(x-2h))] / 12h, of every entry.

    The error bar is the sum of

    * what two steps differ by, |D(h) - D(h/2)|: 15 times the truncation error of the better one where the expansion in
      h holds, and all of the difference where a kink or a jump is in between;
    * how much the slopes from both sides differ at the point itself, where the differences would not tell of a kink;
    * the rounding of L over h, measured in single precision.

    A shorter step is taken where the step does not tell; of each entry, the surest estimate is kept.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # L may be infinite, or no number, where it is moved
        return {name: _surest(problem, name) for name in problem.wrt}


def _surest(problem: Problem, name: str) -> Estimate:
    shape = np.shape(problem.point[name])
    best = Estimate(np.zeros(shape), np.full(shape, np.inf))
    for shorter in _SHORTER:
        step = shorter * problem.step * np.maximum(1.0, np.abs(problem.point[name]))
        value, smooth = _differences(problem, name, step)
        rounding = 3 * problem.noise / step + problem.rounding[name]
        error = smooth + rounding
        keep = best.error < error
        best = Estimate(np.where(keep, best.value, value), np.where(keep, best.error, error))
        if np.all(smooth <= np.maximum(_TELLS * np.max(np.abs(value), initial=0.0), rounding)):
            break
    return best


def _differences(problem: Problem, name: str, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    """D(h/2), and how far it may be off where L is not as smooth as that."""
    moves = np.stack([factor * step for factor in (0.5, -0.5, 1.0, -1.0, 2.0, -2.0)])
    half, half_down, one, one_down, two, two_down = moved(problem, name, moves)
    fine = (8 * (half - half_down) - (one - one_down)) / (6 * step)
    coarse = (8 * (one - one_down) - (two - two_down)) / (12 * step)
    # the slope to the right less that to the left, [L(x+t) - 2 L(x) + L(x-t)] / t = jump + a t + b t^3 + ...
    by_half, by_one, by_two = (
        (up - problem.loss + (down - problem.loss)) / (factor * step)
        for factor, up, down in ((0.5, half, half_down), (1.0, one, one_down), (2.0, two, two_down))
    )
    jump = (16 * by_half - 10 * by_one + by_two) / 7
    return fine, np.nan_to_num(np.abs(fine - coarse) + np.abs(jump), nan=np.inf, posinf=np.inf)


def complex_step(problem: Problem) -> dict[str, Estimate]:
    """dL/dx = Im L(x + ih) / h, of every entry, for h = 1e-20; empty where L as computed is not analytic.

    Source: Squire & Trapp, SIAM Review 40 (1998) 110-112.
    """
    if not _is_analytic(problem):
        return {}
    estimates = {}
    for name in problem.wrt:
        moves = np.full((1, *problem.point[name].shape), 1j * COMPLEX_STEP)
        estimates[name] = Estimate(moved(problem, name, moves)[0].imag / COMPLEX_STEP, problem.rounding[name])
    return estimates


def _is_analytic(problem: Problem) -> bool:
    """Whether L, as it is computed for complex numbers, is a power series around the point that continues the real L.

    L is evaluated on a small circle around the point, x + r exp(it) d for one direction d of all inputs. An analytic
    function has no negative frequencies in t there (Cauchy); its mean is L(x), its first frequency the derivative along
    d, and the complex step must give the same. torch raises for some operations (relu, softmax), is not analytic in
    others (abs, norm, var, Cholesky), and loses tiny imaginary parts in some.
    """
    rng = np.random.default_rng(0)
    directions = {name: rng.normal(0, 1, np.shape(problem.point[name])) for name in problem.wrt}
    length = float(np.sqrt(sum(np.sum(d * d) for d in directions.values()))) or 1.0
    directions = {n: d / length * np.maximum(1.0, np.abs(problem.point[n])) for n, d in directions.items()}
    radius = 2 * problem.step
    circle = radius * np.exp(2j * np.pi * np.arange(_CIRCLE) / _CIRCLE)
    try:
        *around, step = _along(problem, directions, [*circle, 1j * COMPLEX_STEP])
    except AssignmentError:
        return False
    values = np.array(around)
    frequencies = np.fft.fft(values) / _CIRCLE
    allowed = _POWER_SERIES * np.max(np.abs(values - problem.loss)) + 8 * problem.noise
    gaps = (
        frequencies[0] - problem.loss,
        frequencies[1] - radius * step.imag / COMPLEX_STEP,
        frequencies[-1],
        frequencies[-2],
    )
    return bool(np.all(np.abs(gaps) <= allowed))


def _along(problem: Problem, directions: dict[str, AnyArray], moves: list[complex]) -> Iterator[complex]:
    """L where all inputs are moved along their directions at once, once for each move.

    Raises:
        AssignmentError: L cannot be evaluated there.
    """
    for move in moves:
        tensors = as_tensors(problem.point, torch.complex128)
        for name, direction in directions.items():
            tensors[name] += torch.tensor(move * direction)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of imaginary parts that are discarded: the values tell that
            yield complex(problem.value(tensors))
