"""Another quantity of a formula stands where one belongs: as a factor of a product, or as one too many or too few.

What a formula goes through is known by the expressions that it is written in. Where these are evaluated several times,
as in a sequence, the first of one goes with the first of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from grader.oracles.wrong_steps import Gradients, Hook, detached, summed

_MOST = 10
"""As many other quantities of one shape are tried, those with names first."""
_PRODUCTS = ("MulBackward0", "DivBackward0", "MmBackward", "BmmBackward")
_ROOTS = ("SqrtBackward", "RsqrtBackward", "ReciprocalBackward", "PowBackward0")
Values = Mapping[str, Sequence[Tensor]]
"""What inputs and expressions were, by their names: each time that they were evaluated."""


def other_operands(members: Sequence[tuple[Any, int]], values: Values) -> Iterator[tuple[str, Hook]]:
    """For each quantity that fits in the place of the factor of a product, its name, and what is then given.

    Args:
        members: nodes of one expression, in the order in which they were evaluated, and the places of an operand.
    """
    if not members[0][0].name().startswith(_PRODUCTS):
        return
    factors = [_factor(node, place) for node, place in members]
    if any(factor is None for factor in factors):
        return
    for name, found in _fitting([f for f in factors if f is not None], members, values):
        yield name, _hook(found, _product)


def powers(members: Sequence[tuple[Any, int]], values: Values, texts: tuple[str, ...]) -> Iterator[tuple[str, Hook]]:
    """The same for quantities by which what is given is multiplied or divided, once or twice.

    Args:
        texts: the expression of the node, and those of its operands.
    """
    node, place = members[0]
    found: dict[tuple[str, int], Mapping[tuple[Any, int], Tensor]] = {}
    if node.name().startswith(_ROOTS):
        is_power = node.name().startswith("Pow")
        bases = [detached(each._saved_self if is_power else each._saved_result) for each, _ in members]
        found |= {(texts[is_power], power): _each(members, bases) for power in (-2, -1, 1, 2)}
    elif node.name().startswith("DivBackward0"):
        bases = [detached(each._saved_other) for each, _ in members]
        found |= {(texts[2], power): _each(members, bases) for power in (-2, -1, 1, 2) if (place, power) != (0, 1)}
    elif node.name().startswith("MulBackward0"):
        mine = [_factor(each, 1 - at) for each, at in members]
        if all(each is not None for each in mine):
            known = [each for each in mine if each is not None]
            found |= {(name, -1): each for name, each in _fitting(known, members, values) if name.isidentifier()}
        found |= {(texts[1 + place], 1): _each(members, mine)}
        found |= {(texts[2 - place], 1): _each(members, [_factor(each, at) for each, at in members])}
    for (name, power), base in found.items():
        if base:
            yield name, _hook(base, _times(power))


def _each(members: Sequence[tuple[Any, int]], bases: Sequence[Tensor | None]) -> dict[tuple[Any, int], Tensor]:
    """The bases by their members; none where one is a constant, which is a factor like any other."""
    known = {member: base for member, base in zip(members, bases, strict=True) if base is not None and base.ndim}
    return known if len(known) == len(members) else {}


def _factor(node: Any, place: int) -> Tensor | None:
    """What is multiplied with what arrives for an operand: the other one; of a quotient, what stands above the line."""
    name = node.name()
    if name.startswith("DivBackward0"):
        saved = node._saved_other if place == 0 else node._saved_self
    else:
        second = "_saved_mat2" if hasattr(node, "_saved_mat2") else "_saved_other"
        saved = getattr(node, second if place == 0 else "_saved_self")
    return saved.detach() if isinstance(saved, Tensor) and saved.ndim else None


def _fitting(
    factors: Sequence[Tensor], members: Sequence[tuple[Any, int]], values: Values
) -> Iterator[tuple[str, dict[tuple[Any, int], Tensor]]]:
    """Names and, for each member, the quantity that has the shape of its factor; of equal ones the first."""
    nodes = list(dict.fromkeys(node for node, _ in members))
    tried: list[list[Tensor]] = [list(factors)]
    for name in sorted(values, key=lambda name: not name.isidentifier()):
        found = list(values[name])
        found = found * len(nodes) if len(found) == 1 else found
        if len(found) != len(nodes) or len(tried) > _MOST:
            continue
        each = [found[nodes.index(node)] for node, _ in members]
        if all(c.shape != f.shape and c.ndim > 1 for c, f in zip(each, factors, strict=True)):
            each = [c.mT for c in each]
        fits = all(c.shape == f.shape for c, f in zip(each, factors, strict=True))
        if fits and not any(all(map(torch.equal, each, other)) for other in tried):
            tried.append(each)
            yield name, dict(zip(members, each, strict=True))


def _hook(found: Mapping[tuple[Any, int], Tensor], gives: Callable[[Any, int, Tensor, Tensor, Tensor], Tensor]) -> Hook:
    def hook(node: Any, given: Gradients, arriving: Gradients) -> Gradients:
        if arriving[0] is None:
            return given
        instead = list(given)
        for place, each in enumerate(given):
            if each is not None and (node, place) in found:
                instead[place] = gives(node, place, each, arriving[0], found[node, place])
        return tuple(instead)

    return hook


def _product(node: Any, place: int, given: Tensor, arriving: Tensor, factor: Tensor) -> Tensor:
    """What is given where another quantity is the factor."""
    name = node.name()
    if name.startswith(_PRODUCTS[:2]):
        return summed(_unsummed(node, place, arriving, factor), given)
    return arriving @ factor.mT if place == 0 else factor.mT @ arriving


def _unsummed(node: Any, place: int, arriving: Tensor, factor: Tensor) -> Tensor:
    if node.name().startswith("MulBackward0"):
        return arriving * factor
    return arriving / factor if place == 0 else -arriving * factor / node._saved_other.detach() ** 2


def _times(power: int) -> Callable[[Any, int, Tensor, Tensor, Tensor], Tensor]:
    """What is given, times a power of something; before it is summed to a shape that was broadcast."""

    def gives(node: Any, place: int, given: Tensor, arriving: Tensor, base: Tensor) -> Tensor:
        factor = _factor(node, place) if node.name().startswith(_PRODUCTS[:2]) else None
        if factor is None:
            return given * base**power
        return summed(_unsummed(node, place, arriving, factor) * base**power, given)

    return gives
