"""A declared layer as a part of an exercise. Untrusted side: it calls what students wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.kit.layers.calling import Call, call, number_array
from grader.kit.layers.declaring import DeclarationError
from grader.kit.layers.drawing import STEP, chosen_sizes, drawn, drawn_upstream
from grader.kit.layers.helpers import right_helpers, with_right
from grader.kit.layers.layer import Layer
from grader.kit.layers.noticing import noticed
from grader.kit.layers.own_masks import as_if_all_were_kept
from grader.kit.layers.steps import part_name
from grader.kit.part import Inputs, Part, Report
from grader.kit.tensors import as_tensors
from grader.wire.facts import Fact
from grader.wire.noticed import NOTICED

PROBES, CALLS = 3, 2
"""How many probes are drawn for a layer, and how many gradients from above for each."""
_SIZES, _UPSTREAM = "sizes", "upstream of "


@dataclass(frozen=True)
class LayerPart(Part):
    """A layer, tried by what is declared of it in one reading.

    The inputs of a probe are those of the layer; the sizes of its letters, in their order; and for each output at which
    a gradient arrives, the gradients, one for each call. An input whose gradient is given as a multiple, `dW / m`, is
    drawn as such a multiple: then what is asked for is the derivative by what was drawn.

    Attributes:
        checks: the id of the check that each output and each gradient counts for.
        in_torch: submissions get tensors; else numpy arrays.
        number: of the reading.
        helpers: layers that the submission may call within this one; then it is also tried with right ones, so that
            what is wrong in them is not charged here again.
        helped: whether this is the trial with right ones.
    """

    name: str
    layer: Layer
    checks: Mapping[str, str]
    in_torch: bool = False
    number: int = 0
    helpers: tuple[Layer, ...] = ()
    helped: bool = False

    step = STEP

    @property
    def needs(self) -> Sequence[str]:  # type: ignore[override]
        """The name without which nothing can be tried: that of the first step."""
        return self.layer.needed

    @property
    def calls_autograd(self) -> bool:  # type: ignore[override]
        """Whether autograd is asked: by a step that reads `x.grad`, by right layers, or to see what a mask leads to."""
        return (
            self.helped or bool(self.layer.own_masks) or any(step.place.path == ("grad",) for step in self.layer.steps)
        )

    @property
    def path(self) -> str:
        """Where it is in the module of its exercise; its readings are one family."""
        family = part_name(self.name)
        return f"{family}.way_{self.number}{'_helped' * self.helped}" if self.manner else family

    @property
    def manner(self) -> str:
        """How it is tried, in words, where there is more than one way."""
        told = [self.layer.reading, "with right layers" if self.helped else "with your own layers"]
        return ", ".join(filter(None, told if self.helpers else told[:1]))

    def drawn(self, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
        """The inputs of each probe of the layer in this reading."""
        for sizes, point in drawn(self.layer, rng, PROBES):
            factors = self._factors(sizes)
            inputs: dict[str, Any] = {name: array / factors.get(name, 1.0) for name, array in point.items()}
            inputs = {n: a if point[n].dtype.kind == "f" else point[n] for n, a in inputs.items()}
            inputs[_SIZES] = np.array([*sizes.values()])
            with torch.no_grad():
                values = self.layer.values(as_tensors(point))
            self._see_checks(values)
            for name, value in values.items():
                if name in self.layer.upstream.values():
                    rows = [drawn_upstream(tuple(value.shape), rng) for _ in range(CALLS)]
                    inputs[_UPSTREAM + name] = np.stack(rows)
            yield inputs

    def _see_checks(self, outputs: Iterable[str]) -> None:
        """See that all that has points can be judged.

        Raises:
            DeclarationError: something is neither an output nor a gradient.
        """
        known = [*outputs, *self.layer.gradients]
        odd = [name for name in self.checks if name not in known]
        if odd:
            raise DeclarationError(
                f"`{odd[0]}` has points, and is neither an output of the formula nor the gradient of an input; these"
                f" are {', '.join(known)}. Name it so, or give it no points"
            )

    def probes(self, inputs: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The probes with these inputs."""
        for number, each in enumerate(inputs):
            told = ", ".join(f"{letter} = {size}" for letter, size in self.sizes(each).items())
            title = f"{self.name}, {told}" if told else self.name
            probe = {
                "name": f"{self.name} {number + 1}",
                "title": title,
                "inputs": each,
                "part": self.path,
                "public": number == 0,
                "reading": f"{self.name}: {self.layer.reading}",
            }
            several = {
                "name": f"{self.name} {number + 1} {chr(97 + 2 * self.number + self.helped)}",
                "title": f"{title} ({self.manner})",
                "group": f"{self.name} {number + 1}",
                "convention": self.manner,
            }
            yield probe | several if self.manner else probe

    def quantities(self, inputs: Inputs) -> Iterator[tuple[str, str, str]]:
        """Each output, and each gradient of an input, that counts for something."""
        for name in self.layer.values(self._tensors(inputs)):
            if name in self.checks:
                yield name, self.checks[name], ""
        for name, source in self.layer.gradients.items():
            if name in self.checks:
                yield name, self.checks[name], source

    def points(self, inputs: Inputs) -> list[dict[str, Any]]:
        """The inputs with each of the gradients from above in turn."""
        arrays = [name for name in inputs if name.startswith(_UPSTREAM)]
        calls = len(inputs[arrays[0]]) if arrays else 1
        return [{**inputs, **{name: inputs[name][number] for name in arrays}} for number in range(calls)]

    def scalar(self, point: Inputs) -> Tensor:
        """The outputs, weighed by the gradients that arrive at them, and added; a loss as it is."""
        return self.layer.scalar(self._tensors(point), upstream_of(point))

    def by_formula(self, point: Inputs) -> dict[str, Tensor]:
        """The outputs."""
        with torch.no_grad():
            return self.layer.values(self._tensors(point))

    def symbol(self, name: str) -> str:
        """An input by its own name, a gradient from above by the name that a submission is given it under."""
        if not name.startswith(_UPSTREAM):
            return "" if name == _SIZES else name
        output = name.removeprefix(_UPSTREAM)
        return next((told for told, of in self.layer.upstream.items() if of == output), name)

    def observe(self, names: Mapping[str, Any], inputs: Mapping[str, Any], report: Report) -> None:
        """Take all steps with each gradient from above; what one call raises does not keep the next from its turn.

        Of the first reading, in the first trial, it is also told what is worth telling besides the numbers.
        """
        done = self._observed(names, inputs, report)
        if self.number == 0 and not self.helped and self.sizes(inputs) == chosen_sizes(self.layer, 0):
            for fact in noticed(self.layer, self.name, names, done[-1]):
                report(NOTICED, None, fact)
        failures = [error for each in done for error in each.errors.values()]
        if failures:
            raise failures[0]

    def observe_briefly(self, names: Mapping[str, Any], inputs: Mapping[str, Any], report: Report) -> None:
        """The same, without what is told besides."""
        failures = [error for each in self._observed(names, inputs, report) for error in each.errors.values()]
        if failures:
            raise failures[0]

    def _observed(self, names: Mapping[str, Any], inputs: Mapping[str, Any], report: Report) -> list[Call]:
        """All calls, each reported as soon as it was made."""
        calls: list[Call] = []
        sizes = self.sizes(inputs)
        outputs = [name for name, _, _ in self.quantities(inputs)]
        right = right_helpers(self.helpers, names) if self.helped else {}
        for point in self.points(inputs):
            handed = self._tensors(point)
            given = {name: tensor.numpy() for name, tensor in handed.items()}
            upstream = {name: tensor.numpy() for name, tensor in upstream_of(point).items()}
            with with_right(names, right):
                done = call(self.layer, names, given, upstream, sizes, torch_tensors=self.in_torch)
            calls.append(done)
            told = {name: self._array(name, done.values.get(name)) for name in outputs}
            if self.layer.own_masks:
                told = as_if_all_were_kept(self.layer, handed, upstream_of(point), sizes, told)
            for name in outputs:
                why = done.why.get(name)
                report(name, told[name], _TOLD[why.kind](why) if why and why.kind in _TOLD else "")
        return calls

    def _array(self, name: str, value: Any) -> Any:
        """What a submission gave, as numbers in its own precision; a gradient in the layout that is asked for."""
        array = number_array(value)
        if array is None:
            return value
        array = laid_out(self.layer, name, array)
        single = getattr(value, "dtype", None) in (np.float32, torch.float32)
        return array.astype(np.float32) if single else array

    def sizes(self, inputs: Inputs) -> dict[str, int]:
        """The sizes of the letters in a probe."""
        return dict(zip(self.layer.letters, np.asarray(inputs[_SIZES]).tolist(), strict=True))

    def _factors(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """Of inputs whose gradients are given as a multiple, that multiple."""
        return {self.layer.gradients[name]: self.layer.scale(name, sizes) for name in self.layer.scales}

    def _tensors(self, inputs: Inputs) -> dict[str, Tensor]:
        """The inputs of the layer."""
        drawn = {name: inputs[name] for name in self.layer.drawn}
        tensors = drawn if all(isinstance(v, Tensor) for v in drawn.values()) else as_tensors(drawn)
        factors = self._factors(self.sizes(inputs)) if self.layer.scales else {}
        return {name: tensor * factors[name] if name in factors else tensor for name, tensor in tensors.items()}


_TOLD: Mapping[str, Callable[[Fact], Fact]] = {
    "layer-wrong-count": lambda fact: Fact("call-gives-another-count", fact.values),
    "layer-attribute-missing": lambda fact: Fact("call-has-no-attribute", fact.values),
    "layer-key-missing": lambda fact: Fact("call-has-no-entry", fact.values),
}
"""Why something is missing, as a report tells it; a function that is not defined was not attempted."""


def upstream_of(point: Inputs) -> dict[str, Any]:
    """What arrives at each output in one call."""
    return {name.removeprefix(_UPSTREAM): value for name, value in point.items() if name.startswith(_UPSTREAM)}


def laid_out(layer: Layer, name: str, array: Any) -> Any:
    """A gradient of what may have several layouts, in the one of these that was handed over."""
    source = layer.gradients.get(name, "")
    if array is None or not source or source not in layer.laid_out:
        return array
    axes = layer.domains[source].axes
    if sum(axis != "1" for axis in axes) != 1 or array.size != max(array.shape, default=1):
        return array
    return array.reshape([1 if axis == "1" else array.size for axis in axes])
