"""What stands for `scipy.special` where SciPy is not installed: the functions that layers are made of."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch


def _of(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Any], Any]:
    def on_arrays(x: Any) -> Any:
        array = np.asarray(x)
        given = array if array.dtype == np.float32 else array.astype(np.float64)
        return function(torch.from_numpy(given)).numpy()[()]

    return on_arrays


def _softmax(x: Any, axis: Any = None) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _logsumexp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    top = np.max(a, axis=axis, keepdims=True)
    total = top + np.log(np.sum(np.exp(a - top), axis=axis, keepdims=True))
    return total if keepdims else np.squeeze(total, axis=axis)[()]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "erf": _of(torch.special.erf),
    "erfc": _of(torch.special.erfc),
    "expit": _of(torch.special.expit),
    "logit": _of(torch.special.logit),
    "ndtr": _of(torch.special.ndtr),
    "log_ndtr": _of(torch.special.log_ndtr),
    "softmax": _softmax,
    "log_softmax": lambda x, axis=None: x - _logsumexp(x, axis, keepdims=True),
    "logsumexp": _logsumexp,
    "xlogy": lambda x, y: torch.special.xlogy(torch.as_tensor(x), torch.as_tensor(y)).numpy()[()],
}


def with_special_functions() -> None:
    """Let `scipy.special` be imported, for good, in this process; all else of SciPy is absent as it was."""
    if "scipy" in sys.modules or importlib.util.find_spec("scipy") is not None:
        return
    package, special = ModuleType("scipy"), ModuleType("scipy.special")
    vars(special).update(_FUNCTIONS)
    vars(package).update(special=special, __path__=[])
    sys.modules |= {"scipy": package, "scipy.special": special}
