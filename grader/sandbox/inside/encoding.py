"""Turn whatever a submission stored into frames that the parent accepts, or into a fact about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.wire.facts import Fact
from grader.wire.frames import DTYPES, MAX_DIMENSIONS, encode_calls, encode_note, largest_array

_SENT_AS_IT_IS = frozenset(map(np.dtype, DTYPES))


@dataclass(slots=True)
class _Kept:
    """The entries of an array as they were when it was reported."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    entries: bytes


class Recorder:
    """Collects what the exercise reports of one probe: for each quantity one value a call."""

    def __init__(self) -> None:
        self._values: dict[str, list[Any]] = {}

    def report(self, quantity: str, value: Any, instead: Fact | None = None) -> None:
        """Keep a value as it is now: an array that the submission changes later is not seen.

        Args:
            instead: what is true of the quantity where the value is None, of a kind in `grader.wire.told`.
        """
        found = instead if value is None else _array(value)
        kept = _Kept(found.dtype, found.shape, found.tobytes()) if isinstance(found, np.ndarray) else found
        self._values.setdefault(quantity, []).append(kept)

    def taken(self, quantity: str) -> list[Fact]:
        """The facts that were told of a quantity, which are told no more."""
        return [value for value in self._values.pop(quantity, []) if isinstance(value, Fact)]

    def frames(self, slots: Sequence[tuple[int, str, int]]) -> list[bytes]:
        """What was reported, in parts to be sent; `slots` lists number, quantity and expected entries of each slot."""
        return [part for slot in slots for part in self._frame(*slot)]

    def _frame(self, slot: int, quantity: str, entries: int) -> list[bytes]:
        alike = _alike(self._values.get(quantity, []))
        if isinstance(alike, list):
            shape = (len(alike), *alike[0].shape)
            if max(math.prod(shape), *shape) <= largest_array(entries):
                return encode_calls(slot, alike[0].dtype, shape, [kept.entries for kept in alike])
            alike = Fact("holds-an-array-of-shape", {"shape": shape[1:]})
        return [encode_note(slot, alike)] if alike else []


def _alike(values: list[_Kept | Fact | None]) -> list[_Kept] | Fact | None:
    """An array for each call, all of one shape and dtype; a fact where the values are not so; None where nothing is."""
    arrays = [value for value in values if isinstance(value, _Kept)]
    if len(arrays) == len(values) and len({(kept.dtype, kept.shape) for kept in arrays}) == 1:
        return arrays
    facts = [value for value in values if isinstance(value, Fact)]
    if facts or not arrays:
        return facts[0] if facts else None
    if len(arrays) < len(values):
        return Fact("holds-something-in-some-calls", {"calls": len(arrays), "of": len(values)})
    shapes, dtypes = {kept.shape for kept in arrays}, {kept.dtype for kept in arrays}
    if len(shapes) > 1:
        return Fact("holds-arrays-of-several-shapes", {"shapes": tuple(sorted(shapes)[:4])})
    return arrays if len(dtypes) == 1 else [_as(kept, _common(dtypes)) for kept in arrays]


def _common(dtypes: set[np.dtype[Any]]) -> np.dtype[Any]:
    """The coarsest of the floating dtypes: the precision that every call had; else one that holds all values."""
    floating = [dtype for dtype in dtypes if dtype.kind == "f"]
    return min(floating, key=lambda dtype: dtype.itemsize) if floating else np.result_type(*dtypes)


def _as(kept: _Kept, dtype: np.dtype[Any]) -> _Kept:
    entries = np.frombuffer(kept.entries, kept.dtype).astype(dtype).tobytes()
    return _Kept(dtype, kept.shape, entries)


def _array(value: Any) -> NDArray[Any] | Fact | None:
    """A value as an array of a dtype that can be sent, or a fact about it; None for None."""
    if value is None:
        return None
    try:
        if isinstance(value, torch.Tensor):
            array = _of_tensor(value)
        elif isinstance(value, np.ndarray | np.generic | float | int | list | tuple):
            array = np.asarray(value)
        else:
            return Fact("holds-a", {"type": type(value).__name__})
        if array.ndim >= MAX_DIMENSIONS:
            return Fact("holds-an-array-of-shape", {"shape": array.shape})
        if array.dtype in _SENT_AS_IT_IS:
            return array
        if array.dtype.kind not in "fiub":
            return Fact("holds-no-real-numbers", {"type": type(value).__name__})
        if array.dtype.kind != "f":
            return array.astype("<i8")
        return array.astype("<f8" if array.dtype.itemsize > 4 else "<f4")
    except Exception as error:
        values = {"type": type(value).__name__, "error": type(error).__name__}
        return Fact("holds-what-cannot-be-read", values)


def _of_tensor(value: torch.Tensor) -> NDArray[Any]:
    """The entries of a tensor of any layout, device and dtype."""
    detached = value.detach()
    if (
        detached.dtype is torch.float64
        and detached.layout is torch.strided
        and detached.is_cpu
        and not detached.is_neg()
    ):
        return detached.numpy()  # nearly all of them; the other ways cost more than all the rest
    dense = detached.cpu().to_dense().resolve_conj().resolve_neg()
    return (dense.float() if dense.dtype in (torch.bfloat16, torch.float16) else dense).numpy()
