"""A small function of a submission, given some numbers: an activation, a loss, or the derivative of one of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.kit.arguments import RoleOf, call
from grader.kit.part import Inputs, Part, Report


@dataclass(frozen=True)
class HelperFunction(Part):
    """One function, called once; it counts for the check of its own name.

    Attributes:
        function: the name of the entry point.
        arguments: inputs of its probes, in the order of the statement.
        formula: the function, or what it is the derivative of.
        source: the argument by which it is the derivative; empty for a value.
        role_of: tells by the names of its parameters in which order it takes its arguments, if they may tell that.
    """

    function: str
    arguments: tuple[str, ...]
    formula: Callable[..., Tensor]
    source: str = ""
    role_of: RoleOf = lambda _: None

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # follows from the entry point
        """The function alone."""
        return (self.function,)

    def quantities(self, _: Inputs) -> Iterator[tuple[str, str, str]]:
        """What it returns."""
        yield self._quantity, self.function, self.source

    def scalar(self, point: Inputs) -> Tensor:
        """All that the formula gives, added."""
        return self.formula(*(point[name] for name in self.arguments)).sum()

    @torch.no_grad()
    def observe(self, names: Mapping[str, Any], inputs: Mapping[str, Tensor], report: Report) -> None:
        """Call it."""
        report(self._quantity, call(names[self.function], self.arguments, self.role_of, inputs))

    @property
    def _quantity(self) -> str:
        return f"{self.function}({', '.join(self.arguments)})"
