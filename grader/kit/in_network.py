"""A layer in several places of a network, and a network with it that a submission wrote itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from grader.kit.composing import ERROR, OWN, follow_alone, gives_what_the_function_does
from grader.kit.modules import Activation, Errors, Listed, Tensors, like, made, required
from grader.kit.part import Inputs, Part, Report
from grader.wire.facts import Fact


@dataclass(frozen=True)
class InANetwork(Part):
    """The layer in several places of a network: every gradient is what the Function by itself lets one expect.

    Where the Module does not give what its Function does, the Function stands in the network without it.

    Attributes:
        layers: given a point and what stands in these places: what enters them, the rows that weights are multiplied
            by, by their names, and the output.
        formula: what belongs there.
        shapes: of the parameters, by name.
        places: how many there are.
        step: by so much, and twice as much, a parameter may move without changing a decision of the network.
        kind: what such a layer is called.
        cut: from inputs, those of a small network of the same kind; None: they are small.
    """

    layers: Callable[[Inputs, Activation], tuple[Sequence[Tensor], Mapping[str, Tensor], Tensor]]
    formula: Activation
    shapes: Mapping[str, tuple[int, ...]]
    places: int
    kind: str
    step: float | None = None
    cut: Callable[[Inputs], Inputs] | None = None

    needs = ("Function",)

    def quantities(self, _: Inputs) -> Listed:
        """The gradient of every parameter, the truth and what follows from the Function."""
        for name in self.shapes:
            yield f"dL_d{name}", "exact-gradients", name
            yield f"{OWN}dL_d{name}", "net-gradients", f"dL_d{name}"

    def extras(self, inputs: Inputs) -> Errors:
        """Error bars of what follows from the Function."""
        for name in self.shapes:
            yield f"{OWN}dL_d{name}{ERROR}", inputs[name].size

    def small(self, inputs: Inputs) -> Inputs:
        """A small network."""
        return self.cut(inputs) if self.cut else inputs

    def scalar(self, point: Inputs) -> Tensor:
        """The mean squared error."""
        return functional.mse_loss(self.layers(point, self.formula)[-1], point["target"])

    def rows(self, point: Inputs) -> Mapping[str, tuple[str, Tensor]]:
        """Of each linear weight, the bias next to it and the one row that it multiplies."""
        rows = self.layers(point, self.formula)[1]
        return {f"{layer}.weight": (f"{layer}.bias", row[0]) for layer, row in rows.items()}

    def observe(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Put the Function by itself into all places, then the Modules, if they do what it does."""
        function = names["Function"]
        follow_alone(function, lambda alone, own: self._run([alone] * self.places, inputs, own), report)
        stand = [function.apply] * self.places
        with suppress(Exception):
            modules = [made(names, self.kind) for _ in range(self.places)]
            if all(gives_what_the_function_does(module, function) for module in modules):
                stand = modules
        self._run(stand, inputs, report)

    def _run(self, layers: Sequence[Any], inputs: Tensors, report: Report) -> None:
        """Report the gradient of every parameter, with the given layers in their places."""
        point = dict(inputs) | {name: inputs[name].clone().requires_grad_() for name in self.shapes}
        places = iter(layers)
        output = self.layers(point, lambda z: like(next(places)(z), z))[-1]
        found = torch.autograd.grad(
            nn.MSELoss()(output, inputs["target"]), [point[name] for name in self.shapes], allow_unused=True
        )
        for name, value in zip(self.shapes, found, strict=True):
            report(f"dL_d{name}", value, None if value is not None else Fact("gradient-does-not-reach-layer"))


@dataclass(frozen=True)
class OwnNetwork(Part):
    """A network that the file has: with the same parameters, each gradient is the one with the right layers.

    Attributes:
        net: what it should be.
        entry: the name of its class.
        quantity: what the comparison is called.
        check: what it counts for.
    """

    net: InANetwork
    entry: str
    quantity: str
    check: str

    calls_autograd = True

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # follows from the entry point
        """The Function, and the network."""
        return ("Function", self.entry)

    def quantities(self, _: Inputs) -> Listed:
        """The comparison."""
        yield self.quantity, self.check, ""

    def observe(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Compare all gradients for one image; of another network than that of the statement nothing is said."""
        net, shapes = names[self.entry](*[4 for _ in required(names[self.entry])]), self.net.shapes
        own = list(net.parameters())
        if [p.numel() for p in own] != [prod(shape) for shape in shapes.values()]:
            return
        point = dict(inputs) | {name: inputs[name].clone().requires_grad_() for name in shapes}
        with torch.no_grad():
            for parameter, name in zip(own, shapes, strict=True):
                parameter.copy_(inputs[name].reshape(parameter.shape))
        found, right = (
            torch.autograd.grad(functional.mse_loss(output, inputs["target"]), parameters, allow_unused=True)
            for output, parameters in (
                (net(inputs["image"]), own),
                (self.net.layers(point, self.net.formula)[-1], [point[name] for name in shapes]),
            )
        )
        for name, value, expected in zip(shapes, found, right, strict=True):
            if value is None or not torch.allclose(value.reshape(expected.shape), expected, 1e-4, 1e-6):
                kind = "gradient-does-not-come-back" if value is None else "gradient-is-another"
                report(self.quantity, None, Fact(kind, {"name": name}))
                return
        report(self.quantity, 1.0)
