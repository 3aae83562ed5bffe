"""Functions that read a variable of the file where a parameter of their own was meant."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from grader.wire.facts import Fact

_READS = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")
"""Parts of the names of operations; a later Python has some that read two variables at once."""
_KINDS = (torch.Tensor, torch.nn.Module, np.ndarray)


def reads_outside(names: Mapping[str, Any]) -> Iterator[Fact]:
    """Of some functions, by name: which array or network outside each reads, while it leaves a parameter unread."""
    for name, function in names.items():
        code = getattr(inspect.unwrap(function) if callable(function) else None, "__code__", None)
        if code is None:
            continue
        steps = list(dis.get_instructions(code))
        read = {name for step in steps if any(r in step.opname for r in _READS) for name in _several(step.argval)}
        unread = [f"`{parameter}`" for parameter in code.co_varnames[: code.co_argcount] if parameter not in read]
        around = getattr(inspect.unwrap(function), "__globals__", {})
        outside = sorted({step.argval for step in steps if step.opname == "LOAD_GLOBAL"})
        for other in outside if unread else ():
            if isinstance(around.get(other), _KINDS):
                yield Fact("reads-outside", {"call": name, "name": other, "parameters": ", ".join(unread)})


def _several(names: Any) -> tuple[Any, ...]:
    return names if isinstance(names, tuple) else (names,)
