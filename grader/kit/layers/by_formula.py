"""A right submission that derives nothing: for every step of a declaration, something that autograd differentiates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.kit.layers.layer import Layer
from grader.kit.layers.steps import OBJECT, Literal, Place, Step


class _Known:
    """What a call has been told so far, by the names of the declaration: it travels as the cache, or in the object."""

    def __init__(self, layer: Layer, values: Mapping[str, Any]) -> None:
        self.layer, self.values = layer, dict(values)

    def told(self, step: Step, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> _Known:
        """Itself with what a step hands over."""
        named = [*zip(step.arguments or (), arguments, strict=False), *((v, keywords.get(k)) for k, v in step.keywords)]
        known = _Known(self.layer, self.values)
        for name, value in named:
            if isinstance(value, _Known):
                known.values |= value.values
            elif not isinstance(name, Literal):
                known.values[name] = value
        return known

    def result(self, name: str) -> Any:
        """What a declaration calls so: an output, a gradient, or something opaque that carries all that is known."""
        outputs = self._outputs()
        if name in outputs:
            return _like(outputs[name], self.values)
        if name in self.layer.gradients:
            return _like(self._gradients(outputs)[self.layer.gradients[name]], self.values)
        return self

    def _outputs(self) -> dict[str, Tensor]:
        if not all(name in self.values for name in self.layer.parameters):
            return {}
        inputs = {name: _tensor(self.values[name]) for name in self.layer.parameters}
        self._inputs = {n: t.detach().clone().requires_grad_(t.is_floating_point()) for n, t in inputs.items()}
        with torch.enable_grad():
            values = self.layer.values(self._inputs)
        return dict(zip(self.layer.outputs(len(values)), values, strict=True))

    def _gradients(self, outputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        arriving = {result: self.values[name] for name, result in self.layer.upstream.items() if name in self.values}
        told = {n: _tensor(arriving[n]) for n in outputs if n in arriving} or {
            n: torch.ones_like(v) for n, v in outputs.items()
        }
        wanted = {name: self._inputs[name] for name in self.layer.wanted}
        with torch.enable_grad():
            total = torch.stack([(outputs[n] * weight).sum() for n, weight in told.items()]).sum()
            found = torch.autograd.grad(total, list(wanted.values()), allow_unused=True, materialize_grads=True)
        return dict(zip(wanted, found, strict=True))


def names_by_formula(layer: Layer) -> dict[str, Any]:
    """The entry points of a right submission to a layer."""
    owners: dict[str, list[Step]] = {}
    known = {*layer.domains}
    for step in layer.steps:
        if step.place.root != OBJECT and step.place.root not in known:
            owners.setdefault(step.place.root, []).append(step)
        known |= {place.root for place in step.results}
    return {name: _entry(layer, steps) for name, steps in owners.items()}


def _entry(layer: Layer, steps: list[Step]) -> Any:
    """A function, a class with static functions, or a class whose object keeps what it is told."""
    if steps[0].place.attributes:
        methods = {s.place.attributes[0]: staticmethod(_function(layer, s)) for s in steps}
        if any(step.place.attributes == ("apply",) for step in steps):
            return _autograd_function(layer)
        return type(steps[0].place.root, (), methods)
    if steps[0].results:
        return _function(layer, steps[0])
    return lambda *arguments, **keywords: _Object(_Known(layer, {}).told(steps[0], arguments, keywords))


def _function(layer: Layer, step: Step) -> Any:
    return lambda *arguments, **keywords: _returned(_Known(layer, {}).told(step, arguments, keywords), step)


def _returned(known: _Known, step: Step) -> Any:
    """What a call gives, in the order of the declaration."""
    roots = list(dict.fromkeys(place.root for place in step.results))
    values = [_result(known, [place for place in step.results if place.root == root]) for root in roots]
    return values[0] if len(values) == 1 else tuple(values)


def _result(known: _Known, places: list[Place]) -> Any:
    if places[0].key is not None:
        return {place.key: known.result(place.last) for place in places}
    return _Table(known) if places[0].last in _tables(known.layer) else known.result(places[0].last)


def _tables(layer: Layer) -> set[str]:
    """The results of which later steps read items."""
    return {step.place.root for step in layer.steps if step.arguments is None and step.place.key is not None}


class _Table(dict[Any, Any]):
    """A dictionary that has the gradient of every input, under the key that a declaration reads."""

    def __init__(self, known: _Known) -> None:
        super().__init__()
        for step in known.layer.steps:
            if step.arguments is None and step.place.key is not None and step.results:
                self[step.place.key] = known.result(step.results[0].last)


class _Object:
    """An object of a class that keeps what it is told: attributes that are set, arguments of methods."""

    def __init__(self, known: _Known) -> None:
        self.__dict__["_known"] = known
        for step in known.layer.steps:
            if step.value and step.place.key is not None and step.place.root == OBJECT:
                self.__dict__[step.place.attributes[0]] = _Parameters(known)

    def __setattr__(self, name: str, value: Any) -> None:
        for step in self._known.layer.steps:
            if step.value and step.place.attributes == (name,):
                self._known.values[step.value] = value

    def __getattr__(self, name: str) -> Any:
        for step in self._known.layer.steps:
            if step.place.root == OBJECT and step.place.attributes == (name,) and not step.value:
                if step.arguments is None:
                    return self._known.result(step.results[0].last)
                return self._method(step)
        raise AttributeError(name)

    def _method(self, step: Step) -> Any:
        def method(*arguments: Any, **keywords: Any) -> Any:
            self._known.values |= self._known.told(step, arguments, keywords).values
            return _returned(self._known, step) if step.results else None

        return method


class _Parameters(dict[Any, Any]):
    """A dictionary of parameters that is filled from outside."""

    def __init__(self, known: _Known) -> None:
        super().__init__()
        self._known = known

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        for step in self._known.layer.steps:
            if step.value and step.place.key == key:
                self._known.values[step.value] = value


def _autograd_function(layer: Layer) -> Any:
    """Something with `apply`: the formula itself, which autograd differentiates."""

    class ByFormula:
        @staticmethod
        def apply(*inputs: Tensor) -> Any:
            values = layer.values(dict(zip(layer.parameters, inputs, strict=True)))
            return values[0] if len(values) == 1 else values

    return ByFormula


def _tensor(value: Any) -> Tensor:
    tensor = torch.as_tensor(value)
    return (
        tensor.to(torch.get_default_dtype()) if tensor.is_floating_point() and not isinstance(value, Tensor) else tensor
    )


def _like(tensor: Tensor, values: Mapping[str, Any]) -> Any:
    """As submissions give it: an array where they were given arrays."""
    in_torch = any(isinstance(value, Tensor) for value in values.values())
    return tensor.detach() if in_torch else np.asarray(tensor.detach())
