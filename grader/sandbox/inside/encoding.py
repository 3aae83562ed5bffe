"""Turn whatever a submission stored into frames that the parent accepts, or into words about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader.sandbox.wire import DTYPES, MAX_DIMENSIONS, encode_array, encode_note, largest_array


class Recorder:
    """Collects what the exercise reports of one probe: for each quantity one value a call."""

    def __init__(self) -> None:
        self._values: dict[str, list[Any]] = {}

    def report(self, quantity: str, value: Any, words: str = "") -> None:
        """Keep a value as it is now: an array that the submission changes later is not seen.

        Args:
            words: what to say of the quantity where the value is None; it "is found under another key".
        """
        array = words or None if value is None else _array(value)
        self._values.setdefault(quantity, []).append(array.copy() if isinstance(array, np.ndarray) else array)

    def frames(self, slots: Sequence[tuple[int, str, int]], send: Callable[[bytes], None]) -> None:
        """Send what was reported; `slots` lists number, quantity and expected entries of each slot."""
        for slot, quantity, entries in slots:
            stacked = _stack(self._values.get(quantity, []))
            if isinstance(stacked, np.ndarray) and max(stacked.size, *stacked.shape) > largest_array(entries):
                stacked = f"holds an array of shape {stacked.shape[1:]}"
            if isinstance(stacked, np.ndarray):
                send(encode_array(slot, stacked))
            elif stacked:
                send(encode_note(slot, stacked))


def _stack(values: list[NDArray[Any] | str | None]) -> NDArray[Any] | str | None:
    """One array with a leading axis for the calls; words where the values do not make one; None where nothing is."""
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    words = [value for value in values if isinstance(value, str)]
    if words:
        return words[0]
    if not arrays:
        return None
    if len(arrays) < len(values):
        return f"holds something in {len(arrays)} of {len(values)} calls only"
    shapes = sorted({array.shape for array in arrays})
    if len(shapes) > 1:
        return "holds arrays whose shape differs from call to call: " + ", ".join(map(str, shapes[:4]))
    narrowest = min((array.dtype for array in arrays), key=lambda dtype: dtype.itemsize)
    return np.stack(arrays).astype(narrowest)


def _array(value: Any) -> NDArray[Any] | str | None:
    """A value as an array of a dtype that can be sent, or words about it; None for None."""
    if value is None:
        return None
    try:
        if isinstance(value, torch.Tensor):
            dense = value.detach().cpu().to_dense().resolve_conj().resolve_neg()
            array = (dense.float() if dense.dtype in (torch.bfloat16, torch.float16) else dense).numpy()
        elif isinstance(value, np.ndarray | np.generic | float | int | list | tuple):
            array = np.asarray(value)
        else:
            return f"holds a {type(value).__name__}"
        if array.ndim >= MAX_DIMENSIONS:
            return f"holds an array of shape {array.shape}"
        if array.dtype.kind not in "fiub":
            return f"holds a {type(value).__name__} that is not of real numbers"
        if array.dtype.newbyteorder("<").str in DTYPES:
            return array
        return array.astype(
            "<f8"
            if array.dtype.kind == "f" and array.dtype.itemsize > 4
            else "<f4"
            if array.dtype.kind == "f"
            else "<i8"
        )
    except Exception as error:
        return f"holds a {type(value).__name__} that cannot be read ({type(error).__name__})"
