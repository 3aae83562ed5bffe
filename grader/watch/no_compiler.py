"""Keep PyTorch's compiler out of a run that has no use for it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

import torch


@contextmanager
def no_compiler() -> Iterator[None]:
    """Do without `torch._dynamo`, whose import takes seconds and serves compilers alone.

    Optimisers import it at the first call of each of some methods, unless the function that it would make of them is
    there; `torch.func` to switch it off; and `torch.use_deterministic_algorithms` to tell it.
    """
    for method in vars(torch.optim.Optimizer).values():
        plain = getattr(method, "__wrapped__", None)
        if plain is not None and getattr(method, "__module__", "") == "torch.optim.optimizer":
            setattr(plain, "__dynamo_disable", plain)
    if "torch._dynamo" in sys.modules:
        yield
        return
    stand_in = ModuleType("torch._dynamo")
    vars(stand_in).update(
        graph_break=lambda *_: None,
        disable=lambda function, *_, **__: function,
        compiled_autograd=SimpleNamespace(_disable=nullcontext),
    )
    sys.modules["torch._dynamo"] = torch._dynamo = stand_in
    complete, torch.use_deterministic_algorithms = torch.use_deterministic_algorithms, _be_deterministic
    try:
        yield
    finally:
        torch.use_deterministic_algorithms = complete
        if sys.modules.get("torch._dynamo") is stand_in:
            del sys.modules["torch._dynamo"], torch._dynamo


def without_compilers() -> None:
    """Let functions and modules be what they are where a submission has them compiled; for good.

    Compiling takes a compiler and seconds, and nobody could watch what is compiled. PyTorch itself compiles some
    formulas when it differentiates forwards, and goes on to do so.
    """
    for place, names in ((torch, ["compile"]), (torch.jit, ["script", "trace"]), (torch.compiler, ["disable"])):
        for name in names:
            setattr(place, name, _uncompiled(getattr(place, name)))


def _uncompiled(compiler: Callable[..., Any]) -> Callable[..., Any]:
    """In place of a compiler: the compiler for PyTorch, and for anybody else what gives back what it is given."""

    @functools.wraps(compiler)
    def uncompiled(what: Any = None, *args: Any, **kwargs: Any) -> Any:
        if sys._getframe(1).f_globals.get("__name__", "").partition(".")[0] == "torch":
            return compiler(what, *args, **kwargs)
        return uncompiled if what is None else what

    return uncompiled


def _be_deterministic(mode: bool, *, warn_only: bool = False) -> None:
    torch._C._set_deterministic_algorithms(mode, warn_only=warn_only)
