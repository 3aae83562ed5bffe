"""Names that Python 2 and older NumPy have, and that courses' material of those days uses."""

from __future__ import annotations

import builtins
import functools
from typing import Any

import numpy as np

_BUILTINS: dict[str, Any] = {
    "xrange": range,
    "unicode": str,
    "basestring": str,
    "long": int,
    "unichr": chr,
    "raw_input": lambda *_: "",
    "reduce": functools.reduce,
}
_NUMPY: dict[str, Any] = {
    "float": float,
    "int": int,
    "bool": bool,
    "object": object,
    "str": str,
    "complex": complex,
    "long": int,
    "float_": np.float64,
    "complex_": np.complex128,
    "NaN": np.nan,
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "sometrue": np.any,
    "alltrue": np.all,
    "round_": np.round,
    "row_stack": np.vstack,
    "in1d": np.isin,
    "asfarray": functools.partial(np.asarray, dtype=np.float64),
}


def with_old_names() -> None:
    """Give Python and NumPy the names that they once had, where they no longer have them; for good, in this process."""
    for module, names in ((builtins, _BUILTINS), (np, _NUMPY)):
        for name in names.keys() - vars(module).keys():
            setattr(module, name, names[name])
