"""What gradients become where one thing on the way back is wrong: found by editing the graph of a formula.

Every edge of the graph is cut in turn, which tells what comes through it; a factor on it then follows for any number.
Some steps are also done in another way (`wrong_steps`), with another quantity (`other_operands`), or one contribution
is kept of what is added (`contributions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.kit.tensors import as_tensors
from grader.oracles.contributions import masks, one_of, windows
from grader.oracles.formula_graph import Graph, Group
from grader.oracles.other_operands import Values, other_operands, powers
from grader.oracles.sites import Sites
from grader.oracles.thresholds import Thresholds
from grader.oracles.wrong_steps import STEPS, Hook, cut, own_factors, summed, without_slope
from grader.records import Arrays, FloatArray, WrongWay

Scalar = Callable[[Mapping[str, Tensor]], Tensor]
_MANY = 120
"""As many groups of edges are looked at: what else there is belongs to formulas of hundreds of steps."""
_NOTHING = 1e-9


def wrong_ways(scalar: Scalar, point: Arrays, wrt: Sequence[str]) -> tuple[WrongWay, ...]:
    """What the derivatives of L become where one thing is wrong; without what changes none of them.

    Args:
        scalar: L, of named tensors.
        wrt: the inputs that L is differentiated by.
    """
    tensors = as_tensors(point)
    inputs = {name: tensors[name].requires_grad_() for name in wrt}
    with torch.enable_grad(), Sites() as sites:
        value = scalar(tensors)
    with torch.no_grad(), Thresholds() as thresholds:
        scalar(tensors)
    graph = Graph(value, {id(tensor): name for name, tensor in inputs.items()}, sites.found)
    found = _Found(value, inputs)
    edges = graph.edges()[:_MANY]
    values = _values(tensors, sites)
    for group in edges:
        if found.changed(group, cut, edge=True):
            for kind, instead, hook in _alternatives(group, graph, values):
                found.changed(group, hook, kind, instead)
    for kind, operations, hook in STEPS:
        for group in _everywhere([each for each in edges if each.operation.startswith(operations)]):
            found.changed(group, hook, kind)
    for group in graph.products():
        found.changed(group, own_factors, "own-factors")
    for group in graph.uses():
        found.masked(group)
    for first, second in graph.slices():
        found.parts_exchanged(first, second, graph)
    for name, node in graph.chains():
        found.multiplied(name, node, graph.name(node), values)
    for name in graph.factors():
        found.with_another_formula("left-out", name, scalar, {**tensors, name: torch.ones_like(tensors[name])})
    for threshold in thresholds.found:
        with Thresholds(at_zero=threshold):
            found.with_another_formula("threshold", threshold[0].text, scalar, tensors)
    return tuple(found.ways)


def _alternatives(group: Group, graph: Graph, values: Values) -> Iterator[tuple[str, str, Hook]]:
    """Kind, what stands there instead, and how it is done, for all that may be done in another way at an edge."""
    if not group.step:  # an output is weighed by what arrives there
        yield "no-arriving", "", without_slope
        return
    for kind, operations, hook in STEPS:
        if group.operation.startswith(operations):
            yield kind, "", hook
    for operations, hook in windows():
        if group.operation.startswith(operations):
            yield "overwritten" if group.operation.startswith("Index") else "one-stays", "", hook
    members = sorted(group.members, key=lambda member: member[0]._sequence_nr())
    if len(members) > 1 and len({node for node, _ in members}) > 1 and graph.is_input(*members[0]):
        yield from (("one-stays", "", one_of(members, kept)) for kept in (members[0], members[-1]))
    yield from (("operand", name, hook) for name, hook in other_operands(members, values))
    yield from (("power", name, hook) for name, hook in powers(members, values, graph.texts(members[0][0])))


def _values(tensors: Mapping[str, Any], sites: Sites) -> Values:
    """The inputs, but for what arrives; and each expression of the formula, as often as it was evaluated."""
    found = {
        name: [value.detach()]
        for name, value in tensors.items()
        if isinstance(value, Tensor) and value.is_floating_point() and value.ndim and " " not in name
    }
    for node, value in sites.values.items():
        site = sites.found[node]
        if site and value.ndim and site.text not in tensors:
            found.setdefault(site.text, []).append(value)
    return found


def _everywhere(groups: Sequence[Group]) -> Iterator[Group]:
    """All places of an operation that a formula has in several: a wrong function is wrong wherever it is used."""
    for operation in dict.fromkeys(group.operation for group in groups):
        alike = [group for group in groups if group.operation == operation]
        places = list(dict.fromkeys(group.step for group in alike))
        if len(places) > 1:
            told = "`, `".join(places)  # reports put it between such marks
            yield Group(told, told, [member for group in alike for member in group.members])


class _Found:
    """The ways that were found to change some derivative.

    Attributes:
        ways: one for each.
    """

    def __init__(self, value: Tensor, inputs: Mapping[str, Tensor]) -> None:
        self.ways: list[WrongWay] = []
        self._value, self._inputs = value, inputs
        self._right = self._gradients()
        self._size = max(float(np.max(np.abs(gradient), initial=0.0)) for gradient in self._right.values())

    def _gradients(self) -> dict[str, FloatArray]:
        found = torch.autograd.grad(
            self._value, [*self._inputs.values()], retain_graph=True, allow_unused=True, materialize_grads=True
        )
        return {name: gradient.numpy().copy() for name, gradient in zip(self._inputs, found, strict=True)}

    def changed(self, group: Group, hook: Hook, kind: str = "edge", instead: str = "", *, edge: bool = False) -> bool:
        """Note what the gradients are where a hook changes what some nodes pass on, if it can be done to these.

        Args:
            edge: note what comes through in place of the gradients.
        """
        made = self._edited(group, hook)
        if not made:
            return False
        change = {name: right - made[name] for name, right in self._right.items()}
        self._note(kind, group, change if edge else made, change, instead)
        return True

    def masked(self, group: Group) -> None:
        """Note what is left of gradients to which many examples or places contribute, where one of them counts."""
        node = group.members[0][0]
        shapes: list[Tensor] = []
        self._run([node.register_prehook(lambda arriving: shapes.extend(a for a in arriving if a is not None))])
        for last, first in masks(shapes[0].shape) if shapes else ():
            made = [self._run([_only_what(node, mask)]) for mask in (last, first)]
            for one in filter(None, made):
                change = {name: right - one[name] for name, right in self._right.items()}
                added = [n for n, c in change.items() if np.any((np.abs(c) > _NOTHING * self._size) & (one[n] != 0))]
                self._note("one-stays", group, one, {name: change[name] for name in added})

    def multiplied(self, name: str, node: Any, step: str, values: Values) -> None:
        """Note what the gradient of an input is where one quantity stands for all of a chain of products."""
        arriving: list[Tensor] = []
        self._run([node.register_prehook(lambda given: arriving.extend(g for g in given if g is not None))])
        for told, found in values.items():
            if arriving and len(found) == 1 and found[0].shape == arriving[0].shape:
                made = {name: summed(arriving[0] * found[0], self._inputs[name]).detach().numpy()}
                group = Group(step, name)
                self._note("operand", group, made, {name: self._right[name] - made[name]}, told)

    def parts_exchanged(self, first: Any, second: Any, graph: Graph) -> None:
        """Note what the gradients are where what arrives at two slices of one quantity is exchanged."""
        arrived: dict[Any, Tensor] = {}

        def note(node: Any) -> Any:
            return node.register_prehook(lambda given: arrived.update({node: given[0]} if given[0] is not None else {}))

        self._run([note(first), note(second)])
        if len(arrived) == 2 and arrived[first].shape == arrived[second].shape:
            changes = ((first, arrived[second]), (second, arrived[first]))
            made = self._run(
                [node.register_prehook(lambda _, instead=instead: (instead,)) for node, instead in changes]
            )
            told = "`, `".join([graph.name(first), graph.name(second)])
            change = {n: self._right[n] - each for n, each in made.items()}
            self._note("parts-exchanged", Group(told, told), made, change)

    def with_another_formula(self, kind: str, told: str, scalar: Scalar, tensors: Mapping[str, Any]) -> None:
        """Note what the gradients are of another formula, or of other numbers: those of inputs that are still there."""
        inputs = {name: tensor for name, tensor in self._inputs.items() if tensors[name] is tensor}
        try:
            with torch.enable_grad():
                wrong = _Found(scalar(tensors), inputs)._right if inputs else {}
        except Exception:  # a formula need not be defined where it was not drawn
            return
        if not any(made.any() for made in wrong.values()):  # zeros have other names
            return
        self._note(kind, Group(told, told), wrong, {name: self._right[name] - made for name, made in wrong.items()})

    def _edited(self, group: Group, hook: Hook) -> dict[str, FloatArray]:
        """The gradients where a hook changes what some nodes pass on; none where that cannot be done to these."""
        handles = []
        for node in dict.fromkeys(node for node, _ in group.members):
            places = {place for each, place in group.members if each is node}

            def change(given: Any, arriving: Any, node: Any = node, places: Any = places) -> Any:
                instead = hook(node, given, arriving)
                return tuple(new if place in places else old for place, (old, new) in enumerate(zip(given, instead)))  # noqa: B905

            handles.append(node.register_hook(change))
        return self._run(handles)

    def _run(self, handles: Sequence[Any]) -> dict[str, FloatArray]:
        try:
            return self._gradients()
        except (RuntimeError, AttributeError, ValueError, TypeError, IndexError):
            return {}
        finally:
            for handle in handles:
                handle.remove()

    def _note(self, kind: str, group: Group, arrays: Arrays, change: Arrays, instead: str = "") -> None:
        seen = [name for name, each in change.items() if not np.max(np.abs(each), initial=0.0) <= _NOTHING * self._size]
        if seen and all(np.isfinite(arrays[name]).all() for name in seen):
            self.ways.append(WrongWay(kind, group.step, group.operand, {name: arrays[name] for name in seen}, instead))


def _only_what(node: Any, mask: Tensor) -> Any:
    """Let a node get a part of what arrives."""
    return node.register_prehook(
        lambda arriving: tuple(a * mask if a is not None and a.shape == mask.shape else a for a in arriving)
    )
