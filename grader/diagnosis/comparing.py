"""Compare what was stored with what many hypotheses predict, all at once."""

from __future__ import annotations

import math

import numpy as np

from grader.records import AnyArray, BoolArray, FloatArray

CLOSE = 3e-5
"""Relative difference, to the largest entry of an example, up to which numbers are the same: single precision."""


def matches(observed: FloatArray | None, predicted: FloatArray) -> BoolArray:
    """For each hypothesis, whether it predicts what was stored, up to axes of length one.

    Args:
        observed: shape (K, ...), or None where nothing was stored, which contradicts nothing.
        predicted: shape (S, K, ...) for S hypotheses.

    Returns:
        Shape (S,).
    """
    count = len(predicted)
    if observed is None:
        return np.ones(count, bool)
    if _squeezed(observed.shape[1:]) != _squeezed(predicted.shape[2:]):
        return np.zeros(count, bool)
    flat = observed.reshape(len(observed), -1)
    if not np.isfinite(flat).all():
        return np.zeros(count, bool)  # infinity would be close to everything
    allowed = CLOSE * np.abs(flat).max(axis=1, keepdims=True, initial=0.0) + 1e-12
    return np.asarray((np.abs(predicted.reshape(count, *flat.shape) - flat) <= allowed).all(axis=(1, 2)))


def numbers(array: AnyArray | None) -> FloatArray | None:
    """What was reported, as float64; None where it is no array of numbers."""
    return None if array is None or array.dtype.kind not in "fiu" else array.astype(np.float64)


def rank_one(observed: FloatArray | None, shape: tuple[int, int], before: FloatArray) -> FloatArray | None:
    """The delta with delta a^T = what was stored as dL/dW, shape (K, n); None where there is no such delta."""
    if observed is None or observed.shape[1:] != shape or not np.isfinite(observed).all():
        return None
    delta: FloatArray = np.einsum("knm,km->kn", observed, before) / np.sum(before**2, axis=1)[:, None]
    product = delta[:, :, None] * before[:, None, :]
    return delta if matches(observed, product[None])[0] and np.any(observed) else None


def vector(observed: FloatArray | None, width: int) -> FloatArray | None:
    """What was stored as dL/db as (K, n), whatever axes of length one it has; None where it does not fit."""
    if observed is None or math.prod(observed.shape[1:]) != width or not np.isfinite(observed).all():
        return None
    return observed.reshape(len(observed), width)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in shape if n != 1)
