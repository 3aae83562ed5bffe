"""Expressions of a declaration: what is handed over, made of names and values, `{"mode": "train", "eps": eps}`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from typing import Any

from grader.kit.context import Context
from grader.kit.layers.declaring import DeclarationError


def zeros(like: Any) -> Any:
    """Zeros in the shape of something."""
    return 0 * like


def ones(like: Any) -> Any:
    """Ones in the shape of something."""
    return 0 * like + 1


class Draws:
    """What stands for a source of random numbers: whatever is called on it gives the next of some values, in turn."""

    def __init__(self, values: Any) -> None:
        self.values = values
        self._turn = cycle(values.tolist())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: next(self._turn)


HELPERS = {"zeros": zeros, "ones": ones, "context": Context, "draws": Draws}
"""What an expression may call besides what a submission defines."""


@dataclass(frozen=True)
class Expression:
    """Python that is evaluated anew for each call, in which names stand for the values of a declaration.

    Raises:
        DeclarationError: it is not Python.
    """

    text: str

    def __post_init__(self) -> None:
        try:
            ast.parse(self.text, mode="eval")
        except SyntaxError:
            raise DeclarationError(
                f"`{self.text}` is neither a name nor a value such as 0.5, True or {{'mode': 'train'}}"
            ) from None

    @cached_property
    def tree(self) -> ast.expr:
        """Its syntax."""
        return ast.parse(self.text, mode="eval").body

    @cached_property
    def _code(self) -> Any:
        return compile(self.text, "declaration", "eval")

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The names that it calls: a submission defines them."""
        calls = (node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return tuple(dict.fromkeys(f.id for f in calls if isinstance(f, ast.Name) and f.id not in HELPERS))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the values that it uses."""
        found = (node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))
        return tuple(dict.fromkeys(name for name in found if name not in HELPERS and name not in self.called))

    @property
    def name(self) -> str:
        """Itself, where it is a single name; else empty."""
        return self.tree.id if isinstance(self.tree, ast.Name) else ""

    def value(self, values: Mapping[str, Any]) -> Any:
        """What it is where names have these values; a container is a new one each time."""
        if self.name and self.name in values:
            return values[self.name]
        return eval(self._code, {"__builtins__": {}, **HELPERS}, dict(values))  # noqa: S307  the author's own text

    def matched(self, actual: Any) -> dict[str, Any]:
        """The values of its names, where all of it is `actual`."""
        return dict(_matched(self.tree, actual))

    def fixed(self, actual: Any) -> list[bool]:
        """Of each value that is fixed in it, whether `actual` has that value there."""
        return list(_fixed(self.tree, actual))


def _matched(node: ast.expr, actual: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    match node:
        case ast.Name(id=name) | ast.Compare(left=ast.Name(id=name), ops=[ast.Gt()]):  # `mask > 0`: truth values
            found = [(name, actual)]
        case ast.Call(args=[ast.Name(id=name)]) if isinstance(actual, Draws):
            found = [(name, actual.values)]
        case ast.Dict(keys=keys, values=values) if isinstance(actual, Mapping):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value in actual:
                    found += _matched(value, actual[key.value])
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if isinstance(actual, tuple | list):
            for part, value in zip(parts, actual, strict=False):
                found += _matched(part, value)
    return found


def _fixed(node: ast.expr, actual: Any) -> Iterator[bool]:
    match node:
        case ast.Constant(value=constant):
            yield isinstance(actual, str | int | float | None) and actual == constant
        case ast.Dict(keys=keys, values=values) if isinstance(actual, Mapping):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant):
                    yield from _fixed(value, actual[key.value]) if key.value in actual else [False]
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if isinstance(actual, tuple | list):
            for part, value in zip(parts, actual, strict=False):
                yield from _fixed(part, value)
