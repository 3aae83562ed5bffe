"""The graph of a formula as autograd keeps it, with the expressions that an author wrote for its nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from torch import Tensor

from grader.oracles.contributions import is_layout, uses
from grader.oracles.sites import Site, is_leaf

_MANY_EDGES = 3
"""A node with more edges than that joins things of one kind: its edges are one, as are those of `x * x`."""
_CHAINED = ("MulBackward0", "DivBackward0")
_LONG = 4
_MANY_SLICES = 5
_WEIGHING = ("Sum", "Stack", "Mul", "Unsqueeze", "Cat")
"""The operations by which outputs are weighed and added; a formula that is no Python, `torch.relu`, has no lines."""


@dataclass
class Group:
    """Edges that one expression of the formula has, however often it is evaluated."""

    step: str
    operand: str
    members: list[tuple[Any, int]] = field(default_factory=list)

    @property
    def operation(self) -> str:
        """What autograd calls it."""
        return str(self.members[0][0].name())


class Graph:
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

    def name(self, node: Any) -> str:
        """The expression of a node, or the input that it is."""
        if is_leaf(node):
            return self._names.get(id(node.variable), "")
        site = self._sites.get(node)
        if site is None and self._is_compiled and node is not self._nodes[0] and not node.name().startswith(_WEIGHING):
            return str(node.name().partition("Backward")[0].lower())
        return site.text if site else ""

    def _key(self, node: Any) -> Any:
        return id(node.variable) if is_leaf(node) else self._sites.get(node)

    def edges(self) -> list[Group]:
        """All edges, those of one expression together."""
        found: dict[Any, Group] = {}
        for node in self._nodes:
            children = node.next_functions
            for place, (child, _) in enumerate(children):
                if child is not None and self.name(child):
                    alike = len(children) > _MANY_EDGES or len({each for each, _ in children}) == 1
                    number = -1 if alike else place
                    key = (
                        self._key(node),
                        node.name(),
                        number,
                        self._key(child),
                        "" if is_leaf(child) else child.name(),
                    )
                    group = found.setdefault(key, Group(self.name(node), self.name(child)))
                    group.members.append((node, place))
        return list(found.values())

    def is_input(self, node: Any, place: int) -> bool:
        """Whether an edge leads to an input."""
        return is_leaf(node.next_functions[place][0])

    def texts(self, node: Any) -> tuple[str, ...]:
        """The expression of a node, and those of two operands."""
        children = [self.name(child) if child is not None else "" for child, _ in node.next_functions[:2]]
        return (self.name(node), *children, *[""] * (2 - len(children)))

    def uses(self) -> Iterator[Group]:
        """The nodes by which inputs are used, each alone."""
        for node in uses(self._nodes):
            if self.name(node):
                yield Group(self.name(node), self.name(node), [(node, 0)])

    def products(self) -> Iterator[Group]:
        """The products of two factors that both lead to inputs, those of one expression together."""
        found: dict[Any, Group] = {}
        for node in self._nodes:
            children = [child for child, _ in node.next_functions]
            if (
                node.name().startswith("MulBackward0")
                and self.name(node)
                and None not in children
                and len(set(children)) == 2
            ):
                group = found.setdefault(self._key(node), Group(self.name(node), self.name(node)))
                group.members += [(node, 0), (node, 1)]
        return iter(found.values())

    def slices(self) -> Iterator[tuple[Any, Any]]:
        """Pairs of slices of one quantity, each of which is taken once."""
        found: dict[Any, list[Any]] = {}
        for node in self._nodes:
            below = node.next_functions[0][0]
            if node.name().startswith("Slice") and self.name(node):
                while below is not None and below.name().startswith("Slice"):
                    below = below.next_functions[0][0]
                found.setdefault(below, []).append(node)
        for listed in found.values():
            once = [node for node in listed if sum(self._key(node) == self._key(other) for other in self._nodes) == 1]
            yield from combinations(once[:_MANY_SLICES], 2)

    def chains(self) -> Iterator[tuple[str, Any]]:
        """Inputs that are used once, by a product within another product or quotient: their names, and these."""
        for name, users in self._users().items():
            node = users[0] if len(users) == 1 and users[0].name().startswith(_CHAINED) else None
            for _ in range(_LONG):
                above = [each for each in self._nodes if any(child is node for child, _ in each.next_functions)]
                node = above[0] if node and len(above) == 1 and above[0].name().startswith(_CHAINED) else None
                if node is None or not self.name(node):
                    break
                yield name, node

    def factors(self) -> Iterator[str]:
        """The inputs that are used as factors of products alone."""
        for name, users in self._users().items():
            if all(user.name().startswith("MulBackward0") for user in users):
                yield name

    def _users(self) -> dict[str, list[Any]]:
        """By the names of inputs, the nodes that use them, whatever their layout."""
        found: dict[str, list[Any]] = {}
        for node in self._nodes:
            for child, _ in node.next_functions:
                while child is not None and is_layout(child) and child.next_functions:
                    child = child.next_functions[0][0]
                if child is not None and is_leaf(child) and self.name(child) and not is_layout(node):
                    found.setdefault(self.name(child), []).append(node)
        return found
