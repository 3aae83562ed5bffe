"""What comes after one layer, as a function of a disturbance of one of its units.

Disturbing W[i, j] by h moves a single pre-activation, z_i += h x_j. So all disturbances of a layer are one batched
evaluation of the layers above, in which that layer changes in one component only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.records import AnyArray, FloatArray, IntArray, Network
from grader.tolerance import forward

CACHE = 2**14
"""Entries of float64 that are worked on at a time."""


@dataclass(frozen=True)
class Directions:
    """Lines along which pre-activations move, over the examples, when a parameter does.

    Moving parameter j of any unit by h moves its pre-activation by h size[j] along[:, which[j]]. Parameters whose
    inputs are proportional over the examples share a line, and so one evaluation: for one example, all of a unit do.
    A derivative along the line, times size[j], is the derivative with respect to the parameter.

    `along` has shape (B, m), its largest entry in a column is 1; `which` and `size` have shape (n[l-1] + 1,); `size`
    is 0 for an input that is 0 in all examples.
    """

    along: FloatArray
    which: IntArray
    size: FloatArray


@dataclass(frozen=True)
class Tails:
    """A network with its forward pass done once."""

    network: Network
    z: list[FloatArray]
    a: list[FloatArray]

    @classmethod
    def of(cls, network: Network) -> Tails:
        """Run the forward pass."""
        return cls(network, *forward(network))

    def layers(self) -> Iterator[int]:
        """1 .. L."""
        return iter(range(1, len(self.z) + 1))

    def directions(self, layer: int) -> Directions:
        """How the parameters of a unit move its pre-activation: along a[l-1], and along ones for the bias."""
        inputs = np.column_stack([self.a[layer - 1], np.ones(len(self.a[0]))])
        pivot = inputs[np.argmax(np.abs(inputs), axis=0), np.arange(inputs.shape[1])]
        unit = np.divide(inputs, pivot, out=np.ones_like(inputs), where=pivot != 0)
        if len(unit) == 1:
            return Directions(unit[:, :1], np.zeros(len(pivot), dtype=np.int64), pivot)
        distinct, which = np.unique(unit, axis=1, return_inverse=True)
        return Directions(distinct, which.reshape(-1), pivot)

    def outputs(self, layer: int, units: slice, disturbance: AnyArray) -> AnyArray:
        """a[L] after z[layer][:, i] += disturbance[:, i], for each unit i of `units` on its own.

        In the last layer a unit moves its own output and no other, so the others are left out.

        Args:
            disturbance: shape (B, units, m), real or complex; each of the units * m columns is one disturbed network.

        Returns:
            shape (B, units, n[L] or 1, m), of the same type.
        """
        top = len(self.z)
        disturbed = np.tanh(disturbance + self.z[layer - 1][:, units, None])
        if layer == top:
            return np.asarray(disturbed[:, :, None, :])
        disturbed -= self.a[layer][:, units, None]
        weight = self.network.weights[layer].T[None, units, :, None]
        z: AnyArray = disturbed[:, :, None, :] * weight
        z += self.z[layer][:, None, :, None]
        for above in range(layer + 1, top):
            moved = np.tanh(z, out=z)
            moved -= self.a[above][:, None, :, None]
            z = self.network.weights[above] @ moved
            z += self.z[above][:, None, :, None]
        return np.asarray(np.tanh(z, out=z))

    def targets(self, layer: int, units: slice) -> FloatArray:
        """The targets of what `outputs` returns, shape (B, units or 1, n[L] or 1, 1)."""
        y = self.network.y
        return y[:, units, None, None] if layer == len(self.z) else y[:, None, :, None]

    def blocks(self, layer: int, columns: int) -> Iterator[slice]:
        """The units of a layer, as many at a time as keep the arrays of `outputs` in the processor's cache."""
        reached = 1 if layer == len(self.z) else max(len(b) for b in self.network.biases[layer:])
        size = max(1, CACHE // (len(self.network.x) * reached * columns))
        return (slice(first, first + size) for first in range(0, len(self.network.biases[layer - 1]), size))
