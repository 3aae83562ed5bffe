"""A part of an exercise: one class like `torch.autograd.Function`, its value and its gradients.

Untrusted side: what is called was written by students. No answer is here: the formula comes from the exercise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.kit.calling import Backward, apply, argument_order, call, lying_otherwise
from grader.kit.differences import in_double, jacobian
from grader.kit.part import Inputs, NotAttempted, Part, Report
from grader.wire.facts import Fact, Value

Said = dict[str, tuple[Any, Fact | None]]
"""Quantity -> what was seen, or None and why there is nothing."""

UPSTREAM = "grad_output"
"""The name, among the inputs of a probe, of the upstream gradients: a row of numbers for each call."""


@dataclass(frozen=True)
class FunctionPart(Part):
    """One class, called with one upstream gradient after the other.

    The inputs of a probe are the arguments of `forward`, by name, and `grad_output`: rows of at least as many numbers
    as the output has entries. Each row becomes one upstream gradient, of the shape of the output, by a linear map: so
    a row that is a sum of others gives the sum of their upstream gradients, whatever the shape of the output.

    Attributes:
        entry: the name of the class.
        arguments: the names of the arguments of `forward`, in the order of the statement.
        formula: what `forward` is to compute, in torch.
        checks: the id of the check for "value", and for the gradient of each argument by its name; where wanted, also
            for "own" (the gradient belongs to the class's own forward), "linear" (in the upstream gradient), and
            "untouched" (arguments and upstream gradient).
        shapes: of the arguments, where a class may take them in another order: see `argument_order`.
        through: `call` (with a plain context) or `apply`, of `grader.kit.calling`.
        as_in_a_network: whether upstream gradients do not lie in one piece, and another forward comes between a forward
            and its backward, as where two layers are of one class: what that keeps for backward elsewhere than in its
            context is then of the other layer.
    """

    entry: str
    arguments: tuple[str, ...]
    formula: Callable[..., Tensor]
    checks: Mapping[str, str]
    shapes: tuple[tuple[int, ...], ...] = ()
    through: Callable[[Any, Sequence[Tensor]], tuple[Any, Backward]] = call
    as_in_a_network: bool = False

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # follows from the entry point
        """The entry points without which this part cannot be tried."""
        return (self.entry,)

    @property
    def calls_autograd(self) -> bool:  # type: ignore[override]  # follows from the way of calling
        """Whether autograd records operations because this part lets it."""
        return self.through is apply

    def quantities(self, _: Inputs) -> Iterator[tuple[str, str, str]]:
        """The value, one gradient for each argument, and what else `checks` asks for."""
        yield "value", self.checks["value"], ""
        for name in self.arguments:
            yield _gradient(name), self.checks[name], name
        for name in self.arguments:
            if "own" in self.checks:
                yield _own(name), self.checks["own"], _gradient(name)
            if "linear" in self.checks:
                yield f"{_gradient(name)} as {UPSTREAM} varies", self.checks["linear"], _gradient(name)
        if "untouched" in self.checks:
            for name in (*self.arguments, UPSTREAM):
                yield f"{name} after", self.checks["untouched"], name

    def extras(self, inputs: Inputs) -> Iterator[tuple[str, int]]:
        """The error bars of the finite differences, and the differences of a forward that is no straight line."""
        for name in self.arguments:
            size = len(inputs[UPSTREAM]) * inputs[name].size
            if "own" in self.checks:
                yield f"{_own(name)} error", size
            yield _of_yours(name), size
            yield f"{_of_yours(name)} error", size

    def points(self, inputs: Inputs) -> list[dict[str, Any]]:
        """The arguments with each of the upstream gradients in turn, as arrays."""
        tensors = {name: torch.as_tensor(value) for name, value in inputs.items()}
        return [{name: np.asarray(tensor) for name, tensor in point.items()} for point in self._points(tensors)]

    def scalar(self, point: Mapping[str, Tensor]) -> Tensor:
        """The outputs, weighed by the upstream gradient, and added: its derivatives are what `backward` must give."""
        return (self._value(point) * point[UPSTREAM]).sum()

    @torch.no_grad()
    def observe(self, names: Mapping[str, Any], inputs: Mapping[str, Tensor], report: Report) -> None:
        """Call the class with each upstream gradient; report what it gives, and what its own forward's derivative is.

        A call that raises does not keep the next one from being tried.
        """
        function = names[self.entry]
        order = argument_order(function, self.formula, self.shapes) if self.shapes else range(len(self.arguments))
        calls, failures = [], []
        for row, point in zip(inputs[UPSTREAM], self._points(inputs), strict=True):
            said: Said = {}
            try:
                self._one_call(function, order, point, row, said)
            except (MemoryError, NotAttempted):
                raise
            except (Exception, SystemExit) as error:
                failures.append(error)
            calls.append(said)
        self._differences(function, order, inputs, calls)
        if not any(self._is_something(said) for said in calls):
            why = None if failures else Fact("no-gradient-computed")
            for said in calls:
                said |= {f"{name} after": (None, why) for name in (*self.arguments, UPSTREAM)}
        for said in calls:
            for quantity in self._reported():
                report(quantity, *said.get(quantity, (None, None)))
        if failures:
            raise failures[0]

    @torch.no_grad()
    def observe_briefly(self, names: Mapping[str, Any], inputs: Mapping[str, Tensor], report: Report) -> None:
        """Call the class with each upstream gradient; report its value and its gradients alone."""
        function, once = names[self.entry], replace(self, as_in_a_network=False)
        order = argument_order(function, self.formula, self.shapes) if self.shapes else range(len(self.arguments))
        for row, point in zip(inputs[UPSTREAM], self._points(inputs), strict=True):
            said: Said = {}
            try:
                once._one_call(function, order, point, row, said)
            finally:
                for quantity in ("value", *map(_gradient, self.arguments)):
                    report(quantity, *said.get(quantity, (None, None)))

    def _one_call(
        self, function: Any, order: Sequence[int], point: Mapping[str, Tensor], row: Tensor, said: Said
    ) -> None:
        handed = {name: point[name].clone() for name in self.arguments}
        output, backward = self.through(function, [handed[self.arguments[place]] for place in order])
        output = torch.as_tensor(output).clone()
        said["value"] = output, None
        upstream = upstream_for(output, row)
        if self.as_in_a_network:
            upstream = lying_otherwise(upstream)
        before = upstream.clone()
        try:
            returned = backward(upstream)
        except NotImplementedError:
            returned = ()
            said |= {_gradient(name): (None, Fact("backward-not-implemented")) for name in self.arguments}
        if returned:
            said |= self._gradients(order, returned, point)
        if returned and self.as_in_a_network:
            said |= self._of_the_later_call(function, order, point, row, said)
        said |= {f"{name} after": (tensor, None) for name, tensor in handed.items()}
        said[f"{UPSTREAM} after"] = point[UPSTREAM] if torch.equal(upstream, before) else upstream, None

    def _of_the_later_call(
        self, function: Any, order: Sequence[int], point: Mapping[str, Tensor], row: Tensor, said: Said
    ) -> Said:
        """What to say of gradients that change where forward is called on other numbers before backward.

        A gradient that is another one each time, as with random numbers, does not tell that.
        """
        after_another = self._once_more(function, order, point, row, others=True)
        changed = [name for name, (value, _) in after_another.items() if not _same(said[name][0], value)]
        again = self._once_more(function, order, point, row, others=False) if changed else {}
        return {
            name: (None, Fact("changes-after-another-forward"))
            for name in changed
            if name in again and _same(said[name][0], again[name][0])
        }

    def _once_more(
        self, function: Any, order: Sequence[int], point: Mapping[str, Tensor], row: Tensor, *, others: bool
    ) -> Said:
        """The gradients of a second call; with a forward on other numbers before its backward, or without.

        Nothing where it raises.
        """
        try:
            output, backward = self.through(function, [point[self.arguments[place]].clone() for place in order])
            if others:
                self.through(function, [point[self.arguments[place]].flip(0) + 1 for place in order])
            return self._gradients(order, backward(upstream_for(torch.as_tensor(output), row)), point)
        except Exception:
            return {}

    def _gradients(self, order: Sequence[int], returned: Sequence[Any], point: Mapping[str, Tensor]) -> Said:
        """What `backward` returned, by the arguments that it belongs to."""
        nothing = len(order) > 1 and len(returned) == 1 and returned[0] is None
        counts: dict[str, Value] = {"have": len(returned), "want": len(order)}
        fewer = Fact("backward-gives-nothing") if nothing else Fact("backward-gives-fewer", counts)
        said: Said = {}
        for position, place in enumerate(order):
            name = self.arguments[place]
            gradient = returned[position] if position < len(returned) else None
            if gradient is None:
                is_none = position < len(returned) and not nothing
                said[_gradient(name)] = None, Fact("is-none") if is_none else fewer
            else:
                said[_gradient(name)] = _without_leading_one(torch.as_tensor(gradient).clone(), point[name]), None
        return said

    def _differences(
        self, function: Any, order: Sequence[int], inputs: Mapping[str, Tensor], calls: Sequence[Said]
    ) -> None:
        """Add to what was seen in each call the gradient by differences of the class's own forward."""
        ordered = [inputs[self.arguments[place]] for place in order]
        for position, place in enumerate(order):
            name = self.arguments[place]
            try:
                with in_double():
                    slope, bar = jacobian(lambda *moved: call(function, moved)[0], ordered, position)
            except Exception:  # noqa: S112  where forward itself fails, the calls tell
                continue
            for said, row in zip(calls, inputs[UPSTREAM], strict=True):
                if "value" in said:
                    upstream = upstream_for(said["value"][0], row).double().flatten()
                    said[_own(name)] = (slope @ upstream).reshape(inputs[name].shape), None
                    said[f"{_own(name)} error"] = (bar @ upstream.abs()).reshape(inputs[name].shape), None
                    if bends(slope, bar):
                        said[_of_yours(name)], said[f"{_of_yours(name)} error"] = (
                            said[_own(name)],
                            said[f"{_own(name)} error"],
                        )

    def _is_something(self, said: Said) -> bool:
        """Whether any gradient is not zero: leaving things as they are counts only where something was done."""
        gradients = [said[_gradient(name)][0] for name in self.arguments if _gradient(name) in said]
        return any(gradient is not None and bool(torch.any(gradient != 0)) for gradient in gradients)

    def _reported(self) -> Iterator[str]:
        yield "value"
        yield from map(_gradient, self.arguments)
        if "own" in self.checks:
            for name in self.arguments:
                yield from (_own(name), f"{_own(name)} error")
        for name in self.arguments:
            yield from (_of_yours(name), f"{_of_yours(name)} error")
        if "untouched" in self.checks:
            for name in (*self.arguments, UPSTREAM):
                yield f"{name} after"

    def _points(self, inputs: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
        arguments = {name: inputs[name] for name in self.arguments}
        output = self._value(arguments)
        return [arguments | {UPSTREAM: upstream_for(output, row)} for row in inputs[UPSTREAM]]

    def _value(self, point: Mapping[str, Tensor]) -> Tensor:
        return self.formula(*(point[name] for name in self.arguments))


def upstream_for(output: Tensor, numbers: Tensor) -> Tensor:
    """As many of the numbers as the output has entries, over and over if need be, in its shape and of its type."""
    flat = numbers.flatten()
    copies = math.ceil(output.numel() / len(flat))
    return flat.repeat(copies)[: output.numel()].reshape(output.shape).to(output.dtype)


def _gradient(name: str) -> str:
    return f"gradient of {name}"


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    """Whether two gradients are the same, NaN included; one that is not there is no other one."""
    return one is None or other is None or np.array_equal(one.detach().numpy(), other.detach().numpy(), equal_nan=True)


def bends(slope: Tensor, bar: Tensor) -> bool:
    """Whether the slopes of a forward are not all one number: the identity, a sum and a constant are no attempts."""
    some = slope[slope.abs() > bar]
    return some.numel() > 0 and bool(some.max() - some.min() > 2 * bar.max() + 1e-6 * some.abs().max())


def _of_yours(name: str) -> str:
    return f"gradient of {name} of your forward"


def _own(name: str) -> str:
    return f"gradient of {name} against your forward"


def _without_leading_one(gradient: Tensor, argument: Tensor) -> Tensor:
    """A gradient of shape (1, p) for an argument of shape (p,) is taken for one of shape (p,)."""
    return gradient.reshape(argument.shape) if gradient.shape == (1, *argument.shape) else gradient
