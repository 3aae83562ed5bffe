"""What an input of a layer may be: real numbers, labels, masks, values that are fixed; sizes of its axes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from grader.kit.layers.declaring import DeclarationError, parts

Kind = Literal["real", "integer", "one of", "one-hot", "mask", "own mask", "fixed"]
MOST_AXES = 8

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_BELOW = re.compile(r"int\s*<\s*(\w+)")
_INTEGERS = re.compile(r"int\s+(-?\d+)\s*\.\.\s*(-?\d+)")
_BETWEEN = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")
_ABOVE = re.compile(rf">\s*({_NUMBER})")
_MASK = re.compile(rf"(mask|own mask)\s+({_NUMBER})")
_ONE_OF = re.compile(rf"one of\s+({_NUMBER}(?:\s*,\s*{_NUMBER})*)")
_COMMAS = re.compile(r"[(\[]?\s*[\w*+-]+\s*(?:,\s*[\w*+-]*\s*)+[)\]]?|[(\[].*[)\]]")
_CROSSES = re.compile(r"[A-Z0-9]+(?:\s*[x\u00d7]\s*[A-Z0-9]+)+")
"""Shapes as others write them: `(N, D)`, `N x D`."""
_TIMES = re.compile(r"(\d)([A-Za-z_])")
_HOW = (
    "write axes as letters, `N D` or `D 4H`, perhaps after `int < C:`, `0..1:`, `> 0:`, `one of -1, 1:`, `one-hot:` or"
    " `mask 0.5:`; `scalar` for a single number; `= 2` for what is fixed"
)


@dataclass(frozen=True)
class Domain:
    """The values that an input can have.

    Attributes:
        axes: for each axis a letter, a number, or a product or sum of such, `4H`, `C*H*W`; () for a single number.
        kind: only what is `real` is ever moved, rounded or differentiated; an `own mask` is drawn by the submission.
        below: for integers, the size that they stay below: a letter or a number.
        low, high: bounds; None for none.
        choices: the numbers that a value may be one of.
        keep: for masks, the share of ones.
        text: of a value that is fixed.
        first: the layout in which the formula gets it, where it is handed over in another one.
    """

    axes: tuple[str, ...]
    kind: Kind = "real"
    below: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[float, ...] = ()
    keep: float = 1.0
    text: str = ""
    first: tuple[str, ...] | None = None

    @property
    def letters(self) -> frozenset[str]:
        """The letters whose sizes it needs."""
        return frozenset(letter for axis in (*self.axes, self.below) if axis for letter in _letters(axis))

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Its shape where the letters have these sizes."""
        return tuple(size_of(axis, sizes) for axis in self.axes)

    def value(self) -> Any:
        """A fixed value, made anew."""
        return ast.literal_eval(self.text)

    def shape_in_formula(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape in which the formula gets what is handed over in this one: axes of length one elsewhere."""
        if self.first is None or len(shape) != len(self.axes):
            return shape
        sizes = dict(zip(self.axes, shape, strict=True))
        return tuple(sizes.get(axis, 1) for axis in self.first)


@cache
def _parsed(axis: str) -> ast.expr:
    return ast.parse(_TIMES.sub(r"\1*\2", axis), mode="eval").body


@cache
def _letters(axis: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(_parsed(axis)) if isinstance(node, ast.Name))


def size_of(axis: str, sizes: Mapping[str, int]) -> int:
    """How long an axis is: `3`, what its letter means, or a product, sum or difference of such."""
    return _evaluated(_parsed(axis), sizes)


def _evaluated(node: ast.expr, sizes: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=letter):
            return sizes[letter]
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _evaluated(left, sizes), _evaluated(right, sizes)
            return a * b if isinstance(op, ast.Mult) else a + b if isinstance(op, ast.Add) else a - b
    raise DeclarationError("an axis is neither a letter nor a number")


def letters_of(domains: Mapping[str, Domain]) -> list[str]:
    """All letters that stand for sizes, in their order."""
    return list(dict.fromkeys(letter for domain in domains.values() for letter in sorted(domain.letters)))


def parse_domains(text: str) -> tuple[Domain, ...]:
    """All that `N D`, `int < C: N`, `0..1: N D`, `> 0: D`, `scalar` or `= 2` may legally be read as.

    Of layouts, `M or 1 M or M 1`, and fixed values, `= True or False`, there may be several.

    Raises:
        DeclarationError: it is nothing that is known; says what to write.
    """
    if text.strip().startswith("="):
        return tuple(_fixed(each) for each in parts(text.strip()[1:], " or "))
    constraint, colon, rest = text.rpartition(":")
    if not colon and _ONE_OF.fullmatch(text.strip()):
        constraint, rest = text, "scalar"
    layouts = [_axes(each, text) for each in parts(rest if constraint or colon else text, " or ")]
    domain = _constrained(constraint.strip(), layouts[0], text)
    return (domain, *(replace(domain, axes=axes, first=layouts[0]) for axes in layouts[1:]))


def _fixed(text: str) -> Domain:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise DeclarationError(f"`= {text}` is no value; write for example `= 2`, `= 'same'` or `= True`") from None
    return Domain((), kind="fixed", text=text)


def _axes(text: str, whole: str) -> tuple[str, ...]:
    axes = () if text == "scalar" else tuple(text.split())
    if _COMMAS.fullmatch(text) or _CROSSES.fullmatch(text):
        told = " ".join(re.findall(r"[A-Z0-9*+-]+|[a-z_]{2,}", text))
        raise DeclarationError(f"`{whole}`: write axes with spaces between them and no brackets, `{told}`")
    if not text or len(axes) > MOST_AXES or not all(map(_is_axis, axes)):
        raise DeclarationError(f"`{whole}`: {_HOW}; at most {MOST_AXES} axes")
    return axes


def _is_axis(text: str) -> bool:
    if not re.fullmatch(r"[\w*+-]+", text):
        return False
    try:
        tree = _parsed(text)
    except SyntaxError:
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mult | ast.Add | ast.Sub):
            return False
        if isinstance(node, ast.Constant) and not (isinstance(node.value, int) and 0 < node.value < 10_000):
            return False
        if isinstance(node, ast.UnaryOp):
            return False
    return True


def _constrained(constraint: str, axes: tuple[str, ...], text: str) -> Domain:
    if not constraint:
        return Domain(axes)
    if constraint == "one-hot" and axes:
        return Domain(axes, kind="one-hot")
    if found := _BELOW.fullmatch(constraint):
        return Domain(axes, kind="integer", below=found[1])
    if (found := _BETWEEN.fullmatch(constraint)) or (found := _INTEGERS.fullmatch(constraint)):
        low, high = float(found[1]), float(found[2])
        if low >= high:
            raise DeclarationError(f"`{text}`: nothing lies between {low:g} and {high:g}; write the smaller one first")
        return Domain(axes, kind="integer" if constraint.startswith("int") else "real", low=low, high=high)
    if found := _ABOVE.fullmatch(constraint):
        return Domain(axes, low=float(found[1]))
    if found := _ONE_OF.fullmatch(constraint):
        return Domain(axes, kind="one of", choices=tuple(float(each) for each in found[1].split(",")))
    if found := _MASK.fullmatch(constraint):
        if not 0 < float(found[2]) <= 1:
            raise DeclarationError(
                f"`{text}`: the share of ones is a number above 0 and not above 1; write `mask 0.5:`"
            )
        return Domain(axes, kind="mask" if found[1] == "mask" else "own mask", keep=float(found[2]))
    if found := re.fullmatch(r"int\s+(\w+)", constraint):
        raise DeclarationError(f"`{text}`: integers below {found[1]} are written `int < {found[1]}: ...`")
    raise DeclarationError(f"`{text}`: `{constraint}:` is not understood; {_HOW}")
