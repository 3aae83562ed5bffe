"""What an input of a layer may be: real numbers, labels, sizes of its axes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from grader.kit.layers.declaring import DeclarationError

Kind = Literal["real", "integer"]
MOST_AXES = 8

_AXIS = re.compile(r"(\d{0,4})([A-Za-z_]\w*)?")
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_BELOW = re.compile(r"int\s*<\s*(\w+)")
_BETWEEN = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")
_ABOVE = re.compile(rf">\s*({_NUMBER})")
_HOW = (
    "write axes as letters, `N D` or `D 4H`, perhaps after `int < C:`, `0..1:` or `> 0:`; `scalar` for a single number"
)


@dataclass(frozen=True)
class Domain:
    """The values that an input can have.

    Attributes:
        axes: for each axis a letter, a number for a size that is fixed, or both, `4H`; () for a single number.
        kind: `integer` for labels and indices, which are never moved, rounded or differentiated.
        below: for integers, the size that they stay below: a letter or a number.
        low, high: bounds of real numbers; None for none.
    """

    axes: tuple[str, ...]
    kind: Kind = "real"
    below: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def letters(self) -> frozenset[str]:
        """The letters whose sizes it needs."""
        return frozenset(letter for axis in (*self.axes, self.below) if (letter := axis.lstrip("0123456789")))

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Its shape where the letters have these sizes."""
        return tuple(size_of(axis, sizes) for axis in self.axes)


def size_of(axis: str, sizes: Mapping[str, int]) -> int:
    """How long an axis is: the number that it is, what its letter means, or the product of both."""
    letter = axis.lstrip("0123456789")
    number = axis.removesuffix(letter) if letter else axis
    return (int(number) if number else 1) * (sizes[letter] if letter else 1)


def parse_domain(text: str) -> Domain:
    """`N D`, `int < C: N`, `0..1: N D`, `> 0: D`, `scalar`.

    Raises:
        DeclarationError: it is none of these; says what to write.
    """
    constraint, colon, rest = text.rpartition(":")
    constraint, rest = constraint.strip(), rest.strip()
    if not colon:
        rest = text.strip()
    axes = () if rest == "scalar" else tuple(rest.split())
    if not rest or len(axes) > MOST_AXES or not all(map(_is_axis, axes)):
        raise DeclarationError(f"`{text}`: {_HOW}; at most {MOST_AXES} axes")
    if not colon:
        return Domain(axes)
    if found := _BELOW.fullmatch(constraint):
        return Domain(axes, kind="integer", below=found[1])
    if found := _BETWEEN.fullmatch(constraint):
        low, high = float(found[1]), float(found[2])
        if low >= high:
            raise DeclarationError(f"`{text}`: nothing lies between {low:g} and {high:g}; write the smaller one first")
        return Domain(axes, low=low, high=high)
    if found := _ABOVE.fullmatch(constraint):
        return Domain(axes, low=float(found[1]))
    raise DeclarationError(f"`{text}`: `{constraint}:` is not understood; {_HOW}")


def _is_axis(text: str) -> bool:
    found = _AXIS.fullmatch(text)
    return bool(found) and text != "" and (found is not None and (found[1] == "" or int(found[1]) > 0))
