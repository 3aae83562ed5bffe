"""Of which kinds modules are, which were called, and which hold which: also those that nobody calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from grader.watch.training.graph import is_tanh_of, unwrapped
from grader.wire.trace import CONTAINER, LINEAR, OWN

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


class Kinship:
    """Keeps which module each parameter and each module was registered in, and which modules were called."""

    def __init__(self) -> None:
        self._parents: dict[int, list[nn.Module]] = {}
        self._known: dict[int, tuple[nn.Module, int, frozenset[int]]] = {}
        self._called: dict[int, nn.Module] = {}
        self._given: dict[int, tuple[nn.Linear, torch.Tensor]] = {}

    def register(self, parent: nn.Module, _: str, part: nn.Module | nn.Parameter | None) -> None:
        """A hook for the registration of modules and parameters."""
        if part is not None:
            self._parents.setdefault(id(part), []).append(parent)

    def call(self, module: nn.Module, _: Any, output: Any) -> None:
        """A hook for calls of modules."""
        self._called[id(module)] = module
        if isinstance(module, nn.Linear) and isinstance(output, torch.Tensor):
            self._given[id(module)] = module, output.detach()

    def cut_off(self, table: torch.Tensor | None, leaves: Iterable[torch.Tensor]) -> list[torch.Tensor]:
        """The parameters of a linear layer whose tanh entered another one, and that no gradient reaches.

        Args:
            table: what entered the first layer of a graph.
            leaves: the parameters of that graph.
        """
        reached = set(map(id, leaves))
        for module, output in reversed(self._given.values()):
            parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
            if parameters and reached.isdisjoint(map(id, parameters)) and is_tanh_of(table, unwrapped(output)):
                return list(parameters)
        return []

    def called(self, parameters: Iterable[torch.Tensor]) -> int:
        """The kinds of the modules that hold some of these parameters and were called since this was last asked."""
        wanted, bits = {id(tensor) for tensor in parameters}, 0
        for module in list(self._called.values()):
            _, kind, held = self._look(module)
            if held & wanted:
                bits |= kind
                del self._called[id(module)]
        return bits

    def above(self, parameters: Iterable[torch.Tensor]) -> int:
        """The kinds of all modules that hold some parameters, as bits."""
        bits, holders = 0, [parent for tensor in parameters for parent in self._parents.get(id(tensor), ())]
        seen: set[int] = set()
        for module in holders:  # grows
            if id(module) not in seen:
                seen.add(id(module))
                bits |= self._look(module)[1]
                holders += self._parents.get(id(module), ())
        return bits

    def _look(self, module: nn.Module) -> tuple[nn.Module, int, frozenset[int]]:
        """A module, its kind, whether it is a container or holds one, as bits; and its parameters.

        One without parameters, as a loss is, is nobody's network.
        """
        known = self._known.get(id(module))
        if known is None:
            held = frozenset(map(id, module.parameters()))
            is_ready_made = type(module).__module__.startswith("torch.nn")
            bits = LINEAR if isinstance(module, nn.Linear) and is_ready_made else 0
            if held and not is_ready_made:
                bits = OWN
            if any(isinstance(part, _CONTAINERS) for part in module.modules()):
                bits |= CONTAINER
            known = self._known[id(module)] = module, bits, held
        return known
