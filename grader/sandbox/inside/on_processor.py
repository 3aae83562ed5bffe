"""Run on the processor what was written for a graphics card, of whatever kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

KINDS = ("cuda", "mps", "xpu", "hpu", "xla")
WORDS = (*(kind.encode() for kind in KINDS), b".to(0", b".to(device=0", b"accelerator")
"""A file without any of these asks for no graphics card."""


class OnProcessor(TorchFunctionMode):
    """While it is entered, every request for another device means the processor; there is one in a process.

    `used` tells whether there was such a request.
    """

    def __init__(self) -> None:
        super().__init__()
        self.used = False
        for kind in KINDS:
            if hasattr(torch.nn.Module, kind):
                setattr(torch.nn.Module, kind, lambda module, *_, **__: self._stays(module))
        for library in (torch.cuda, torch.mps):
            library.synchronize = library.empty_cache = torch.cuda.set_device = lambda *_, **__: None  # type: ignore[attr-defined]
        move, default = torch.nn.Module.to, torch.set_default_device

        def to(module: Any, *args: Any, **kwargs: Any) -> Any:
            """Modules move their parameters below what torch functions show."""
            named = {name: self._processor(value, is_device=name == "device") for name, value in kwargs.items()}
            return move(module, *(self._processor(value, is_device=True) for value in args), **named)

        torch.nn.Module.to = to  # type: ignore[method-assign, assignment]
        torch.set_default_device = lambda device: default(self._processor(device))

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Replace the device among the arguments of one torch function."""
        name = getattr(func, "__name__", "")
        if name in KINDS and args:
            return self._stays(args[0])
        if name == "to" and len(args) > 1:
            args = (args[0], self._processor(args[1], is_device=True), *args[2:])
        named = {name: self._processor(value, is_device=name == "device") for name, value in (kwargs or {}).items()}
        return func(*map(self._processor, args), **named)

    def _stays(self, value: Any) -> Any:
        self.used = True
        return value

    def _processor(self, value: Any, *, is_device: bool = False) -> Any:
        kind = str(value).partition(":")[0] if isinstance(value, str | torch.device) else ""
        if kind in KINDS or (is_device and type(value) is int):
            self.used = True
            return "cpu"
        return value
