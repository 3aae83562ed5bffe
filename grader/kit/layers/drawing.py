"""Draw inputs for a layer: unequal sizes, both signs, away from kinks and on both sides of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.kit.layers.declaring import DeclarationError, FormulaError
from grader.kit.layers.domains import Domain, size_of
from grader.kit.layers.layer import Layer
from grader.kit.layers.turns import Side, sides
from grader.kit.layers.usable import raised, usable
from grader.kit.tensors import as_tensors

Arrays = dict[str, NDArray[Any]]

STEP = 2.0**-11
"""How far around a point, relative to 1, finite differences move; slopes do not jump within four times as much."""
_SMALL_SIZES = (3, 4, 5, 2, 6, 7, 8, 9)
_DRAWS = 60
_CHOICE = 12
"""Of how many draws the best is taken, where none has all that is wished for: a gradient may always be small."""
_BALANCED = 0.02
_DIRECTIONS = 6


def chosen_sizes(layer: Layer, number: int) -> dict[str, int]:
    """Sizes for the letters in a trial, each another one as long as there are small numbers.

    No letter has the same size in three trials: a factor that is a size is told from one that is a number.
    """
    letters = layer.letters
    few = _SMALL_SIZES[: max(len(letters), 3)]
    sizes = {letter: few[(place + number) % len(few)] for place, letter in enumerate(letters)}
    return sizes | {letter: chosen[number % len(chosen)] for letter, chosen in layer.sizes.items()}


def drawn(layer: Layer, rng: np.random.Generator, trials: int) -> Iterator[tuple[dict[str, int], Arrays]]:
    """For each trial the sizes of the letters, and a point: an array for each input.

    No slope jumps near a point. No gradient is lost beside the others, and what the formula compares comes out both
    ways in one trial or another, if that can be.

    Raises:
        FormulaError: there is no such point among those that were drawn, or the formula cannot be used.
    """
    known: frozenset[Side] = frozenset()
    for number in range(trials):
        sizes = chosen_sizes(layer, number)
        point, seen = _point(layer, rng, sizes, known)
        known |= seen
        yield sizes, point


def _point(
    layer: Layer, rng: np.random.Generator, sizes: Mapping[str, int], known: frozenset[Side]
) -> tuple[Arrays, frozenset[Side]]:
    """The best of some draws, and the sides that are seen of what the formula compares.

    Where some are known from trials before, the others go before gradients that are not lost: ReLU has none below 0.
    """
    smooth: list[tuple[tuple[int, int], Arrays, frozenset[Side]]] = []
    for number in range(_DRAWS):
        point = {name: _values(domain, rng, sizes) for name, domain in layer.drawn.items()}
        if not number:
            usable(layer, point)
        if _is_smooth(layer, point, rng):
            possible, seen = sides(layer, as_tensors(point))
            is_balanced, fresh = _is_balanced(layer, point), len(seen - known)
            if is_balanced and fresh == len(possible - known):
                return point, seen
            smooth.append(((fresh, is_balanced) if known else (is_balanced, fresh), point, seen))
        if smooth and number + 1 >= _CHOICE:
            _, point, seen = max(smooth, key=lambda each: each[0])
            return point, seen
    if not np.isfinite(_slopes(layer, point)).all():
        raise FormulaError(
            "the formula, or its slope, is infinite or no number wherever it was tried, with numbers of both signs up"
            f" to 1.5; declare where it is defined, for example `{layer.wanted[0]}: > 0: N D` or `0..1: N D`",
            layer.line,
        )
    raise FormulaError(
        f"the formula is not differentiable at any of {_DRAWS} points that were drawn; is there a step or a rounding in"
        " it, or does it turn within a thousandth? Let it be smooth almost everywhere",
        layer.line,
    )


def drawn_upstream(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """The gradient that arrives at an output: both signs, sizes from a third to three."""
    return np.asarray(rng.choice([-1.0, 1.0], shape) * 10 ** rng.uniform(-0.5, 0.5, shape))


def _values(domain: Domain, rng: np.random.Generator, sizes: Mapping[str, int]) -> NDArray[Any]:
    shape = domain.shape(sizes)
    if min(shape, default=1) < 1:
        told = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
        raise DeclarationError(f"`{' '.join(domain.axes)}` has no entries for {told}; give larger `sizes`")
    match domain.kind:
        case "integer" if domain.below:
            return np.asarray(rng.integers(0, size_of(domain.below, sizes), shape))
        case "integer":
            return np.asarray(rng.integers(int(domain.low or 0), int(domain.high or 0) + 1, shape))
        case "one of":
            numbers = rng.choice(np.array(domain.choices), shape)
            return np.asarray(numbers.astype(int) if all(n.is_integer() for n in domain.choices) else numbers)
        case "one-hot":
            return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        case "mask":
            return (rng.random(shape) < domain.keep).astype(float)
        case "own mask":
            return np.ones(shape)
    if domain.low is not None and domain.high is not None:
        width = domain.high - domain.low
        return np.asarray(rng.uniform(domain.low + 0.1 * width, domain.high - 0.1 * width, shape))
    if domain.low is not None:
        return np.asarray(domain.low + rng.uniform(0.3, 2.0, shape))
    return np.asarray(rng.choice([-1.0, 1.0], shape) * rng.uniform(0.1, 1.5, shape))


def _is_smooth(layer: Layer, point: Arrays, rng: np.random.Generator) -> bool:
    """Whether slopes change in proportion to the way, within four steps in some directions, as without a kink.

    Beyond a kink they jump: then twice the way is not twice the change.
    """
    try:
        here = _slopes(layer, point)
        for _ in range(_DIRECTIONS):
            along = {n: rng.choice([-1.0, 1.0], a.shape) for n, a in point.items() if layer.domains[n].kind == "real"}
            near, far = (
                _slopes(layer, {n: a + h * along[n] if n in along else a for n, a in point.items()})
                for h in (2 * STEP, 4 * STEP)
            )
            size = np.abs(here).max(initial=0.0)
            with np.errstate(invalid="ignore"):  # infinite slopes are not smooth
                if not np.all(np.abs((far - here) - 2 * (near - here)) <= 0.1 * max(size, 1e-300)):
                    return False
    except Exception as error:
        raise raised(layer, point, error) from error
    return True


def _is_balanced(layer: Layer, point: Arrays) -> bool:
    """Whether no gradient is much smaller than the largest: where everything saturates, rounding is all that shows."""
    slopes, start, largest = _slopes(layer, point), 0, []
    for name in layer.wanted:
        end = start + point[name].size
        largest.append(float(np.abs(slopes[start:end]).max(initial=0.0)))
        start = end
    return min(largest) >= _BALANCED * max(largest) and max(largest) >= _BALANCED


def _slopes(layer: Layer, point: Arrays) -> NDArray[np.float64]:
    """The derivatives of the sum of all outputs, each with a weight of its own, by every input that is wanted.

    They are no numbers where the outputs are none.
    """
    tensors = as_tensors(point)
    inputs = [tensors[name].clone().requires_grad_() for name in layer.wanted]
    with torch.enable_grad():
        values = layer.values({**tensors, **dict(zip(layer.wanted, inputs, strict=True))})
        total = sum(((1 + torch.arange(v.numel()) % 3).reshape(v.shape) * v).sum() for v in values.values())
        if not isinstance(total, torch.Tensor) or not total.requires_grad:
            raise FormulaError(
                "the formula is cut off from its inputs: it must compute in torch with the tensors that it is given,"
                " without `.detach()`, `.item()`, `no_grad` or numpy",
                layer.line,
            )
        if not torch.isfinite(total):
            return np.full(sum(point[name].size for name in layer.wanted), np.nan)
        found = torch.autograd.grad(total, inputs, allow_unused=True, materialize_grads=True)
    return np.concatenate([gradient.reshape(-1).numpy() for gradient in found])
