"""Run on the processor what was written for a graphics card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class OnProcessor(TorchFunctionMode):
    """While it is entered, every request for the device `cuda` means the processor."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Replace the device among the arguments of one torch function."""
        if func is torch.Tensor.cuda:
            return args[0]
        named = {name: _processor(value) for name, value in (kwargs or {}).items()}
        return func(*(_processor(value) for value in args), **named)


def _processor(value: Any) -> Any:
    return "cpu" if isinstance(value, str | torch.device) and str(value).startswith("cuda") else value
