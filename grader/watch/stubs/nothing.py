"""What stands for anything of a module that draws or logs."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np


class Nothing:
    """Stands for anything: it can be called, indexed and given away, and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return axes_of if name == "subplots" else Nothing()

    def __setattr__(self, _: str, __: Any) -> None:
        """Whatever is set is lost."""

    def __call__(self, *args: Any, **__: Any) -> Any:
        """Nothing; a function comes back as it is, as from a decorator."""
        return args[0] if len(args) == 1 and callable(args[0]) and not isinstance(args[0], Nothing) else Nothing()

    def __iter__(self) -> Iterator[Nothing]:
        """As many as there are names on the left of `a, b = nothing`; else as many as it has: ten, as colours do."""
        frame = sys._getframe(1)
        operation, count = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
        return iter([Nothing()] * (count if dis.opname[operation] == "UNPACK_SEQUENCE" else len(self)))

    def __getitem__(self, _: Any) -> Nothing:
        return Nothing()

    def __setitem__(self, _: Any, __: Any) -> None:
        """Whatever is set is lost."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("what a module that is not here would have given is no array")

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""

    def __bool__(self) -> bool:
        return False

    def __float__(self) -> float:
        return 0.0

    def __format__(self, _: str) -> str:
        return ""

    def __len__(self) -> int:
        return 10

    def __next__(self) -> Nothing:
        return Nothing()

    def __int__(self) -> int:
        return 0

    def __lt__(self, _: object) -> bool:
        return False

    __repr__ = __str__ = lambda _: ""
    __gt__ = __le__ = __ge__ = __lt__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __call__
    __floordiv__ = __mod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __call__
    __abs__ = __neg__ = __pos__ = __round__ = __call__


def axes_of(nrows: int = 1, ncols: int = 1, *_: Any, squeeze: bool = True, **__: Any) -> Any:
    """As many axes as are asked for, in a table as Matplotlib makes it: what trains may be in a loop over them."""
    table = np.empty((nrows, ncols), dtype=object)
    for place in np.ndindex(table.shape):
        table[place] = Nothing()
    if not squeeze:
        return table
    return table.squeeze() if table.size > 1 else table[0, 0]
