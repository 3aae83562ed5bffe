"""Spellings that an older Python and an older numpy had, for code of courses that were written with these."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

NAMES: dict[str, Any] = {"xrange": range, "unicode": str, "long": int}
"""What Python 2 had, by name: a submission finds it unless it defines it."""

_NUMPY: dict[str, Any] = {
    "int": int,
    "float": float,
    "bool": bool,
    "object": object,
    "str": str,
    "complex": complex,
    "float_": np.float64,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "row_stack": np.vstack,
    "Inf": np.inf,
    "NaN": np.nan,
    "infty": np.inf,
}


_PRINTS = re.compile(r"^(\s*|.*[:;]\s*)print(?:\s+(?![=(.])|\s*(?=[\"']))(?:>>\s*[\w.]+\s*,\s*)?([^;]*?),?\s*(#.*)?$")
"""A line that ends with a statement `print x, y` or `print "..." % z`, perhaps into a stream."""


def printing(source: str) -> str:
    """A text in which each line with the print statement of Python 2 calls the function; lines keep their numbers."""
    return "\n".join(_PRINTS.sub(r"\1print(\2)", line) for line in source.split("\n"))


def restore_numpy() -> None:
    """Let numpy have the names that it had once, and has no more; for the process of a submission."""
    for name, value in _NUMPY.items():
        if name not in vars(np):
            setattr(np, name, value)
