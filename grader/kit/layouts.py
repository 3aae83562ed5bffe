"""The ways in which one example, or several, are handed to a function that somebody wrote for one of them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

Array = Any
"""A numpy array or a tensor: what is done here, both can do."""

Lay = Callable[[Array], Array]
LAYOUTS: Mapping[str, tuple[Lay, Lay, Lay]] = {
    "vectors": (lambda rows: rows[0], lambda rows: rows[0], lambda bias: bias),
    "columns": (lambda rows: rows[:1].T, lambda rows: rows[:1].T, lambda bias: bias),
    "columns, biases too": (lambda rows: rows[:1].T, lambda rows: rows[:1].T, lambda bias: bias[:, None]),
    "x in a row, all else in columns": (lambda rows: rows[:1], lambda rows: rows[:1].T, lambda bias: bias[:, None]),
    "rows": (lambda rows: rows[:1], lambda rows: rows[:1], lambda bias: bias),
    "rows, biases too": (lambda rows: rows[:1], lambda rows: rows[:1], lambda bias: bias[None, :]),
    "a batch": (lambda rows: rows, lambda rows: rows, lambda bias: bias),
}
"""How inputs and targets of shape (B, n) and biases of shape (n,) are laid; all but the last take one example; n > 1.

What a network keeps between input and target is laid as targets are.
"""


def laid(inputs: Mapping[str, Array], layout: str) -> dict[str, Array]:
    """Inputs of a network in a layout: the examples `x`, `y` and the biases `b[l]`; the rest stays as it is."""
    x, y, bias = LAYOUTS[layout]
    ways = {"x": x, "y": y} | {name: bias for name in inputs if name[0] == "b"}
    return {name: ways[name](a) if name in ways else a for name, a in inputs.items()}


EXAMPLES = ("x", "y")


def plain(inputs: Mapping[str, Array]) -> dict[str, Array]:
    """The same inputs with examples in rows, and biases of shape (n,)."""
    return {name: rows(a) if name in EXAMPLES else flat(name, a) for name, a in inputs.items()}


def rows(examples: Array) -> Array:
    """Examples of any layout in rows."""
    return examples.reshape(1, -1) if examples.ndim == 1 or examples.shape[-1] == 1 else examples


def like(examples: Array, others: Array) -> Array:
    """Examples in rows, laid as others are."""
    return examples[0] if others.ndim == 1 else examples.T if others.shape[-1] == 1 else examples


def flat(name: str, value: Array) -> Array:
    """A parameter, or its gradient, in its own shape: a bias without any axis of length one."""
    return value.reshape(-1) if name.startswith(("b", "dl_db")) else value


def fits(value: object, other: torch.Tensor) -> bool:
    """Whether something is an array of the shape of another, axes of length one aside."""
    if not isinstance(value, torch.Tensor | np.ndarray):
        return False
    return [n for n in value.shape if n > 1] == [n for n in other.shape if n > 1]


def shaped(value: Any, other: torch.Tensor) -> Any:
    """What a submission gave, in the shape of another array where it fits; else as it is."""
    return torch.as_tensor(value).detach().reshape(other.shape) if fits(value, other) else value
