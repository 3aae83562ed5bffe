"""An exercise of declared layers: its formulas become parts with probes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from grader.kit.layers.by_formula import names_by_formula
from grader.kit.layers.declaring import DeclarationError
from grader.kit.layers.layer import Layer
from grader.kit.layers.part import LayerPart, part_name

Declarations = Mapping[str, Mapping[str, Any]]
"""For each layer `calls`, `inputs`, `formula`, `checks` and `torch`, as plain texts, dictionaries and a truth value."""


def declare(module: ModuleType, declarations: Declarations) -> list[LayerPart]:
    """Give the module of the formulas the parts and the `probes` that follow from what is declared of them.

    Raises:
        DeclarationError: which layer cannot be used, and what to write.
    """
    parts = [_part(module, name, declared) for name, declared in declarations.items()]
    for part in parts:
        setattr(module, part_name(part.name), part)

    def probes(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
        for part in parts:
            try:
                yield from part.drawn(rng)
            except DeclarationError as error:
                raise DeclarationError(f"layer `{part.name}`: {error}") from None

    module.probes = probes  # type: ignore[attr-defined]
    return parts


def right_names(parts: list[LayerPart]) -> dict[str, Any]:
    """The entry points of a right submission that derives nothing."""
    return {name: value for part in parts for name, value in names_by_formula(part.layer).items()}


def _part(module: ModuleType, name: str, declared: Mapping[str, Any]) -> LayerPart:
    formula = getattr(module, declared["formula"], None)
    if not callable(formula):
        raise DeclarationError(
            f"layer `{name}`: {module.__file__} defines no function `{declared['formula']}`; write the forward formula"
            f" there, `def {declared['formula']}(...)`"
        )
    try:
        layer = Layer.declared(formula, declared["calls"], declared["inputs"])
    except DeclarationError as error:
        raise DeclarationError(f"layer `{name}`: {error}") from None
    return LayerPart(name, layer, declared["checks"], bool(declared["torch"]))
