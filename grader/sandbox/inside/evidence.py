"""Watch a submission on probes that exist for this alone, so that graded probes are neither slowed down nor altered.

Whatever counts is taken before a submission is loaded; a submission cannot put something else in its place afterwards.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, update_wrapper
from types import CodeType, FrameType
from typing import Any

import numpy as np
import torch
import torch.autograd.forward_ad
import torch.autograd.functional
import torch.func
from torch.utils._python_dispatch import TorchDispatchMode

from grader.watch.reading.cells import Cell
from grader.wire.facts import Fact

INSTRUMENTS, CACHES = "instruments", "caches"
COUNTS = "counts"
"""The quantity that holds, for each call of an entry point, the numbers that `Instruments.counts` lists."""
ENTRY_POINTS = "entry points"
"""The quantity that tells in words which functions that differentiate were called."""
LOADING_NODES = "autograd nodes while loading"

_sequence_number = torch._C._autograd._get_sequence_nr
_set_profile, _set_thread_profile = sys.setprofile, threading.setprofile


def recorded_operations() -> int:
    """Autograd numbers the operations that it records, in each thread; the next number."""
    return int(_sequence_number())


def _differentiating() -> dict[int, str]:
    """The functions of torch that differentiate, by the identity of their code."""
    names = {
        "torch.autograd": (torch.autograd, ("grad", "backward")),
        "torch.Tensor": (torch.Tensor, ("backward",)),
        "torch.autograd.functional": (torch.autograd.functional, ("jacobian", "hessian", "vjp", "jvp", "vhp", "hvp")),
        "torch.autograd.forward_ad": (torch.autograd.forward_ad, ("make_dual",)),
        "torch.func": (
            torch.func,
            ("grad", "grad_and_value", "vjp", "jvp", "jacrev", "jacfwd", "hessian", "linearize"),
        ),
    }
    found = {}
    for module, (holder, functions) in names.items():
        for function in functions:
            code = getattr(getattr(holder, function, None), "__code__", None)
            if isinstance(code, CodeType):
                found[id(code)] = f"{module}.{function}"
    return found


_DIFFERENTIATING = _differentiating()
"""Some of them call one another; which of them did the work is told by what is compiled."""
_COMPILED = {
    "run_backward": "the engine of autograd",
    "_grad_increment_nesting": "a transform of torch.func",
    "_jvp_increment_nesting": "a transform of torch.func",
    "_make_dual": "the dual numbers of torch",
    "make_dual": "the dual numbers of torch",
}
_PRINTING = torch._tensor_str._str.__code__
_ARITHMETIC = {f"__{side}{name}__" for side in ("", "r") for name in ("add", "sub", "mul", "truediv", "pow", "matmul")}


class _ByName(dict[str, bool]):
    """Whether operations differentiate, by their names; looking one up calls nothing, so that no hook sees it."""

    def __missing__(self, name: str) -> bool:
        operation = name.partition(".")[0]  # what follows tells its variants apart
        return self.setdefault(name, operation.endswith(("_backward", "_make_dual", "_fw_primal")))


_DIFFERENTIATES = _ByName()
_Tensor = torch.Tensor


class Instruments(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is entered, count what torch executes and what Python calls.

    Args:
        own: what stands as file name in code of the submission.
    """

    def __init__(self, own: frozenset[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._own = own
        self._printing = 0
        self._operations = self._calls = self._differentiating = self._complex = self._arithmetic = 0
        self._entry_points: Counter[str] = Counter()
        self._differentiated = False

    def counts(self) -> list[int]:
        """Operations of torch; calls out of own code; operations that differentiate; complex values; own arithmetic.

        Operations are those outside of printing. Complex values are counted where torch makes them, and in the local
        variables of the submission's functions when these end. Own arithmetic is a call of an operator, like `__mul__`,
        that the submission defines.
        """
        return [self._operations, self._calls, self._differentiating, self._complex, self._arithmetic]

    def entry_points(self) -> str:
        """Which functions that differentiate were called, and how often; empty if none of them got as far as to do it.

        `backward` where nothing was recorded is an error, and no help to anybody.
        """
        listed = [f"{name} ({times}x)" for name, times in self._entry_points.items()]
        return ", ".join(listed) if self._differentiated else ""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: nothing is compiled here, and saying yes imports 800 modules at the first operation."""
        return False

    def __enter__(self) -> Instruments:
        """Install the dispatch mode and the profile hook."""
        super().__enter__()  # type: ignore[no-untyped-call]
        self._before = sys.getprofile(), threading.getprofile()
        _set_thread_profile(self._profile)
        _set_profile(self._profile)
        return self

    def __exit__(self, *details: object) -> None:
        """Take both away."""
        _set_profile(self._before[0])
        _set_thread_profile(self._before[1])
        super().__exit__(*details)  # type: ignore[no-untyped-call]

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Count one operation, and execute it."""
        if not self._printing:
            self._operations += 1
            self._differentiating += _DIFFERENTIATES[func.__name__]
        result = func(*args, **(kwargs or {}))
        if (type(result) is _Tensor or isinstance(result, _Tensor)) and result.dtype.is_complex:
            self._complex += 1
        return result

    def _profile(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call":
            if id(code) in _DIFFERENTIATING:
                self._entry_points[_DIFFERENTIATING[id(code)]] += 1
            elif code is _PRINTING:
                self._printing += 1
            elif code.co_filename in self._own:
                self._calls += 1
                self._arithmetic += code.co_name in _ARITHMETIC
        elif event == "c_call":
            self._calls += code.co_filename in self._own
        elif event == "c_return":
            if argument.__name__ in _COMPILED:
                self._entry_points[_COMPILED[argument.__name__]] += 1
                self._differentiated = True
        elif event == "return":
            if code is _PRINTING:
                self._printing -= 1
            elif code.co_filename in self._own:
                self._complex += sum(map(_is_complex, list(frame.f_locals.values())))


def _is_complex(value: Any) -> bool:
    if type(value) is complex or type(value) is np.complex128:
        return True
    if type(value) is np.ndarray:
        return bool(value.dtype.kind == "c")
    return type(value) is torch.Tensor and bool(value.is_complex())


class Watch:
    """What is watched besides the graded probes. Make it before the submission is loaded."""

    def __init__(self) -> None:
        self._start = recorded_operations()
        self._while_loading = 0
        self._own: frozenset[str] = frozenset()

    def loaded(self, cells: Sequence[Cell]) -> None:
        """Note what loading recorded, and which code is the submission's."""
        self._while_loading = recorded_operations() - self._start
        self._own = frozenset(cell.where for cell in cells)

    def names(
        self,
        namespace: Mapping[str, Any],
        entries: Iterable[str],
        evidence: str,
        report: Callable[..., None],
    ) -> Mapping[str, Any]:
        """The namespace for a probe; where it asks for instruments, the entry points are called under them.

        Args:
            evidence: what the probe is to show; empty for one that is judged by its numbers alone.
            report: takes the additional quantities of the probe.
        """
        if evidence == CACHES:
            report(LOADING_NODES, self._while_loading)
        if evidence != INSTRUMENTS:
            return namespace
        functions = {name: namespace[name] for name in entries if not isinstance(namespace.get(name, int), type)}
        return {**namespace, **{name: self._instrumented(entry, report) for name, entry in functions.items()}}

    def _instrumented(self, entry: Callable[..., Any], report: Callable[..., None]) -> Callable[..., Any]:
        """The same function under instruments; its parameters are seen through it."""
        return update_wrapper(partial(self._call, entry, report), entry)

    def _call(self, entry: Callable[..., Any], report: Callable[..., None], /, *args: Any, **kwargs: Any) -> Any:
        instruments = Instruments(self._own)
        try:
            with instruments:
                return entry(*args, **kwargs)
        finally:
            report(COUNTS, instruments.counts())
            told = instruments.entry_points()
            report(ENTRY_POINTS, None, Fact("called", {"text": told}) if told else None)
