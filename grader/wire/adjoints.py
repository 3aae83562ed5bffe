"""What derivatives of the loss are called: ∂L/∂z[2]."""

from __future__ import annotations


def adjoint(name: str) -> str:
    """Of the loss by a quantity: `∂L/∂z[2]`, `∂L/∂(x @ w)`."""
    return f"∂L/∂{name if name.isidentifier() or name.endswith(']') else f'({name})'}"


def part_of_adjoint(name: str, use: str) -> str:
    """The part of it that comes by way of one use of a quantity: `∂L/∂w via z`."""
    return f"∂L/∂{name} via {use}"
