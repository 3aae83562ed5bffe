"""What series and data frames of pandas have in common: labels, places, and what is done entry by entry."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from grader.watch.stubs.nothing import Nothing

REDUCTIONS = ("mean", "median", "min", "max", "sum", "std", "var", "prod", "any", "all")
_SHOWN = frozenset(
    ["groupby", "pivot", "pivot_table", "melt", "rolling", "style", "set_index", "to_string", "to_markdown", "to_latex"]
)
"""What is asked of tables of results, to show them: it gives nothing, which says so where it is to be a number."""
_ARITHMETIC = {
    **{
        name: getattr(operator, name)
        for name in ("add", "sub", "mul", "truediv", "pow", "eq", "ne", "lt", "le", "gt", "ge")
    },
    "div": operator.truediv,
    "divide": operator.truediv,
    "multiply": operator.mul,
    "subtract": operator.sub,
}


class MadeUp(str):
    """The name of a column that a script has not told: it takes the first name that the script asks for."""


class Labels(np.ndarray[Any, Any]):
    """The names of columns, or the numbers of rows."""

    @classmethod
    def of(cls, names: Iterable[Any]) -> Labels:
        """An array of these."""
        listed = list(names)
        found = np.empty(len(listed), object)
        found[:] = listed
        return found.view(cls)

    values = property(lambda self: np.asarray(self))
    empty = property(lambda self: not self.size)
    str = property(lambda self: _Texts(self))

    def to_list(self) -> list[Any]:
        """The names."""
        return list(self.tolist())

    def get_loc(self, name: Any) -> int:
        """Where a name is."""
        return self.to_list().index(name)

    def drop(self, names: Any) -> Labels:
        """Without some names."""
        gone = [names] if isinstance(names, str) else list(names)
        return Labels.of(name for name in self if name not in gone)

    def difference(self, names: Any) -> Labels:
        """Without some names, in order."""
        return Labels.of(sorted(self.drop(names)))


class _Texts:
    """`df.columns.str`: methods of text, for each name; one that was made up stays made up."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def __getattr__(self, name: str) -> Callable[..., Labels]:
        method = getattr(str, name)
        return lambda *given, **_: Labels.of(
            type(label)(method(label, *given)) if isinstance(label, str) else label for label in self._labels
        )


class Entries(NDArrayOperatorsMixin, ABC):
    """What is done entry by entry, or row by row."""

    values: Any

    @abstractmethod
    def _like(self, values: Any) -> Any:
        """Other values under the same labels."""

    @abstractmethod
    def _across(self, part: Any) -> Any:
        """What stands beside it in an operation, as an array that goes with its values."""

    def arithmetic(self, name: str) -> Callable[..., Any] | None:
        """`df.sub(other)` for `df - other`; with `axis=0`, other has a number for each row."""
        compute = _ARITHMETIC.get(name.removeprefix("r") if name.startswith("r") else name)
        if compute is None:
            return None

        def given(other: Any, axis: Any = "columns", **_: Any) -> Any:
            by_row = axis in (0, "index", "rows") and self.values.ndim == 2
            number = np.asarray(other)[:, None] if by_row and np.ndim(other) == 1 else self._across(other)
            pair = (self.values, number)
            return self._like(compute(*(pair[::-1] if name.startswith("r") else pair)))

        return given

    def abs(self) -> Any:
        """Without signs."""
        return self._like(np.abs(self.values))

    def clip(self, lower: Any = None, upper: Any = None, **_: Any) -> Any:
        """Between two numbers, or two for each column."""
        bounds = [None if bound is None else self._across(bound) for bound in (lower, upper)]
        return self._like(np.clip(self.values, *bounds))

    def round(self, decimals: int = 0) -> Any:
        """To some decimals."""
        return self._like(np.round(self.values, decimals))

    def cumsum(self, *_: Any, **__: Any) -> Any:
        """The sum so far."""
        return self._like(np.cumsum(self.values, axis=0))

    def isin(self, values: Iterable[Any]) -> Any:
        """Where one of some values is."""
        return self._like(np.isin(self.values, list(values)))

    def replace(self, old: Any, new: Any, **_: Any) -> Any:
        """With one value for another."""
        is_old = np.isnan(self.values) if isinstance(old, float) and np.isnan(old) else self.values == old
        return self._like(np.where(is_old, new, self.values))

    def pipe(self, function: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """What a function gives."""
        return function(self, *given, **more)

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.values.size


def reduced(name: str, values: Any, ddof: int, axis: Any = 0) -> Any:
    """A reduction over rows, or over columns; as in pandas, the standard deviation divides by N - 1."""
    by = 1 if axis in (1, "columns") else 0
    return getattr(np, name)(values, axis=by, **({"ddof": ddof} if name in ("std", "var") else {}))


def shown(kind: str, name: str) -> Nothing:
    """What is asked for only to be shown.

    Raises:
        AttributeError: it is asked for to compute with it.
    """
    if name in _SHOWN:
        return Nothing()
    raise unserved(kind, name)


def unserved(kind: str, name: str) -> AttributeError:
    """What is said where a script asks for what does not stand here."""
    return AttributeError(f"what stands here for a {kind} of pandas has no `{name}`")


class Place:
    """`iloc` and `loc`."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self._get = get

    def __getitem__(self, key: Any) -> Any:
        return self._get(key)

    def __setitem__(self, _: Any, __: Any) -> None:
        raise unserved("data frame", "loc[...] = ...")


def is_mask(key: Any) -> bool:
    """Whether an index tells for each row or column if it is wanted."""
    values = plain(key)
    return isinstance(values, np.ndarray) and values.dtype.kind == "b"


def plain(key: Any) -> Any:
    """An index that numpy takes."""
    key = key.values if isinstance(key, Entries) else key
    return key.numpy() if hasattr(key, "numpy") else key
