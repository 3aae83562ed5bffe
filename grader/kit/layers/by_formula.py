"""A right submission that derives nothing: for every step of a declaration, something that autograd differentiates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.kit.context import Context
from grader.kit.layers.engine import Scalar
from grader.kit.layers.expressions import Expression
from grader.kit.layers.layer import Layer
from grader.kit.layers.steps import OBJECT, Key, Place, Step, asked_for


class _Known:
    """What a call has been told so far, by the names of the declaration: it travels as the cache, or in an object."""

    def __init__(self, layer: Layer, values: Mapping[str, Any]) -> None:
        self.layer, self.values = layer, dict(values)
        self.filled: dict[str, Any] = {}
        self._computed: tuple[dict[str, int], dict[str, Tensor], dict[str, Tensor]] = ({}, {}, {})

    def told(self, step: Step, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> _Known:
        """Itself with what a step hands over."""
        known = _Known(self.layer, self.values)
        known.filled = dict(self.filled)
        made = {each.place.root: each.value for each in self.layer.steps if each.is_made}
        given = [*zip(step.arguments or (), arguments, strict=False)]
        declared = dict(step.keywords)
        given += [(declared.get(name) or Expression(name), value) for name, value in keywords.items()]
        for expression, value in given:
            carries = value if isinstance(value, _Known | _Place) else getattr(value, "told", None)
            if isinstance(carries, _Known | _Place):
                known.values |= carries.values
            if isinstance(value, Context):
                value.told = known  # type: ignore[attr-defined]
            container = made.get(expression.name)
            if container is not None and not isinstance(value, Context):
                known.filled[expression.name] = value
                known.values |= container.matched(value)
            elif not isinstance(value, _Known | _Place):
                known.values |= expression.matched(value)
        return known

    def result(self, name: str) -> Any:
        """What a declaration calls so: an output, a gradient, or something opaque that carries all that is known."""
        outputs, gradients = self._all()
        if name in outputs:
            return _like(outputs[name], self.values)
        if name in self.layer.gradients and outputs:
            if not gradients:
                gradients |= self._gradients(outputs)
            found = gradients[self.layer.gradients[name]]
            return _like(found * self.layer.scale(name, self._sizes()), self.values)
        return self

    def _all(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The outputs, and the gradients as far as they were asked for: computed once for what is known."""
        if not self._computed[0] or self._computed[0] != {name: id(value) for name, value in self.values.items()}:
            outputs = self._outputs()
            self._computed = {name: id(value) for name, value in self.values.items()}, outputs, {}
        return self._computed[1:]

    def fill(self) -> None:
        """Put what is known into the containers that were handed over to be filled."""
        for step in self.layer.steps:
            root, path = step.place.root, step.place.path
            if root not in self.filled:
                continue
            if step.is_made and root in self.layer.gradients and set(self.layer.upstream) <= self.values.keys():
                self.filled[root][...] = self.result(root)
            elif not step.is_made and len(path) == 1 and isinstance(path[0], Key):
                value = self.result(step.results[0].last) if step.results else self
                if value is not self:
                    self.filled[root][path[0].value] = value

    def _sizes(self) -> dict[str, int]:
        return {
            axis: size
            for name, domain in self.layer.drawn.items()
            if name in self.values
            for axis, size in zip(domain.axes, np.shape(self.values[name]), strict=False)
        }

    def _outputs(self) -> dict[str, Tensor]:
        for name in self.layer.own_masks:
            if name not in self.values:
                self._draw(name)
        drawn = [name for name in self.layer.parameters if self.layer.domains[name].kind != "fixed"]
        if not all(name in self.values for name in drawn):
            return {}
        inputs = {name: _tensor(self.values[name]) for name in drawn}
        self._inputs = {n: t.detach().clone().requires_grad_(t.is_floating_point()) for n, t in inputs.items()}
        fixed = {name: self.values[name] for name in self.layer.parameters if name in self.values.keys() - inputs}
        with torch.enable_grad():
            return self.layer.values({**fixed, **self._inputs})

    def _draw(self, name: str) -> None:
        """A mask of its own, as soon as the sizes are known."""
        domain, sizes = self.layer.domains[name], self._sizes()
        if domain.letters <= sizes.keys():
            self.values[name] = (torch.rand(domain.shape(sizes)) < domain.keep).to(torch.get_default_dtype())

    def _gradients(self, outputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        arriving = {result: self.values[name] for name, result in self.layer.upstream.items() if name in self.values}
        told = {n: _tensor(arriving[n]) for n in outputs if n in arriving}
        told = told or {n: torch.ones_like(v) for n, v in list(outputs.items())[:1]}
        wanted = {name: self._inputs[name] for name in self.layer.wanted}
        with torch.enable_grad():
            total = torch.stack([(outputs[n] * weight).sum() for n, weight in told.items()]).sum()
            found = torch.autograd.grad(total, list(wanted.values()), allow_unused=True, materialize_grads=True)
        return dict(zip(wanted, found, strict=True))


def is_opaque(value: Any) -> bool:
    """Whether it carries what is known on to another step, and is nothing else: a cache."""
    return isinstance(value, _Known)


def names_by_formula(layer: Layer) -> dict[str, Any]:
    """The entry points of a right submission to a layer."""
    computed = {name for step in layer.steps if step.is_computed for name in step.needs}
    return {
        name: _engine(name, steps, computed) or _entry(layer, name, steps)
        for name, steps in asked_for(layer.steps, layer.domains).items()
    }


def _engine(name: str, steps: list[Step], computed: set[str]) -> Any:
    """A class of numbers, where a declaration computes with its objects."""
    makes = {place.root for step in steps if step.is_call for place in step.results}
    called = any(step.is_computed for step in steps)
    return type(name, (Scalar,), {}) if called or makes & computed else None


def _entry(layer: Layer, name: str, steps: list[Step]) -> Any:
    """A function, a class with static functions, or a class whose object keeps what it is told."""
    if steps[0].place.path:
        if any(step.place.path == ("apply",) for step in steps):
            return _autograd_function(layer)
        methods = {str(step.place.path[0]): _calling(steps, step.place) for step in steps}
        return type(name, (), {method: staticmethod(_function(layer, called)) for method, called in methods.items()})
    if steps[0].results and not _is_object(layer, steps[0]):
        return _function(layer, steps)
    if not steps[0].results and not any(step.place.root == OBJECT for step in layer.steps if not step.is_computed):
        return _function(layer, steps)
    root = steps[0].results[0].root if steps[0].results else OBJECT
    return lambda *arguments, **keywords: _Place(_Known(layer, {}).told(steps[0], arguments, keywords), Place(root))


def _is_object(layer: Layer, step: Step) -> bool:
    """Whether something is called on what a call gives."""
    roots = {place.root for place in step.results}
    return len(roots) == 1 and any(s.place.root in roots and s.place.path and s.is_call for s in layer.steps)


def _function(layer: Layer, steps: Sequence[Step]) -> Any:
    def function(*arguments: Any, **keywords: Any) -> Any:
        step = _meant(steps, arguments, keywords)
        return _returned(_Known(layer, {}).told(step, arguments, keywords), step)

    return function


def _calling(steps: Iterable[Step], place: Place) -> list[Step]:
    """The steps that call what is at a place."""
    return [step for step in steps if step.place == place and step.is_call]


def _meant(steps: Sequence[Step], arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Step:
    """Of several steps that call the same, the one whose fixed values are handed over: `eval=True`, a mode."""
    return max(steps, key=lambda step: _agreement(step, arguments, keywords)) if len(steps) > 1 else steps[0]


def _agreement(step: Step, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> int:
    """How many fixed values of a step are handed over; below zero where it is another call."""
    told, expected = dict(step.keywords), step.arguments or ()
    if len(arguments) != len(expected) or told.keys() != keywords.keys():
        return -1
    pairs = [*zip(expected, arguments, strict=True), *((told[name], value) for name, value in keywords.items())]
    fixed = [same for expression, value in pairs for same in expression.fixed(value)]
    return len(fixed) if all(fixed) else -1


def _returned(known: _Known, step: Step) -> Any:
    """What a call gives, in the order of the declaration."""
    known.fill()
    if not step.results:
        return None
    roots = list(dict.fromkeys(place.root for place in step.results))
    values = [_result(known, [place for place in step.results if place.root == root]) for root in roots]
    return values[0] if len(values) == 1 else tuple(values)


def _result(known: _Known, places: list[Place]) -> Any:
    if places[0].path:
        return {place.path[0].value: known.result(place.last) for place in places if isinstance(place.path[0], Key)}
    root = places[0].root
    value = known.result(root)
    if value is known and any(s.place.root == root and s.place.path for s in known.layer.steps):
        return _Place(known, places[0])
    return value


class _Place:
    """What stands at a place: it takes what is set in it, and gives what is read or called."""

    def __init__(self, known: _Known, place: Place) -> None:
        self.__dict__.update(_known=known, _place=place)

    @property
    def values(self) -> dict[str, Any]:
        """What is known by name."""
        found: dict[str, Any] = self._known.values
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._at(name)

    def __getitem__(self, key: Any) -> Any:
        return self._at(Key(key))

    def __setattr__(self, name: str, value: Any) -> None:
        self._put(name, value)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._put(Key(key), value)

    def _at(self, piece: str | Key) -> Any:
        place = Place(self._place.root, (*self._place.path, piece))
        called = _calling(self._known.layer.steps, place)
        if called:
            return self._method(called)
        for step in self._known.layer.steps:
            if step.place == place and step.value is None:
                return self._known.result(step.results[0].last)
        if any(self._is_below(place, step.place) for step in self._known.layer.steps):
            return _Place(self._known, place)
        raise AttributeError(str(place))

    @staticmethod
    def _is_below(place: Place, other: Place) -> bool:
        return place.root == other.root and place.path == other.path[: len(place.path)]

    def _put(self, piece: str | Key, value: Any) -> None:
        place = Place(self._place.root, (*self._place.path, piece))
        for step in self._known.layer.steps:
            if step.value is not None and step.place == place:
                self._known.values |= step.value.matched(value)

    def _method(self, steps: Sequence[Step]) -> Any:
        def method(*arguments: Any, **keywords: Any) -> Any:
            step = _meant(steps, arguments, keywords)
            told = self._known.told(step, arguments, keywords)
            self._known.values |= told.values
            self._known.filled |= told.filled
            return _returned(self._known, step)

        return method


def _autograd_function(layer: Layer) -> Any:
    """Something with `apply`: the formula itself, which autograd differentiates."""
    drawn = [name for name in layer.parameters if layer.domains[name].kind != "fixed"]

    class ByFormula:
        @staticmethod
        def apply(*inputs: Any) -> Any:
            tensors = [value for value in inputs if isinstance(value, Tensor)]
            values = tuple(layer.values(dict(zip(drawn, tensors, strict=True))).values())
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
