"""What quantities are called that follow from others: ∂L/∂z[2], the derivative of the loss; a slope, tanh'(z[2])."""

from __future__ import annotations

_ADJOINT, _SLOPE, _OF_SQUARE, _SUMMED = "∂L/∂", "'(", "2 · (", "N · "


def adjoint(name: str) -> str:
    """The derivative of the loss by a quantity: `∂L/∂z[2]`, `∂L/∂(x @ w)`."""
    return f"{_ADJOINT}{name if name.isidentifier() or name.endswith(']') else f'({name})'}"


def part_of_adjoint(name: str, use: str) -> str:
    """The part of it that comes by way of one use of a quantity: `∂L/∂w via z`."""
    return f"{_ADJOINT}{name} via {use}"


def summed_adjoint(name: str) -> str:
    """A derivative before it is divided by the number of examples: `N · ∂L/∂z[2]`."""
    return f"{_SUMMED}{name}"


def is_adjoint(name: str) -> bool:
    """Whether it is the name of a derivative of the loss, of a part of one, or of one before it is divided."""
    return name.removeprefix(_SUMMED).startswith(_ADJOINT)


def slope(function: str, operand: str) -> str:
    """The slope of what works entry by entry: `tanh'(z[2])`."""
    return f"{function}{_SLOPE}{operand})"


def slope_of_square(operand: str) -> str:
    """That of a square: `2 · (a - y)`."""
    return f"{_OF_SQUARE}{operand})"


def is_slope(name: str) -> bool:
    """Whether a slope is in it, but that of a square."""
    return _SLOPE in name


def is_slope_of_square(name: str) -> bool:
    """Whether it is that of a square."""
    return name.startswith(_OF_SQUARE)
