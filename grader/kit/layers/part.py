"""A declared layer as a part of an exercise. Untrusted side: it calls what students wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.kit.layers.calling import call, number_array
from grader.kit.layers.drawing import STEP, drawn, drawn_sizes, drawn_upstream
from grader.kit.layers.layer import Layer
from grader.kit.part import Inputs, Part, Report
from grader.kit.tensors import as_tensors

PROBES, CALLS = 3, 2
"""How many probes are drawn for a layer, and how many gradients from above for each."""
_SIZES, _UPSTREAM = "sizes", "upstream of "


@dataclass(frozen=True)
class LayerPart(Part):
    """A layer, tried by what is declared of it.

    The inputs of a probe are those of the layer; the sizes of its letters, in their order; and for each output at which
    a gradient arrives, the gradients, one for each call.

    Attributes:
        checks: the id of the check that each output and each gradient counts for.
        in_torch: submissions get tensors; else numpy arrays.
    """

    name: str
    layer: Layer
    checks: Mapping[str, str]
    in_torch: bool = False

    step = STEP

    @property
    def needs(self) -> Sequence[str]:  # type: ignore[override]
        """The name without which nothing can be tried: that of the first step."""
        return (self.layer.steps[0].place.root,)

    @property
    def calls_autograd(self) -> bool:  # type: ignore[override]
        """Whether a step reads `x.grad`: then the declaration itself asks autograd."""
        return any(step.place.attributes == ("grad",) for step in self.layer.steps)

    def drawn(self, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
        """The probes of the layer."""
        for number in range(PROBES):
            sizes = drawn_sizes(self.layer, rng, number)
            point = drawn(self.layer, rng, sizes)
            inputs: dict[str, Any] = {**point, _SIZES: np.array([*sizes.values()])}
            with torch.no_grad():
                values = self.layer.values(as_tensors(point))
            for name, value in zip(self.layer.outputs(len(values)), values, strict=True):
                if name in self.layer.upstream.values():
                    rows = [drawn_upstream(tuple(value.shape), rng) for _ in range(CALLS)]
                    inputs[_UPSTREAM + name] = np.stack(rows)
            told = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
            yield {
                "name": f"{self.name} {number + 1}",
                "title": f"{self.name}, {told}" if told else self.name,
                "inputs": inputs,
                "part": part_name(self.name),
                "public": number == 0,
            }

    def quantities(self, inputs: Inputs) -> Iterator[tuple[str, str, str]]:
        """Each output, and each gradient of an input."""
        for name in self.layer.outputs(len(self.layer.values(self._tensors(inputs)))):
            yield name, self.checks[name], ""
        for name, source in self.layer.gradients.items():
            yield name, self.checks[name], source

    def points(self, inputs: Inputs) -> list[dict[str, Any]]:
        """The inputs with each of the gradients from above in turn."""
        arrays = [name for name in inputs if name.startswith(_UPSTREAM)]
        calls = len(inputs[arrays[0]]) if arrays else 1
        return [{**inputs, **{name: inputs[name][number] for name in arrays}} for number in range(calls)]

    def scalar(self, point: Inputs) -> Tensor:
        """The outputs, weighed by the gradients that arrive at them, and added; a loss as it is."""
        arriving = {n.removeprefix(_UPSTREAM): tensor for n, tensor in point.items() if n.startswith(_UPSTREAM)}
        return self.layer.scalar(point, arriving)

    def observe(self, names: Mapping[str, Any], inputs: Mapping[str, Any], report: Report) -> None:
        """Take all steps with each gradient from above; what one call raises does not keep the next from its turn."""
        failures: list[Exception] = []
        sizes = dict(zip(self.layer.letters, inputs[_SIZES].tolist(), strict=True))
        outputs = [name for name, _, _ in self.quantities(inputs)]
        for point in self.points(inputs):
            given = {name: point[name].numpy() for name in self.layer.domains}
            upstream = {name.removeprefix(_UPSTREAM): a.numpy() for name, a in point.items() if _UPSTREAM in name}
            done = call(self.layer, names, given, upstream, sizes, torch_tensors=self.in_torch)
            failures += done.errors.values()
            for name in outputs:
                value = done.values.get(name)
                array = number_array(value)
                report(name, value if array is None else _kind(value, array))
        if failures:
            raise failures[0]

    def _tensors(self, inputs: Inputs) -> dict[str, Tensor]:
        return as_tensors({name: inputs[name] for name in self.layer.domains})


def _kind(value: Any, array: Any) -> Any:
    """The array in the precision that the submission gave it."""
    single = getattr(value, "dtype", None) in (np.float32, torch.float32)
    return array.astype(np.float32) if single else array


def part_name(layer: str) -> str:
    """What the part of a layer is called in its exercise: the formula has the layer's own name there."""
    return f"{layer}_layer"
