"""A declared layer in `assignment.yaml`; what is asked for and what is checked follow from it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from grader.kit.layers.domains import Domain, parse_domains
from grader.kit.layers.expressions import Expression
from grader.kit.layers.steps import Step, asked_for, gradient_of, parse_step, parse_steps
from grader.records import Rule

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

_LONGEST = 30
"""Letters of a table that is shown whole."""


class Section(BaseModel):
    """A section of `assignment.yaml`: it has no keys but those that are known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _call(text: str) -> str:
    parse_step(text)
    return text


def _axis(value: Any) -> Any:
    """A single axis of a fixed size, `b: 40`, is a number to YAML."""
    return str(value) if type(value) is int else value


def _input(text: str) -> str:
    parse_domains(text)
    return text


class LayerDeclaration(Section):
    """A layer of which the forward formula stands in `formulas.py`: how it is called, and what it is worth."""

    calls: tuple[Annotated[str, AfterValidator(_call)], ...] = Field(min_length=1)
    """How a submission is called, step by step: `affine_forward(x, w, b) -> out, cache`."""
    points: dict[Name, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(min_length=1)
    """What each output and each gradient is worth, by the names that `calls` gives them."""
    inputs: dict[Name, Annotated[str, BeforeValidator(_axis), AfterValidator(_input)]] = {}
    """What each input is, where `calls` do not tell: `x: N D`, `y: "int < C: N"`."""
    sizes: dict[Name, Annotated[tuple[Annotated[int, Field(gt=0, le=1000)], ...], Field(min_length=1)]] = {}
    """Sizes of letters, one for each trial, where they cannot be anything: `H: [4, 6, 8]`."""
    uses: tuple[Name, ...] = ()
    """Other layers that a submission may call within this one: it is tried with its own, and with right ones."""
    formula: str = ""
    """The name of the function in `formulas.py`; by default that of the layer."""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """How a submission is called."""
        return parse_steps(self.calls)

    @cached_property
    def domains(self) -> dict[str, tuple[Domain, ...]]:
        """All that each input may be, from wherever it is declared."""
        own = {name: parse_domains(text) for name, text in self.inputs.items()}
        return own | {name: readings for step in self.steps for name, readings in step.domains}

    @field_validator("points")
    @classmethod
    def _are_given(cls, points: dict[str, float], others: ValidationInfo) -> dict[str, float]:
        if "calls" not in others.data:
            return points
        given = [name for step in parse_steps(others.data["calls"]) for name in sorted(step.gives)]
        odd = [name for name in points if name not in given]
        if odd:
            known = ", ".join(dict.fromkeys(given))
            raise ValueError(f"`{odd[0]}` has points, but no call gives it; given are {known or 'none'}")
        return points


def names_asked_for(layer: LayerDeclaration) -> dict[str, str]:
    """The names that a submission defines for a layer, each with how it is called."""
    asked = asked_for(layer.steps, layer.domains)
    return {name: _signature(steps[0]) for name, steps in asked.items()}


def _signature(step: Step) -> str:
    """A call as a student reads it: `conv_forward(x, w, b, {"stride": 2})`, without what each input is."""
    if step.arguments is None:
        return step.text.partition("->")[0].strip()
    keywords = (f"{name}={_short(value)}" for name, value in step.keywords)
    return f"{step.place}({', '.join([*map(_short, step.arguments), *keywords])})"


def _short(value: Expression) -> str:
    """An argument; of a long table only that it is one."""
    text = value.name or ast.unparse(value.tree)
    is_long = len(text) > _LONGEST and isinstance(value.tree, ast.Dict | ast.List)
    return f"{text[0]}...{text[-1]}" if is_long else text


def check_id(layer: str, quantity: str) -> str:
    """The id of the check of an output or a gradient of a layer."""
    return f"{layer}-{quantity}".lower().replace("_", "-")


def checks_of(name: str, layer: LayerDeclaration) -> Iterator[dict[str, Any]]:
    """The checks of a layer, one for each quantity that has points, as they would be written down."""
    for quantity, points in layer.points.items():
        rule = Rule.GRADIENT if gradient_of(quantity, layer.domains) else Rule.VALUE
        title = f"{name}: {quantity}"
        yield {"id": check_id(name, quantity), "title": title, "points": points, "rule": rule}
