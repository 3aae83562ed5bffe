"""An exercise of declared layers: its formulas become parts with probes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from inspect import isfunction
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from grader.kit.layers.by_formula import names_by_formula
from grader.kit.layers.declaring import DeclarationError, FormulaError
from grader.kit.layers.layer import Layer
from grader.kit.layers.part import LayerPart
from grader.kit.layers.steps import part_name

Declarations = Mapping[str, Mapping[str, Any]]
"""For each layer `calls`, `inputs`, `sizes`, `uses`, `formula`, `checks` and `torch`, as JSON has them."""


def declare(module: ModuleType, declarations: Declarations) -> list[LayerPart]:
    """Give the module of the formulas the parts and the `probes` that follow from what is declared of them.

    Raises:
        DeclarationError: which layer cannot be used, and what to write.
    """
    alone = [part for name, declared in declarations.items() for part in _parts(module, name, declared)]
    parts = [each for part in alone for each in _with_helpers(part, alone, declarations[part.name]["uses"])]
    for name in declarations:
        ways = {part.path.partition(".")[2]: part for part in parts if part.name == name}
        setattr(module, part_name(name), ways[""] if "" in ways else SimpleNamespace(**ways))

    def probes(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
        inputs: list[dict[str, Any]] = []
        for part in parts:
            try:
                inputs = inputs if part.helped else list(part.drawn(rng))
            except DeclarationError as error:
                raise error.of(part.name) from None
            yield from part.probes(inputs)

    module.probes = probes  # type: ignore[attr-defined]
    return parts


def _with_helpers(part: LayerPart, parts: list[LayerPart], uses: Sequence[str]) -> list[LayerPart]:
    """A layer by itself, or with its own helpers and with right ones.

    Raises:
        DeclarationError: it uses what is no other layer.
    """
    others = {each.name: each.layer for each in parts if each.number == 0 and each.name != part.name}
    odd = [name for name in uses if name not in others]
    if odd:
        told = ", ".join(others) or "none"
        raise DeclarationError(f"uses `{odd[0]}`; other layers are {told}").of(part.name)
    helpers = tuple(others[name] for name in uses)
    return [replace(part, helpers=helpers, helped=helped) for helped in ((False, True) if helpers else (False,))]


def right_names(parts: list[LayerPart], reading: str = "") -> dict[str, Any]:
    """The entry points of a right submission that derives nothing.

    Args:
        reading: of a layer, as a probe names it, `affine: dW / m`; other layers are read in their first way. Where
            several layers call the same name, it is that of this layer.
    """
    layer, _, chosen = reading.partition(": ")
    return {
        name: value
        for part in sorted(parts, key=lambda part: part.name == layer)
        if (part.layer.reading == chosen if part.name == layer else part.number == 0)
        for name, value in names_by_formula(part.layer).items()
    }


def _parts(module: ModuleType, name: str, declared: Mapping[str, Any]) -> list[LayerPart]:
    formula = getattr(module, declared["formula"], None)
    if not callable(formula) or isinstance(formula, type):
        wanted = declared["formula"]
        what = f"`{wanted}` is a class" if formula else f"there is no function `{wanted}` here"
        others = [n for n, each in vars(module).items() if isfunction(each) and each.__module__ == module.__name__]
        other = f", or name one that is here in the declaration, `formula: {others[0]}`" if others else ""
        raise FormulaError(f"{what}; write the forward formula, `def {wanted}(...)`{other}").of(name)
    try:
        layer = Layer.declared(formula, declared["calls"], declared["inputs"], declared["sizes"])
    except DeclarationError as error:
        raise error.of(name) from None
    return [
        LayerPart(name, each, declared["checks"], bool(declared["torch"]), number)
        for number, each in enumerate(layer.readings)
    ]
