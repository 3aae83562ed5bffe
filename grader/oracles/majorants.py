"""Bounds on the higher derivatives and on the rounding noise of a loss, as a function of one pre-activation.

Both travel upwards from the disturbed unit through the layers above. A derivative of order m of f(g(s)) is a sum of
products of derivatives of f and g (Faa di Bruno); with absolute values it becomes a bound, valid as far as its
ingredients are. tanh^(k) at a point moved by up to rho is at most |tanh^(k)(z)| + rho max |tanh^(k+1)|.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.oracles.tails import Tails
from grader.records import FloatArray
from grader.tolerance import DOUBLE

SUPREMA = (1.0, 1.0, 0.7699, 2.0, 4.0859, 16.0, 52.28)
"""max |tanh^(k)| over the reals, k = 0 .. 6, rounded up."""
TANH_ERROR = 8 * DOUBLE
"""Relative error of a computed tanh; vectorised libraries promise 4 ulp."""

Derivatives = tuple[FloatArray, ...]
"""Bounds on the derivatives of order 1 .. 5."""


@dataclass(frozen=True)
class Majorants:
    """For each example b, disturbed unit i, and output k that it reaches; arrays of shape (B, n[l], reached outputs).

    `slope` bounds |da_k/ds|, `noise` the rounding error of a computed a_k, `residual` is |a_k - y_k|,
    `size` is |a_k| + |y_k|; `first` and `fifth`, of shape (B, n[l]), bound these derivatives of the loss.
    """

    slope: FloatArray
    noise: FloatArray
    residual: FloatArray
    size: FloatArray
    first: FloatArray
    fifth: FloatArray

    def difference_noise(self, reach: FloatArray) -> FloatArray:
        """Bound the error of a computed L(z + s) - L(z - s), |s| <= 2 `reach`, summed over examples; shape (n[l],)."""
        move = 2 * reach[None, :, None] * self.slope
        total = self.residual + move
        terms = self.slope.shape[0] * self.slope.shape[2]
        noise = (
            total * (self.noise + DOUBLE * move)
            + move * (self.noise + 2 * DOUBLE * (self.size + move))
            + (terms + 3) * DOUBLE * move * total
        )
        return np.asarray(4 * noise.sum(axis=(0, 2)))


def majorants(tails: Tails, layer: int, reach: float) -> Majorants:
    """Bounds for all units of `layer`, valid while a pre-activation is moved by at most `reach`."""
    top = len(tails.z)
    z, a = tails.z[layer - 1][:, :, None], tails.a[layer][:, :, None]
    derivatives = _tanh_derivatives(z, np.full_like(z, reach))
    noise = derivatives[0] * DOUBLE * (np.abs(z) + reach) + TANH_ERROR * (np.abs(a) + reach)
    for above in range(layer + 1, top + 1):
        weight = np.abs(tails.network.weights[above - 1].T)
        if above == layer + 1:
            weight = weight[None, :, :]  # unit i alone reaches upwards: an outer product, not a sum over units
            inner = tuple(d * weight for d in derivatives)
            noise = noise * weight
        else:
            inner = tuple(d @ weight for d in derivatives)
            noise = noise @ weight
        z, a = tails.z[above - 1][:, None, :], tails.a[above][:, None, :]
        noise = noise + DOUBLE * (np.abs(z) + (weight.shape[-2] + 3) * reach * inner[0])
        outer = _tanh_derivatives(z, reach * inner[0])
        derivatives = _compose(outer, inner)
        noise = outer[0] * noise + TANH_ERROR * (np.abs(a) + reach * derivatives[0])
    y = tails.network.y[:, :, None] if layer == top else tails.network.y[:, None, :]
    residual, size = np.abs(a - y), np.abs(a) + np.abs(y)
    d1, d2, d3, d4, d5 = derivatives
    fifth = np.sum(2 * (residual + reach * d1) * d5 + 10 * d1 * d4 + 20 * d2 * d3, axis=2)
    first = np.sum(2 * (residual + reach * d1) * d1, axis=2)
    ones = np.ones_like(d1)
    return Majorants(d1, noise, residual * ones, size * ones, first, fifth)


def _tanh_derivatives(z: FloatArray, radius: FloatArray) -> Derivatives:
    """Bounds on |tanh^(k)|, k = 1 .. 5, over the points within `radius` of `z`."""
    t, s = np.tanh(z), 1 / np.cosh(z) ** 2
    t2 = t * t
    exact = (s, 2 * t * s, s * (6 * t2 - 2), 8 * t * s * (2 - 3 * t2), s * (16 + 120 * t2 * (t2 - 1)))
    bounds = (
        np.minimum(np.abs(value) + radius * SUPREMA[order + 1], SUPREMA[order])
        for order, value in enumerate(exact, start=1)
    )
    return tuple(bounds)


def _compose(f: Derivatives, g: Derivatives) -> Derivatives:
    """Bounds on the derivatives of f(g(s)): the formula of Faa di Bruno with all signs positive."""
    f1, f2, f3, f4, f5 = f
    g1, g2, g3, g4, g5 = g
    p2 = g1 * g1
    p3 = p2 * g1
    return (
        f1 * g1,
        f1 * g2 + f2 * p2,
        f1 * g3 + 3 * f2 * g1 * g2 + f3 * p3,
        f1 * g4 + f2 * (4 * g1 * g3 + 3 * g2 * g2) + 6 * f3 * p2 * g2 + f4 * p2 * p2,
        f1 * g5
        + f2 * (5 * g1 * g4 + 10 * g2 * g3)
        + f3 * (10 * p2 * g3 + 15 * g1 * g2 * g2)
        + 10 * f4 * p3 * g2
        + f5 * p3 * p2,
    )
