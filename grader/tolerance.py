"""How far an honest float computation of a gradient may be from the exact one, and the one comparison that uses it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.records import BoolArray, Estimate, FloatArray, Network

DOUBLE = 2.0**-53
"""Unit roundoff of float64."""
SINGLE = 2.0**-24
"""Unit roundoff of float32."""


def agrees(observed: FloatArray, expected: Estimate) -> BoolArray:
    """Entrywise: is `observed` within the error bar of `expected`? Written with `<=`, so that NaN never agrees."""
    difference = np.abs(observed - expected.value)
    return np.isfinite(observed) & (difference <= expected.error)


def error_ratio(observed: FloatArray, expected: Estimate) -> float:
    """The worst |observed - value| / error; 1 is the limit, infinity stands for what is not finite."""
    difference = np.abs(observed - expected.value)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(difference == 0, 0.0, difference / expected.error)
    return float(np.max(np.where(np.isnan(ratios), np.inf, ratios), initial=0.0))


SURE = 1e-3
"""Relative to the largest entry of a gradient: an error bar beyond it would let wrong gradients pass."""
SURE_IF_PROVED = 1e-2
"""The same for a bound that is proved for any order of summation: what is met stays below a third of it."""
_ZERO = 1e-4


def is_sure(gradient: Estimate, size: float, limit: float = SURE) -> bool:
    """Whether an error bar is narrow enough that nothing wrong hides in it.

    That is one of at most `limit` times the gradient's largest entry; or, where the gradient is zero as far as its bar
    can tell (that of a bias before it is normalised away), of at most 1e-4 of `size`, the largest entry of what else
    there is.
    """
    bar, largest = (float(np.max(np.abs(part), initial=0.0)) for part in (gradient.error, gradient.value))
    return bar <= limit * largest or (largest <= bar <= _ZERO * size)


_SAFETY = 16
_SMALLEST = 64
"""Roundings of the largest entry that are allowed at least: what was measured may be small by accident."""


def measured_error(exact: FloatArray, runs: Sequence[FloatArray], unit: float) -> FloatArray:
    """A bound on |computed - exact| in arithmetic of unit roundoff u, where none has been derived.

    Args:
        exact: computed in float64.
        runs: computed in float32, at points that are off by one rounding; shaped like `exact`.

    Returns:
        16 times the largest difference between a run and `exact`, in units of u instead of 2^-24, and 64 u of the
        largest entry at least: the same for all entries, shaped like `exact`.

    That single precision loses the same number of roundings as double is the idea of stochastic arithmetic: J. Vignes,
    Mathematics and Computers in Simulation 35 (1993) 233-261. The factor is validated by `benchmarks/false_alarms.py`.
    """
    with np.errstate(invalid="ignore"):  # what is infinite in both differs by what is no number
        gap = max((float(np.max(np.abs(run - exact), initial=0.0)) for run in runs), default=0.0)
    largest = float(np.max(np.abs(exact), initial=0.0))
    return np.full(exact.shape, unit * (_SAFETY * gap / SINGLE + _SMALLEST * largest))


def forward(network: Network) -> tuple[list[FloatArray], list[FloatArray]]:
    """The pre-activations z[1..L] and the activations a[0..L]; row b of each belongs to example b."""
    activations = [network.x]
    preactivations = []
    for weight, bias in zip(network.weights, network.biases, strict=True):
        preactivations.append(activations[-1] @ weight.T + bias)
        activations.append(np.tanh(preactivations[-1]))
    return preactivations, activations


def loss(network: Network) -> float:
    """L = sum over examples and outputs of (a[L] - y)^2."""
    residual = forward(network)[1][-1] - network.y
    return float(np.sum(residual * residual))


def rounding_error(network: Network, unit: float) -> dict[str, FloatArray]:
    """Bound |computed - exact| of dL/dW[l] and dL/db[l], for every honest formula in arithmetic of unit roundoff u.

    Covers any depth, any order of summation, f' taken as 1 - a^2, as 1 - tanh(z)^2 or as 1 / cosh(z)^2, a forward pass
    done again, and inputs, targets and parameters rounded once to the working precision.

    Returns:
        `w[l]` of shape (n[l], n[l-1]) and `b[l]` of shape (n[l],), in units of L per unit of the parameter.

    A running error analysis in the sense of Higham, Accuracy and Stability of Numerical Algorithms (2002), 3.1 and 3.3;
    gamma_n = n u / (1 - n u) bounds a sum of n rounded products in any order.
    """

    def gamma(terms: int) -> float:
        return terms * unit / (1 - terms * unit)

    z, a = forward(network)
    depth, batch = len(z), len(network.x)
    slope = [1 / np.cosh(zl) ** 2 for zl in z]

    sizes = [np.abs(al) for al in a]
    weights = [np.abs(weight) for weight in network.weights]
    a_error = [unit * sizes[0]]
    z_error = []
    for level, (weight, bias) in enumerate(zip(weights, network.biases, strict=True)):
        share = gamma(weight.shape[1] + 2)
        z_error.append((share * sizes[level] + a_error[level]) @ weight.T + share * np.abs(bias))
        a_error.append(slope[level] * z_error[level] + 4 * unit * sizes[level + 1])
    slope_error = [
        2 * np.abs(al) * s * dz + unit * np.maximum(1 + 9 * al * al, 10 * s)
        for al, s, dz in zip(a[1:], slope, z_error, strict=True)
    ]

    residual = a[-1] - network.y
    delta = 2 * residual * slope[-1]
    residual_error = a_error[-1] + unit * (np.abs(residual) + np.abs(network.y))
    error = 2 * (residual_error * slope[-1] + np.abs(residual) * slope_error[-1]) + 3 * unit * np.abs(delta)

    bounds: dict[str, FloatArray] = {}
    for level in range(depth, 0, -1):
        size = np.abs(delta)
        left = 1.01 * np.concatenate([error + gamma(batch + 1) * size, size])
        bounds[f"w[{level}]"] = left.T @ np.concatenate([sizes[level - 1], a_error[level - 1]])
        bounds[f"b[{level}]"] = 1.01 * (error.sum(0) + gamma(batch) * size.sum(0))
        if level > 1:
            weight, s = weights[level - 1], slope[level - 2]
            back = delta @ network.weights[level - 1]
            back_error = (error + gamma(len(weight) + 1) * size) @ weight
            delta = back * s
            error = back_error * s + np.abs(back) * slope_error[level - 2] + 2 * unit * np.abs(delta)
    return bounds
