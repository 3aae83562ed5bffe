"""Of which kinds modules are, and which hold which: also those that nobody calls."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from grader.watch.runs import MODULES

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


class Kinship:
    """Keeps which module each parameter and each module was registered in."""

    def __init__(self) -> None:
        self._parents: dict[int, list[nn.Module]] = {}
        self._bits: dict[int, tuple[nn.Module, int]] = {}

    def register(self, parent: nn.Module, _: str, part: nn.Module | nn.Parameter | None) -> None:
        """A hook for the registration of modules and parameters."""
        if part is not None:
            self._parents.setdefault(id(part), []).append(parent)

    def above(self, parameters: Iterable[torch.Tensor]) -> int:
        """The kinds of all modules that hold some parameters, as bits."""
        bits, holders = 0, [parent for tensor in parameters for parent in self._parents.get(id(tensor), ())]
        seen: set[int] = set()
        for module in holders:  # grows
            if id(module) not in seen:
                seen.add(id(module))
                bits |= self.kind(module)
                holders += self._parents.get(id(module), ())
        return bits

    def kind(self, module: nn.Module) -> int:
        """The kind of a module, and whether it is a container or holds one, as bits of `MODULES`.

        One without parameters, as a loss is, is nobody's network.
        """
        known = self._bits.get(id(module))
        if known is None:
            is_ready_made = type(module).__module__.startswith("torch.nn")
            bits = MODULES.get(type(module).__name__, 0) if is_ready_made else 0
            if not is_ready_made and any(True for _ in module.parameters()):
                bits = MODULES["own"]
            if any(isinstance(part, _CONTAINERS) for part in module.modules()):
                bits |= MODULES["container"]
            known = self._bits[id(module)] = module, bits
        return known[1]
