"""What gradients become where one thing on the way back is wrong: found by editing the graph of a formula.

Every edge of the graph is cut in turn, which tells what comes through it; a factor on it then follows for any number.
Some steps are also done in another way: a slope is left out, taken elsewhere, an operand is transposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.kit.tensors import as_tensors
from grader.oracles.sites import Site, Sites, is_leaf
from grader.records import Arrays, FloatArray, WrongWay

Hook = Callable[[Any, tuple[Tensor | None, ...], tuple[Tensor | None, ...]], tuple[Tensor | None, ...]]
_MANY = 120
"""As many groups of edges are looked at: what else there is belongs to formulas of hundreds of steps."""
_MANY_EDGES = 3
"""A node with more edges than that joins things of one kind: its edges are one, as are those of `x * x`."""
_NOTHING = 1e-9
_WEIGHING = ("Sum", "Stack", "Mul", "Unsqueeze", "Cat")
"""The operations by which outputs are weighed and added; a formula that is no Python, `torch.relu`, has no lines."""


@dataclass
class _Group:
    """Edges that one expression of the formula has, however often it is evaluated."""

    step: str
    operand: str
    members: list[tuple[Any, int]] = field(default_factory=list)

    @property
    def operation(self) -> str:
        """What autograd calls it."""
        return str(self.members[0][0].name())


def wrong_ways(
    scalar: Callable[[Mapping[str, Tensor]], Tensor], point: Arrays, wrt: Sequence[str]
) -> tuple[WrongWay, ...]:
    """What the derivatives of L become where one thing is wrong; without what changes none of them.

    Args:
        scalar: L, of named tensors.
        wrt: the inputs that L is differentiated by.
    """
    tensors = as_tensors(point)
    inputs = {name: tensors[name].requires_grad_() for name in wrt}
    with torch.enable_grad(), Sites() as sites:
        value = scalar(tensors)
    right = _gradients(value, inputs)
    graph = _Graph(value, {id(tensor): name for name, tensor in inputs.items()}, sites.found)
    found: list[WrongWay] = []
    edges = graph.edges()[:_MANY]
    for group in edges:
        if not (through := _edited(value, inputs, group, _cut)):
            continue
        difference = {name: right[name] - through[name] for name in wrt}
        found += _told("edge", group, difference, difference, right)
        for kind, (operations, hook) in _STEPS.items():
            if group.operation.startswith(operations) and (step := _edited(value, inputs, group, hook)):
                found += _told(kind, group, step, {name: right[name] - step[name] for name in wrt}, right)
    for kind, (operations, hook) in _STEPS.items():
        for group in _everywhere([each for each in edges if each.operation.startswith(operations)]):
            if step := _edited(value, inputs, group, hook):
                found += _told(kind, group, step, {name: right[name] - step[name] for name in wrt}, right)
    return tuple(found)


def _everywhere(groups: Sequence[_Group]) -> Iterator[_Group]:
    """All places of an operation that a formula has in several: a wrong function is wrong wherever it is used."""
    for operation in dict.fromkeys(group.operation for group in groups):
        alike = [group for group in groups if group.operation == operation]
        places = list(dict.fromkeys(group.step for group in alike))
        if len(places) > 1:
            told = "`, `".join(places)  # reports put it between such marks
            yield _Group(told, told, [member for group in alike for member in group.members])


def _told(
    kind: str, group: _Group, arrays: Arrays, change: Arrays, right: Mapping[str, FloatArray]
) -> Iterator[WrongWay]:
    size = max(float(np.max(np.abs(gradient), initial=0.0)) for gradient in right.values())
    changed = [name for name, each in change.items() if not np.max(np.abs(each), initial=0.0) <= _NOTHING * size]
    if changed and all(np.isfinite(arrays[name]).all() for name in changed):
        yield WrongWay(kind, group.step, group.operand, {name: arrays[name] for name in changed})


def _gradients(value: Tensor, inputs: Mapping[str, Tensor]) -> dict[str, FloatArray]:
    found = torch.autograd.grad(value, [*inputs.values()], retain_graph=True, allow_unused=True, materialize_grads=True)
    return {name: gradient.numpy().copy() for name, gradient in zip(inputs, found, strict=True)}


def _edited(value: Tensor, inputs: Mapping[str, Tensor], group: _Group, hook: Hook) -> dict[str, FloatArray]:
    """The gradients where a hook changes what some nodes pass on; none where that cannot be done to these."""
    handles = []
    for node in dict.fromkeys(node for node, _ in group.members):
        places = {place for each, place in group.members if each is node}

        def change(given: Any, arriving: Any, node: Any = node, places: Any = places) -> Any:
            instead = hook(node, given, arriving)
            return tuple(new if place in places else old for place, (old, new) in enumerate(zip(given, instead)))  # noqa: B905

        handles.append(node.register_hook(change))
    try:
        return _gradients(value, inputs)
    except (RuntimeError, AttributeError, ValueError):
        return {}
    finally:
        for handle in handles:
            handle.remove()


class _Graph:
    """The nodes on the way back that lead to an input, with their sites."""

    def __init__(self, value: Tensor, names: Mapping[int, str], sites: Mapping[Any, Site | None]) -> None:
        self._names, self._sites = names, sites
        self._is_compiled = not any(sites.values())
        self._nodes = list(self._reaching(value.grad_fn))

    def _reaching(self, root: Any) -> Iterator[Any]:
        seen, waiting = {root}, [root]
        while waiting:
            node = waiting.pop(0)
            if not is_leaf(node):
                yield node
            fresh = [child for child, _ in node.next_functions if child is not None and child not in seen]
            seen |= set(fresh)
            waiting += dict.fromkeys(fresh)

    def _name(self, node: Any) -> str:
        if is_leaf(node):
            return self._names.get(id(node.variable), "")
        site = self._sites.get(node)
        if site is None and self._is_compiled and node is not self._nodes[0] and not node.name().startswith(_WEIGHING):
            return str(node.name().partition("Backward")[0].lower())
        return site.text if site else ""

    def _key(self, node: Any) -> Any:
        return id(node.variable) if is_leaf(node) else self._sites.get(node)

    def edges(self) -> list[_Group]:
        """All edges, those of one expression together."""
        found: dict[Any, _Group] = {}
        for node in self._nodes:
            children = node.next_functions
            for place, (child, _) in enumerate(children):
                if child is not None and self._name(child):
                    alike = len(children) > _MANY_EDGES or len({each for each, _ in children}) == 1
                    number = -1 if alike else place
                    key = (
                        self._key(node),
                        node.name(),
                        number,
                        self._key(child),
                        "" if is_leaf(child) else child.name(),
                    )
                    group = found.setdefault(key, _Group(self._name(node), self._name(child)))
                    group.members.append((node, place))
        return list(found.values())


def _cut(_: Any, given: tuple[Tensor | None, ...], __: Any) -> tuple[Tensor | None, ...]:
    """Nothing comes through."""
    return tuple(None if each is None else torch.zeros_like(each) for each in given)


_WITH_A_SLOPE = (
    "Mul", "Div", "Pow", "Exp", "Log", "Sqrt", "Rsqrt", "Tanh", "Sigmoid", "Relu", "Gelu", "LeakyRelu", "Elu",
    "Softplus", "Sin", "Cos", "Erf", "Abs", "Silu", "Threshold", "Clamp", "Maximum", "Where",
)  # fmt: skip


def _without_slope(
    _: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """What arrives is passed on as it is, where an entry by entry factor is owed."""
    gradient = arriving[0]
    if gradient is None:
        return given
    return tuple(None if each is None else _summed(gradient, each) for each in given)


def _detached(saved: Tensor | None) -> Tensor | None:
    return None if saved is None else saved.detach()


def _summed(gradient: Tensor, like: Tensor) -> Tensor:
    """A gradient, summed to a shape that was broadcast."""
    return gradient.sum_to_size(like.shape) if gradient.shape != like.shape else gradient


def _without_what_arrives(
    node: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """The slope alone: what arrives is left out."""
    gradient = arriving[0]
    if gradient is None:
        return given
    if node.name().startswith("MulBackward"):
        others = (_detached(node._saved_other), _detached(node._saved_self))
        pairs = zip(given, others, strict=True)
        return tuple(e if e is None or o is None else _summed(o.expand_as(gradient), e) for e, o in pairs)
    return tuple(e if e is None or e.shape != gradient.shape else e / gradient for e in given)


def _slope_at_output(
    node: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """The slope at f(x) in the place of that at x."""
    gradient = arriving[0]
    if gradient is None:
        return given
    function = getattr(torch.nn.functional, node.name().removesuffix("Backward0").lower(), None) or getattr(
        torch, node.name().removesuffix("Backward0").lower()
    )
    saved = getattr(node, "_saved_result", None)
    output = (function(node._saved_self.detach()) if saved is None else saved).detach().requires_grad_()
    with torch.enable_grad():
        return (torch.autograd.grad(function(output), output, gradient)[0],)


def _slope_of_input(
    node: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """The slope as a formula of the output, 1 - y^2 or y (1 - y), where x is put into it."""
    gradient, name = arriving[0], node.name()
    if gradient is None:
        return given
    y = node._saved_result.detach()
    x = torch.atanh(y) if name.startswith("Tanh") else torch.logit(y)
    return (gradient * (1 - x * x if name.startswith("Tanh") else x * (1 - x)),)


def _sigmoids(slope: Callable[[Tensor], Tensor], tanh: Callable[[Tensor], Tensor]) -> Hook:
    """Another slope of a sigmoid or of tanh, as a function of what it gave out."""

    def hook(
        node: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
    ) -> tuple[Tensor | None, ...]:
        if arriving[0] is None:
            return given
        y = node._saved_result.detach()
        return (arriving[0] * (tanh if node.name().startswith("Tanh") else slope)(y),)

    return hook


def _transposed(
    node: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """Of a product of matrices, the other factor as it is, where it must be transposed."""
    gradient = arriving[0]
    if gradient is None:
        return given
    first, second = _detached(node._saved_self), _detached(node._saved_mat2)
    instead = list(given)
    if given[0] is not None and second is not None and second.shape[0] == second.shape[1]:
        instead[0] = gradient @ second
    if given[1] is not None and first is not None and first.shape[0] == first.shape[1]:
        instead[1] = first @ gradient
    return tuple(instead)


def _overwritten(
    node: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """Where rows are looked up more than once, only the last of what arrives."""
    gradient, table = arriving[0], given[0]
    if gradient is None or table is None:
        return given
    index: Any = node._saved_indices
    where = tuple(index) if isinstance(index, tuple | list) else (index,)
    if any(each is None for each in where):
        return given
    instead = np.zeros(table.shape)
    instead[tuple(each.numpy() for each in where)] = gradient.numpy()
    return (torch.from_numpy(instead), *given[1:])


def _diagonal(
    node: Any, given: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """Of a softmax, the slope of each entry by itself alone."""
    gradient = arriving[0]
    if gradient is None:
        return given
    y = node._saved_result.detach()
    return (gradient * y * (1 - y),)


_STEPS: dict[str, tuple[tuple[str, ...], Hook]] = {
    "no-slope": (_WITH_A_SLOPE, _without_slope),
    "no-arriving": (_WITH_A_SLOPE, _without_what_arrives),
    "slope-sign": (("Tanh", "Sigmoid"), _sigmoids(lambda y: y * (1 + y), lambda y: 1 + y * y)),
    "slope-part": (("Tanh", "Sigmoid"), _sigmoids(lambda y: y, lambda y: y * y)),
    "slope-rest": (("Tanh", "Sigmoid"), _sigmoids(lambda y: 1 - y, lambda y: 1 - y)),
    "slope-at-output": (("Tanh", "Sigmoid", "Sin", "Cos", "Gelu", "Silu", "Elu"), _slope_at_output),
    "slope-of-input": (("Tanh", "Sigmoid"), _slope_of_input),
    "transposed": (("MmBackward",), _transposed),
    "overwritten": (("IndexBackward", "EmbeddingBackward"), _overwritten),
    "diagonal": (("SoftmaxBackward",), _diagonal),
}
"""By the names of the operations that it may happen to, how a step is done in another way."""
