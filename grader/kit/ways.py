"""A class like `torch.autograd.Function` in each way in which it is legally called, and numbers to tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from grader.kit.calling import apply
from grader.kit.functions import UPSTREAM, FunctionPart

Array = NDArray[np.float64]

WAYS: Mapping[str, str] = {"context": "with a Context", "apply": "by .apply", "single": "in single precision"}
"""By the name of the part, how reports tell it."""


def in_each_way(
    entry: str,
    arguments: tuple[str, ...],
    formula: Callable[..., Tensor],
    checks: Mapping[str, str],
    seen: Mapping[str, str],
    shapes: tuple[tuple[int, ...], ...] = (),
) -> SimpleNamespace:
    """A family of parts: with a context, where everything is seen; through `.apply`; and in single precision.

    The last is called as in a network: see `FunctionPart`.

    Args:
        checks: of the value and the gradients; `seen`: of what shows with a context only.
    """
    return SimpleNamespace(
        context=FunctionPart(entry, arguments, formula, {**checks, **seen}, shapes),
        apply=FunctionPart(entry, arguments, formula, checks, shapes, apply),
        single=FunctionPart(entry, arguments, formula, checks, shapes, as_in_a_network=True),
    )


def probe(way: str, name: str, title: str, inputs: Mapping[str, Any], rows: Array, **more: Any) -> dict[str, Any]:
    """A probe of one way: that with a context is public, that in single precision is so."""
    inputs = {**inputs, UPSTREAM: rows}
    told = {"public": way == "context", "dtype": "float32" if way == "single" else "float64"}
    return {"name": name, "title": title, "inputs": inputs} | told | more


def each_way(counts: Mapping[str, int], rng: np.random.Generator) -> Iterator[tuple[str, str, Array]]:
    """The ways in turn, in words, each with its upstream gradients for so many entries."""
    for way, words in WAYS.items():
        yield way, words, upstream_rows(rng, counts[way])


def upstream_rows(rng: np.random.Generator, count: int) -> Array:
    """v1, v2, v1 + v2, -3 v1 and 0: sizes 10^U(-1, 1), mixed signs; multiples of 2^-10, so that no sum is rounded.

    The rule `linear` asks for these five.
    """
    v1, v2 = (np.round(_signs(rng, count) * 10 ** rng.uniform(-1, 1, count) * 1024) / 1024 for _ in range(2))
    return np.stack([v1, v2, v1 + v2, -3 * v1, 0 * v1])


def _signs(rng: np.random.Generator, count: int) -> Array:
    """Of three neighbours not all have the same sign: three are all that a mean for each column uses."""
    drawn = rng.choice([-1.0, 1.0], count)
    drawn[1::3] = -drawn[0::3]
    return np.asarray(drawn)


def single(array: Any) -> Array:
    """Rounded to single precision: then all ways of calling are tried at the same point."""
    return np.asarray(array).astype(np.float32).astype(np.float64)


def away_from_kinks(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    """N(0, 1), but neither near 0, where ReLU has no derivative, nor where tanh is flat; both signs in every column."""
    while True:
        x = single(rng.normal(0, 1, shape))
        if np.abs(x).min() >= 0.05 and np.abs(x).max() <= 2.5 and (np.ptp(np.sign(x), axis=0) == 2).all():
            return x
