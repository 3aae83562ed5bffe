"""See at one point whether a formula can be used; what is wrong with it is told with its line, and what to write."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from grader.kit.layers.declaring import DeclarationError, FormulaError
from grader.kit.layers.layer import Layer
from grader.kit.tensors import as_tensors

MOST_ENTRIES = 20_000
"""Each entry of an input is moved by itself, several times: more take minutes."""
_NOT_TORCH = ("call numpy() on", "can't convert", "Can't call numpy", "__array")
_WANTS_INTEGERS = ("to be Long", "must be long", "dtype int64", "Expected tensor for argument #1 'indices'")
_IN_PLACE = ("in-place operation", "modified by an inplace operation")


def usable(layer: Layer, point: Mapping[str, NDArray[Any]]) -> None:
    """See that a formula computes real tensors from its inputs alone, and changes nothing.

    Raises:
        FormulaError: what is wrong with it at this point.
    """
    for objection in _objections(layer, point):
        raise FormulaError(objection, line=layer.line)


def _objections(layer: Layer, point: Mapping[str, NDArray[Any]]) -> Iterator[str]:
    entries = sum(point[name].size for name in layer.wanted)
    if entries > MOST_ENTRIES:
        yield (
            f"its inputs have {entries} entries, each of which is moved by itself; give smaller `sizes`, so that there"
            f" are {MOST_ENTRIES} at most"
        )
    given, kept = as_tensors(point), as_tensors(point)
    try:
        with torch.no_grad():
            values, again = layer.values(given), layer.values(kept)
            changed = [name for name, tensor in as_tensors(point).items() if not _same(given[name], tensor)]
    except Exception as error:
        raise raised(layer, point, error) from error
    if changed:
        name = changed[0]
        yield f"it changes its input `{name}`; write `{name} = ...` with a new tensor, or `.clone()` it first"
    for name, value in values.items():
        yield from _of_value(name, value)
        if not _same(value, again[name]):
            yield (
                f"it gives other numbers for `{name}` when it is called again with the same inputs: it draws random"
                " numbers, or keeps something between calls. Let it depend on its inputs alone; a mask that it needs is"
                " an input, `m: mask 0.5: N D`, or `own mask` where the submission draws it"
            )
    if not layer.upstream and (array := next((n for n, v in values.items() if v.numel() > 1), "")):
        yield (
            f"it gives `{array}` with several entries, and no gradient arrives there; let a call take `d{array}`, or"
            " let the formula give a single number, with `.sum()` or `.mean()`"
        )


def _of_value(name: str, value: Tensor) -> Iterator[str]:
    if value.is_complex():
        yield f"it gives complex numbers for `{name}`; let it give real ones, `.real` or `.abs()` of them"
    if value.is_floating_point() and value.dtype != torch.float64:
        yield (
            f"it gives `{name}` in {value.dtype}; compute in the precision of the inputs, without `.float()` or"
            " `dtype=torch.float32`"
        )


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype and torch.allclose(one, other, equal_nan=True)


def raised(layer: Layer, point: Mapping[str, NDArray[Any]], error: Exception) -> Exception:
    """What is told of something that a formula raised: with the line where it did, and the shapes that it was given."""
    if isinstance(error, DeclarationError):
        return error
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == layer.file]
    line = (own[-1].lineno or 0) if own else layer.line
    written = (own[-1].line or "") if own else ""
    if any(words in str(error) for words in _NOT_TORCH) or re.search(r"\b(?:np|numpy)\.", written):
        return FormulaError(
            "it leaves torch; write `torch.exp(x)` in place of `np.exp(x)`, without `.numpy()`", line=line
        )
    if any(words in str(error) for words in _IN_PLACE):
        what = "it changes an input in place; write `x = x * 2` in place of `x *= 2`, or `.clone()` it first"
        return FormulaError(what, line=line)
    shapes = ", ".join(f"{name} {array.shape}" for name, array in point.items())
    what = f"the formula raises {type(error).__name__}: {error} (for {shapes})"
    return FormulaError(what + _remedy(error), line=line)


def _remedy(error: Exception) -> str:
    """What to write, where an exception tells what is missing."""
    if isinstance(error, NameError) and error.name:
        told = {"torch": "import torch", "F": "from torch.nn import functional as F"}.get(
            error.name, f"from torch.nn import {error.name}" if hasattr(torch.nn, error.name) else ""
        )
        return f"; write `{told}` at the top of the file" if told else f"; define `{error.name}` in the file"
    if any(words in str(error) for words in _WANTS_INTEGERS):
        return "; labels and indices are declared as integers, `y: int < C: N`"
    return ""
