"""A Function and a Module with it, such as a ReLU of one's own: the Function by itself, the Module after a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from grader.kit.calling import pull
from grader.kit.composing import ERROR, OWN, bends, calls_a_function, follow_alone
from grader.kit.differences import in_double, jacobian
from grader.kit.part import Inputs, NotAttempted, Part, Report
from grader.wire.facts import Fact

Activation = Callable[[Tensor], Tensor]
Listed = Iterator[tuple[str, str, str]]
Errors = Iterator[tuple[str, int]]
Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Alone(Part):
    """The Function by itself, through `apply`: numbers of some shape in, an incoming gradient back.

    Inputs and what is reported are flattened.

    Attributes:
        formula: what it computes, entry by entry.
        shapes: that are tried, each of another number of entries.
    """

    formula: Activation
    shapes: Sequence[tuple[int, ...]]

    needs = ("Function",)

    def quantities(self, _: Inputs) -> Listed:
        """The value and the gradient, that of its own forward, and what was handed over."""
        yield "y", "forward", ""
        yield "dL_dx", "exact-gradients", "x"
        yield f"{OWN}dL_dx", "backward", "dL_dx"
        yield "x after", "untouched", "x"
        yield "grad_output after", "untouched", "g"

    def extras(self, inputs: Inputs) -> Errors:
        """Error bars of its own derivative."""
        yield f"{OWN}dL_dx{ERROR}", inputs["x"].size

    def scalar(self, point: Inputs) -> Tensor:
        """What comes out, weighed by the incoming gradient."""
        return torch.sum(self.formula(point["x"]) * point["g"])

    def observe(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Call it once, and ask its own forward for differences."""
        function, y = names["Function"], self._once(names, inputs, report)
        if y is not None and bends(function):
            shape = next(shape for shape in self.shapes if prod(shape) == len(inputs["x"]))
            with torch.no_grad(), in_double():
                slope, bar = jacobian(function.apply, [inputs["x"].clone().reshape(shape)], 0)
            upstream = inputs["g"].double()
            report(f"{OWN}dL_dx", slope @ upstream)
            report(f"{OWN}dL_dx{ERROR}", bar @ upstream.abs())

    def observe_briefly(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Call it once."""
        self._once(names, inputs, report)

    def _once(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> Tensor | None:
        """What comes out of it, if that is a tensor."""
        shape = next(shape for shape in self.shapes if prod(shape) == len(inputs["x"]))
        function, g = names["Function"], inputs["g"].reshape(shape)
        start = inputs["x"].clone().requires_grad_()
        x = start.clone().reshape(shape)  # as in a network, not a leaf
        y, why = _tensor(function.apply(x))
        report("y", y.flatten() if y is not None and y.shape == x.shape else y, why)
        if y is None:
            return None
        try:
            report("dL_dx", *_gradients(y, [start], g)[0])
        except Exception as error:
            report("dL_dx", None, Fact("gradient-raised", {"type": type(error).__name__, "text": str(error)}))
            raise
        finally:
            report("x after", x.flatten())
            report("grad_output after", g.flatten())
        return y


@dataclass(frozen=True)
class AfterALayer(Part):
    """The Module after a linear layer: it computes what its Function does, and lets gradients through to the layer.

    Attributes:
        formula: what it computes, entry by entry.
        kind: what such a layer is called.
    """

    formula: Activation
    kind: str

    needs = ("Module",)

    def quantities(self, _: Inputs) -> Listed:
        """The value, the gradients of the layer, what follows from the Function for each; and whether it prints."""
        yield "y", "exact-values", ""
        yield f"{OWN}y", "module-forward", "y"
        for name in ("w", "b"):
            yield f"dL_d{name}", "exact-gradients", name
            yield f"{OWN}dL_d{name}", "module-backward", f"dL_d{name}"
        yield "printed", "prints", ""

    def extras(self, inputs: Inputs) -> Errors:
        """Error bars of what follows from the Function."""
        yield f"{OWN}y{ERROR}", inputs["g"].size
        for name in ("w", "b"):
            yield f"{OWN}dL_d{name}{ERROR}", inputs[name].size

    def scalar(self, point: Inputs) -> Tensor:
        """What comes out, weighed by the incoming gradient."""
        return torch.sum(self.formula(functional.linear(point["x"], point["w"], point["b"])) * point["g"])

    def observe(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Put the Function by itself after the layer, then the Module."""
        if "Function" in names:
            follow_alone(names["Function"], lambda alone, own: self._run(alone, inputs, own), report)
        self.observe_briefly(names, inputs, report)

    def observe_briefly(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Put the Module after the layer."""
        module = made(names, self.kind)
        written = True
        try:
            written = self._run(module, inputs, report, _without(names, module)) is not None
        finally:
            if written:
                report("printed", *_printed(module))

    def _run(self, layer: Any, inputs: Tensors, report: Report, why: Fact | None = None) -> Any:
        """Report what comes out of a layer after the linear one, which is returned, and what comes back to the latter.

        Args:
            why: what is true where no gradient passes a Function.
        """
        w, b = (inputs[name].clone().requires_grad_() for name in ("w", "b"))
        y = layer(functional.linear(inputs["x"], w, b))
        report("y", *_tensor(y))
        if calls_a_function(y):
            found = _gradients(y, [w, b], inputs["g"])
        elif isinstance(y, Tensor) and not y.is_floating_point():
            kind = "module-gives-truth-values" if y.dtype is torch.bool else "module-gives-whole-numbers"
            found = [(None, Fact(kind))] * 2
        else:
            found = [(None, why)] * 2
        for name, (value, told) in zip("wb", found, strict=True):
            report(f"dL_d{name}", value, told)
        return y


def required(kind: Any) -> list[inspect.Parameter]:
    """The parameters that must be given to make an instance of a class."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty and p.kind in positional]


def made(names: Mapping[str, Any], called: str) -> Any:
    """An instance of the Module; where it asks for arguments, with a 4 for each: the number of its inputs, perhaps.

    Raises:
        NotAttempted: what the file has is no layer but a network, with numbers of its own or sizes that it asks for.
    """
    kind = names["Module"]
    arguments = [4 for _ in required(kind)]
    network = NotAttempted(Fact("is-a-network", {"name": kind.__name__, "layer": called}))
    try:
        module = kind(*arguments)
    except Exception as error:
        raise (network if arguments else error) from None
    if isinstance(module, nn.Module) and _holds_numbers(module):
        raise network
    return module


def _holds_numbers(module: nn.Module) -> bool:
    """Whether a Module has parameters, or other tensors, to compute with: an activation has none."""
    kept = (value for part in module.modules() for value in vars(part).values())
    return any(True for _ in module.parameters()) or any(isinstance(value, Tensor) for value in kept)


def _without(names: Mapping[str, Any], module: Any) -> Fact:
    """What is true of a Module through whose Function no gradient came back."""
    if callable(getattr(module, "backward", None)):
        return Fact("module-has-backward")
    if "Function" not in names:
        return Fact("no-function-in-file")
    return Fact("not-by-way-of-function")


def like(y: Any, z: Tensor) -> Any:
    """What a layer returned, in the precision of what it was given: a layer of single precision fits into any net."""
    return y.to(z.dtype) if isinstance(y, Tensor) and y.is_floating_point() else y


def _tensor(y: Any) -> tuple[Tensor | None, Fact | None]:
    """What a layer returned, if it is a tensor; else what it is."""
    return (y, None) if isinstance(y, Tensor) else (None, Fact("is-no-tensor", {"type": type(y).__name__}))


def _gradients(y: Any, inputs: Sequence[Tensor], g: Tensor) -> list[tuple[Tensor | None, Fact | None]]:
    """dL/dx for each x of `inputs`, where g is dL/dy; where there is none, why."""
    if not isinstance(y, Tensor):
        return [(None, Fact("returned-no-tensor"))] * len(inputs)
    return [(value, None if value is not None else Fact("gradient-stops")) for value in pull(y, inputs, g)]


def _printed(module: Any) -> tuple[float | None, Fact | None]:
    """1 where a network with the Module can be printed; else why not."""
    try:
        return float(isinstance(repr(nn.Sequential(nn.Linear(3, 4), module)), str)), None
    except Exception as error:
        return None, Fact("printing-failed", {"type": type(error).__name__, "text": str(error)})
