"""What autograd's graph tells of a loss: its parameters, its layers, what entered them, and where the prediction is.

A graph names neither the values that its nodes gave nor the functions that were called. Values are kept with the nodes
as they come by (`keep`); what a layer does is told by values, not by names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch.autograd.function import BackwardCFunction

Node = Any
"""Of a graph: it has `next_functions` and `metadata`; PyTorch gives no public type for all of them."""

_MOST_NODES = 8000
_PRODUCTS: Mapping[str, tuple[str, str]] = {
    "MmBackward0": ("self", "mat2"), "MvBackward0": ("self", "vec"), "AddmmBackward0": ("mat1", "mat2"),
    "AddmvBackward0": ("mat", "vec"), "BmmBackward0": ("self", "mat2"), "BaddbmmBackward0": ("batch1", "batch2"),
    "DotBackward0": ("self", "tensor"), "MulBackward0": ("self", "other"),
}  # fmt: skip
"""Nodes that multiply, and what they call their operands, left and right."""
_MOVES = frozenset(
    """TBackward0 TransposeBackward0 PermuteBackward0 ViewBackward0 UnsafeViewBackward0 ReshapeAliasBackward0
    ExpandBackward0 UnsqueezeBackward0 UnsqueezeBackward1 SqueezeBackward0 SqueezeBackward1 SqueezeBackward2
    SqueezeBackward3 SqueezeBackward4 CloneBackward0 ToCopyBackward0 AliasBackward0 SelectBackward0 SliceBackward0
    UnbindBackward0 SplitBackward0 SplitWithSizesBackward0""".split()  # noqa: SIM905
)
"""Nodes that give the entries of one operand, or some of them, in another shape."""
_SUMS = frozenset(["AddBackward0", "SubBackward0"])
_VALUE = "value"


def keep(tensors: Iterable[torch.Tensor]) -> None:
    """Keep values with the nodes that they come from, as long as these live."""
    for tensor in tensors:
        node: Node = tensor.grad_fn
        if node is not None:
            node.metadata[_VALUE] = tensor.detach()


def unwrapped(value: Any) -> Any:
    """The tensor below the wrappers of torch.func."""
    while isinstance(value, torch.Tensor) and torch._C._functorch.is_functorch_wrapped_tensor(value):
        value = torch._C._functorch.get_unwrapped(value)
    return value


def value_of(node: Node) -> torch.Tensor | None:
    """What a node gave, if it came by."""
    value = unwrapped(node.metadata.get(_VALUE))
    return value if isinstance(value, torch.Tensor) else None


@dataclass(frozen=True, eq=False)
class Layer:
    """A product of parameters with something else.

    Attributes:
        node: where it is.
        below: the node that the something comes from; None where it comes from nowhere, and is data.
        table: the something, with examples in rows; of a single column where a weight multiplies one variable of all.
    """

    node: Node
    below: Node | None
    table: torch.Tensor | None


class Graph:
    """The graph of a loss, read from its parameters up.

    Args:
        losses: what a gradient is about to be computed of.
        is_data: whether a leaf holds data, though its gradient is wanted.
    """

    def __init__(self, losses: Sequence[torch.Tensor], is_data: Callable[[torch.Tensor], bool]) -> None:
        roots = [loss.grad_fn for loss in losses if loss.grad_fn is not None]
        self._order = _children_first(roots)
        self._position = {node: number for number, node in enumerate(self._order)}
        self._parents: dict[Node, list[Node]] = {}
        self._weights: set[Node] = set()
        self._layers: dict[Node, Layer] = {}
        self._paths: dict[Node, tuple[Layer, ...]] = {}
        self.leaves: list[torch.Tensor] = []
        """The parameters, each once."""
        self.is_of_data_alone = False
        """Whether a gradient is wanted of data, and of no parameter."""
        for node in self._order:
            self._read(node, is_data)
        self.is_of_data_alone = not self.leaves and any(hasattr(node, "variable") for node in self._order)
        self._longest = max((self._paths.get(root, ()) for root in roots), key=len, default=())

    def _read(self, node: Node, is_data: Callable[[torch.Tensor], bool]) -> None:
        children = _children(node)
        for child in children:
            if child is not None:
                self._parents.setdefault(child, []).append(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            if not is_data(leaf):
                self.leaves.append(leaf)
                self._weights.add(node)
            return
        layer = self._layer(node, children)
        below = max((self._paths.get(child, ()) for child in children), key=len, default=())
        if layer is not None:
            self._layers[node] = layer
            self._paths[node] = (*(self._paths.get(layer.below, ()) if layer.below else ()), layer)
        elif below:
            self._paths[node] = below
        elif not _is_table_times(node, children):
            known = [child in self._weights for child in children if child is not None]
            if known and all(known):
                self._weights.add(node)

    def _layer(self, node: Node, children: Sequence[Node | None]) -> Layer | None:
        """The node as a layer; None if it is none."""
        if isinstance(node, BackwardCFunction):
            return self._own_layer(node, children)
        if node.name() not in _PRODUCTS:
            return None
        left, right = children[-2:]
        of_weights = left in self._weights, right in self._weights
        if of_weights[0] == of_weights[1]:
            return None
        below, name = (right, _PRODUCTS[node.name()][1]) if of_weights[0] else (left, _PRODUCTS[node.name()][0])
        value = _saved(node, name)
        if node.name() != "MulBackward0":
            return Layer(node, below, _in_rows(value, right=of_weights[0]))
        if self._paths.get(below) or value is None or (value.dim() == 0 and below is None):
            return None  # scales what a layer gave, or a parameter
        weight = _saved(node, "self" if of_weights[0] else "other")
        one = weight.numel() == 1 if weight is not None else value.shape[-1:] == (1,)
        return Layer(node, below, value.reshape(-1, 1) if one else _in_rows(value, right=False))

    def _own_layer(self, node: Node, children: Sequence[Node | None]) -> Layer | None:
        """A layer that is the submission's own Function: a matrix of parameters is among its inputs."""
        weights = [child for child in children if child in self._weights]
        others = [child for child in children if child is not None and child not in self._weights]
        if not weights or len(others) > 1 or (not others and None not in children):
            return None
        try:
            saved = [unwrapped(tensor) for tensor in node.saved_tensors]
        except RuntimeError:
            saved = []
        tables = [t for t in saved if t is not None and t.dim() == 2 and not t.requires_grad and t.is_floating_point()]
        return Layer(node, others[0] if others else None, tables[0] if tables else None)

    def output(self, node: Node) -> Node:
        """What a layer gives in the end: with its bias, in the shape that it has then."""
        while True:
            parents = self._parents.get(node, [])
            if len(parents) != 1:
                return node
            (parent,) = parents
            others = [child for child in _children(parent) if child is not node]
            is_bias = parent.name() in _SUMS and bool(others) and others[0] in self._weights
            is_rest_of_product = parent.name() == "SumBackward1" and node.name() == "MulBackward0"
            is_move = parent.name() in _MOVES - {"ExpandBackward0"}  # broadcasting repeats a prediction
            if not (is_move or is_bias or is_rest_of_product):
                return node
            node = parent

    def parameters_below(self, node: Node) -> frozenset[Node]:
        """The leaves among the parameters that a node was computed from."""
        return frozenset(below for below in _children_first([node]) if hasattr(below, "variable"))

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those of the longest way from data to the loss, from below."""
        return self._longest

    @property
    def first_layers(self) -> list[Layer]:
        """All layers that data enter, in order."""
        return [layer for layer in self._layers.values() if not self._paths.get(layer.below)]

    @cached_property
    def path(self) -> str:
        """Of the layers; L a product with weights, T tanh between two of them, X another function."""
        path = "L" if self.layers else ""
        for before, layer in zip(self.layers, self.layers[1:], strict=False):
            path += self._between(before, layer) + "L"
        return path

    def _between(self, before: Layer, layer: Layer) -> str:
        out, way, node = self.output(before.node), [], layer.below
        while node is not None and node is not out and node is not before.node:
            way.append(node)
            node = max(
                (c for c in _children(node) if self._paths.get(c)), key=lambda c: len(self._paths[c]), default=None
            )
        way = [node for node in way if node.name() not in _MOVES]
        if not way:
            return ""
        z = value_of(out)
        values = [value for value in map(value_of, way) if value is not None]
        is_tanh = any(node.name() == "TanhBackward0" for node in way)
        if is_tanh or any(is_tanh_of(value, z) for value in values):
            return "T"
        a = values[0] if values else None
        same = a is not None and z is not None and a.shape == z.shape and a.data_ptr() != z.data_ptr()
        return "" if same and bool(torch.allclose(a, z)) else "X"  # type: ignore[arg-type]

    @cached_property
    def _narrow(self) -> list[Node]:
        """The nodes that all ways from the loss to the last layers lead through, from above."""
        frontier = {node for node in self._order if node in self._paths and node not in self._parents}
        narrow, split = [], False
        while frontier:
            node = max(frontier, key=self._position.__getitem__)
            frontier.remove(node)
            if not frontier and not split:
                narrow.append(node)
            if node in self._layers:
                split = True
            else:
                frontier.update(child for child in _children(node) if self._paths.get(child))
        return narrow

    def predictions(self, rows: int) -> tuple[list[Node], list[Node]]:
        """The nodes that give the prediction, together, and those above them through which all of it goes.

        Args:
            rows: how many rows entered; a loss that is a sum over rows has a prediction for each.
        """
        if not self._narrow:
            return [], []
        lowest = self.output(self._narrow[-1])
        value = value_of(lowest)
        tops = [self.output(layer.node) for layer in self._layers.values() if not self._is_below_another(layer)]
        if len(tops) > 1 and (value is None or value.numel() < rows):
            return tops, []
        above = self._narrow[: self._narrow.index(lowest)] if lowest in self._narrow else []
        return [lowest], above[::-1]

    def _is_below_another(self, layer: Layer) -> bool:
        return any(layer in path[:-1] for path in self._paths_of_layers)

    @cached_property
    def _paths_of_layers(self) -> list[tuple[Layer, ...]]:
        return [self._paths[node] for node in self._layers if len(self._paths[node]) > 1]

    def born(self) -> int:
        """The number of the oldest node of the last layer, among all that autograd ever made."""
        return min((int(layer.node._sequence_nr()) for layer in self._layers.values()), default=2**62)


def now() -> int:
    """The number of the next node that autograd makes."""
    return int(torch.autograd._get_sequence_nr())  # type: ignore[attr-defined]


def is_tanh_of(value: torch.Tensor | None, z: torch.Tensor | None) -> bool:
    """Whether a value is tanh, or tanh turned or stretched as other formulas have it."""
    if value is None or z is None or value.numel() != z.numel():
        return False
    value, z = value.reshape(-1).double(), z.reshape(-1).double()
    return any(
        bool(torch.allclose(value, sign * torch.tanh(c * z), atol=1e-5)) for c in (1, 0.5) for sign in (1, -1)
    ) and not bool(torch.allclose(value, z, atol=1e-7))


def _children(node: Node) -> list[Node | None]:
    return [child for child, _ in node.next_functions]


def _children_first(roots: Sequence[Node]) -> list[Node]:
    """All nodes, each after those that it was computed from."""
    order: list[Node] = []
    stack, seen = [(root, False) for root in reversed(roots)], set[Node]()
    while stack and len(seen) < _MOST_NODES:
        node, is_done = stack.pop()
        if is_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(child, False) for child in reversed(_children(node)) if child is not None and child not in seen]
    return order


def _saved(node: Node, name: str) -> torch.Tensor | None:
    """What a node keeps for the way back; None where that is freed, or was changed since."""
    try:
        value = unwrapped(getattr(node, f"_saved_{name}", None))
    except RuntimeError:
        return None
    return value if isinstance(value, torch.Tensor) else None


def _is_table_times(node: Node, children: Sequence[Node | None]) -> bool:
    """Whether data are multiplied: with parameters that makes a layer, and no other parameter."""
    if isinstance(node, BackwardCFunction):
        return None in children
    return node.name() in _PRODUCTS and None in children and node.name() != "MulBackward0"


def _in_rows(value: torch.Tensor | None, *, right: bool) -> torch.Tensor | None:
    """An operand with examples in rows: on the right of a product they stand in columns."""
    if value is None:
        return None
    if value.dim() < 2:
        return value.reshape(1, -1)
    value = value.transpose(-1, -2) if right else value
    return value.reshape(-1, value.shape[-1])
