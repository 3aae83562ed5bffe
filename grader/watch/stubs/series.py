"""What stands for a series of pandas: one column, or one number for each column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from grader.watch.stubs.columns import REDUCTIONS, Entries, Place, plain, reduced, shown


class Series(Entries):
    """One column, or one number for each column: values under labels."""

    table_of: ClassVar[Any]
    """The class of tables: they are made of series, and name themselves here."""

    def __init__(self, data: Any = (), index: Any = None, name: Any = None, **_: Any) -> None:
        if isinstance(data, Mapping):
            data, index = list(data.values()), list(data)
        self.values, self.name = np.asarray(data), name
        self.index: Any = np.arange(len(self.values)) if index is None else np.asarray(index)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.values, dtype) if copy is not False else np.asarray(self.values, dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options.get("out"):
            return NotImplemented
        if any(isinstance(part, Entries) and not isinstance(part, Series) for part in inputs):
            return NotImplemented
        values = ufunc(*map(self._across, inputs), **options)
        return self._like(values) if np.ndim(values) else values

    def _across(self, part: Any) -> Any:
        return part.values if isinstance(part, Series) else part

    def _like(self, values: Any) -> Series:
        return Series(values, self.index if len(values) == len(self.index) else None, self.name)

    @property
    def shape(self) -> Any:
        """(N,)."""
        return self.values.shape

    dtype = property(lambda self: self.values.dtype)
    size = property(lambda self: self.values.size)
    ndim = property(lambda self: self.values.ndim)
    iloc = property(lambda self: Place(lambda key: self._at(self.values[plain(key)])))
    loc = property(lambda self: Place(self.__getitem__))

    def _at(self, values: Any) -> Any:
        return self._like(values) if isinstance(values, np.ndarray) else values

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.values[self.index.tolist().index(key)]
        return self._at(self.values[plain(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.values[plain(key)] = value

    def to_numpy(self, dtype: Any = None, copy: bool = False, **_: Any) -> Any:
        """The values, shape (N,)."""
        return np.array(self.values, dtype) if copy else np.asarray(self.values, dtype)

    def astype(self, dtype: Any, **_: Any) -> Series:
        """In another precision."""
        return self._like(self.values.astype(dtype))

    def to_frame(self, name: Any = None) -> Any:
        """A table of this column."""
        return self.table_of({name or self.name or 0: self.values})

    def tolist(self) -> list[Any]:
        """The values."""
        return list(self.values.tolist())

    def unique(self) -> Any:
        """Each value once, as they come."""
        return self.values[np.sort(np.unique(self.values, return_index=True)[1])]

    def nunique(self, **_: Any) -> int:
        """How many values there are."""
        return len(np.unique(self.values))

    def value_counts(self, **_: Any) -> Series:
        """How often each value is there, the most frequent first."""
        found, counts = np.unique(self.values, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return Series(counts[order], found[order], self.name)

    def quantile(self, q: Any = 0.5, **_: Any) -> Any:
        """What a share of the values lies below."""
        found = np.quantile(self.values, q)
        return Series(found, q, self.name) if np.ndim(q) else found

    def sort_values(self, ascending: bool = True, **_: Any) -> Series:
        """In the order of the values."""
        order = np.argsort(self.values if ascending else -self.values, kind="stable")
        return Series(self.values[order], self.index[order], self.name)

    def between(self, left: Any, right: Any, **_: Any) -> Series:
        """Where a value lies between two."""
        return self._like((self.values >= left) & (self.values <= right))

    def idxmax(self, **_: Any) -> Any:
        """The label of the largest."""
        return self.index[self.values.argmax()]

    def idxmin(self, **_: Any) -> Any:
        """The label of the smallest."""
        return self.index[self.values.argmin()]

    def to_dict(self) -> dict[Any, Any]:
        """Values by labels."""
        return dict(zip(self.index.tolist(), self.values.tolist(), strict=True))

    def dropna(self, **_: Any) -> Series:
        """The numbers that are there."""
        return Series(self.values[~self.isnull().values], name=self.name)

    def fillna(self, value: Any = 0, **_: Any) -> Series:
        """With a number where there is none."""
        return self._like(np.where(self.isnull().values, value, self.values))

    def apply(self, function: Callable[[Any], Any], **_: Any) -> Series:
        """A function of each value."""
        return self._like(np.array([function(value) for value in self.values]))

    def isnull(self) -> Series:
        """Where there is no number."""
        return self._like(np.isnan(self.values) if self.values.dtype.kind == "f" else np.zeros(self.shape, bool))

    def copy(self, **_: Any) -> Series:
        """A copy of its own."""
        return self._like(self.values.copy())

    def reset_index(self, **_: Any) -> Series:
        """The same, counted from 0."""
        return Series(self.values, name=self.name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in REDUCTIONS:
            return lambda *_, ddof=1, **__: reduced(name, self.values, ddof)
        if name in ("ravel", "flatten", "argmax", "argmin", "dot"):
            return getattr(self.values, name)
        if method := self.arithmetic(name):
            return method
        return shown("series", name)

    map, isna, to_list = apply, isnull, tolist

    def __repr__(self) -> str:
        return repr(self.values)
