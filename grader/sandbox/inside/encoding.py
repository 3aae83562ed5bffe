"""Turn whatever a submission stored into frames that the parent accepts, or into words about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

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

    def report(self, quantity: str, value: Any, words: str = "") -> None:
        """Keep a value as it is now: an array that the submission changes later is not seen.

        Args:
            words: what to say of the quantity where the value is None; it "is found under another key".
        """
        found = words or None if value is None else _array(value)
        kept = _Kept(found.dtype, found.shape, found.tobytes()) if isinstance(found, np.ndarray) else found
        self._values.setdefault(quantity, []).append(kept)

    def frames(self, slots: Sequence[tuple[int, str, int]]) -> list[bytes]:
        """What was reported, in parts to be sent; `slots` lists number, quantity and expected entries of each slot."""
        return [part for slot in slots for part in self._frame(*slot)]

    def _frame(self, slot: int, quantity: str, entries: int) -> list[bytes]:
        alike = _alike(self._values.get(quantity, []))
        if isinstance(alike, list):
            shape = (len(alike), *alike[0].shape)
            if max(math.prod(shape), *shape) <= largest_array(entries):
                return encode_calls(slot, alike[0].dtype, shape, [kept.entries for kept in alike])
            alike = f"holds an array of shape {shape[1:]}"
        return [encode_note(slot, alike)] if alike else []


def _alike(values: list[_Kept | str | None]) -> list[_Kept] | str:
    """An array for each call, all of one shape and dtype; words where the values are not so; empty where nothing is."""
    arrays = [value for value in values if isinstance(value, _Kept)]
    if len(arrays) == len(values) and len({(kept.dtype, kept.shape) for kept in arrays}) == 1:
        return arrays
    words = [value for value in values if isinstance(value, str)]
    if words or not arrays:
        return words[0] if words else ""
    if len(arrays) < len(values):
        return f"holds something in {len(arrays)} of {len(values)} calls only"
    shapes, dtypes = {kept.shape for kept in arrays}, {kept.dtype for kept in arrays}
    if len(shapes) > 1:
        listed = ", ".join(map(str, sorted(shapes)[:4]))
        return f"holds arrays whose shape differs from call to call: {listed}"
    return arrays if len(dtypes) == 1 else [_as(kept, _common(dtypes)) for kept in arrays]


def _common(dtypes: set[np.dtype[Any]]) -> np.dtype[Any]:
    """The coarsest of the floating dtypes: the precision that every call had; else one that holds all values."""
    floating = [dtype for dtype in dtypes if dtype.kind == "f"]
    return min(floating, key=lambda dtype: dtype.itemsize) if floating else np.result_type(*dtypes)


def _as(kept: _Kept, dtype: np.dtype[Any]) -> _Kept:
    entries = np.frombuffer(kept.entries, kept.dtype).astype(dtype).tobytes()
    return _Kept(dtype, kept.shape, entries)


def _array(value: Any) -> NDArray[Any] | str | None:
    """A value as an array of a dtype that can be sent, or words about it; None for None."""
    if value is None:
        return None
    try:
        if isinstance(value, torch.Tensor):
            array = _of_tensor(value)
        elif isinstance(value, np.ndarray | np.generic | float | int | list | tuple):
            array = np.asarray(value)
        else:
            return f"holds a {type(value).__name__}"
        if array.ndim >= MAX_DIMENSIONS:
            return f"holds an array of shape {array.shape}"
        if array.dtype in _SENT_AS_IT_IS:
            return array
        if array.dtype.kind not in "fiub":
            return f"holds a {type(value).__name__} that is not of real numbers"
        if array.dtype.kind != "f":
            return array.astype("<i8")
        return array.astype("<f8" if array.dtype.itemsize > 4 else "<f4")
    except Exception as error:
        return f"holds a {type(value).__name__} that cannot be read ({type(error).__name__})"


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
