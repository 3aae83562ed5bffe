"""What stands for the tables of pandas: columns of numpy under names, with the methods that scripts of a course use.

Real pandas, where it is installed, takes a second or more to import, which counts as the script's own time; and a mark
must not depend on what is installed beside the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from grader.watch.stubs.nothing import Nothing

_REDUCTIONS = ("mean", "median", "min", "max", "sum", "std", "var")


_SHOWN = frozenset(
    ["groupby", "pivot", "pivot_table", "melt", "rolling", "style", "set_index", "to_string", "to_markdown", "to_latex"]
)
"""What is asked of tables of results, to show them: it gives nothing, which says so where it is to be a number."""


class MadeUp(str):
    """The name of a column that a script has not told: it takes the first name that the script asks for."""


def _reduced(name: str, values: Any, ddof: int) -> Any:
    """A reduction over rows; as in pandas, the standard deviation divides by N - 1."""
    return getattr(np, name)(values, axis=0, **({"ddof": ddof} if name in ("std", "var") else {}))


def _shown(kind: str, name: str) -> Nothing:
    if name in _SHOWN:
        return Nothing()
    raise _unserved(kind, name)


def _unserved(kind: str, name: str) -> AttributeError:
    return AttributeError(f"what stands here for a {kind} of pandas has no `{name}`")


class Series(NDArrayOperatorsMixin):
    """One column, or one number for each column: values under labels."""

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
        if any(isinstance(part, Frame) for part in inputs):
            return NotImplemented
        return self._like(ufunc(*(p.values if isinstance(p, Series) else p for p in inputs), **options))

    def _like(self, values: Any) -> Series:
        return Series(values, self.index if len(values) == len(self.index) else None, self.name)

    @property
    def shape(self) -> Any:
        """(N,)."""
        return self.values.shape

    dtype = property(lambda self: self.values.dtype)
    size = property(lambda self: self.values.size)
    ndim = property(lambda self: self.values.ndim)
    iloc = property(lambda self: _Place(lambda key: self._at(self.values[_plain(key)])))
    loc = property(lambda self: _Place(self.__getitem__))

    def _at(self, values: Any) -> Any:
        return self._like(values) if isinstance(values, np.ndarray) else values

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.values[self.index.tolist().index(key)]
        return self._at(self.values[_plain(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.values[_plain(key)] = value

    def to_numpy(self, dtype: Any = None, copy: bool = False, **_: Any) -> Any:
        """The values, shape (N,)."""
        return np.array(self.values, dtype) if copy else np.asarray(self.values, dtype)

    def astype(self, dtype: Any, **_: Any) -> Series:
        """In another precision."""
        return self._like(self.values.astype(dtype))

    def to_frame(self, name: Any = None) -> Frame:
        """A table of this column."""
        return Frame({name or self.name or 0: self.values})

    def tolist(self) -> list[Any]:
        """The values."""
        return list(self.values.tolist())

    def unique(self) -> Any:
        """Each value once."""
        return np.unique(self.values)

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
        if name in _REDUCTIONS:
            return lambda *_, ddof=1, **__: _reduced(name, self.values, ddof)
        if name in ("any", "all", "ravel", "flatten", "argmax", "argmin"):
            return getattr(self.values, name)
        if name.startswith("_"):
            raise AttributeError(name)
        return _shown("series", name)

    map, isna, to_list = apply, isnull, tolist

    def __repr__(self) -> str:
        return repr(self.values)


class Frame(NDArrayOperatorsMixin):
    """A table: columns of one length N under names.

    Raises:
        KeyError, AttributeError: a script asks for what this table cannot give.
    """

    def __init__(self, data: Any = None, _: Any = None, columns: Any = None, **__: Any) -> None:
        if isinstance(data, Frame):
            data = data._columns
        if not isinstance(data, Mapping):
            data = list(data) if isinstance(data, Sequence) else data
            if isinstance(data, list) and data and isinstance(data[0], Mapping):
                data = {name: [row.get(name) for row in data] for name in data[0]}
            else:
                table = np.asarray([] if data is None else data)
                table = table[:, None] if table.ndim == 1 else table
                names = range(table.shape[1]) if columns is None else columns
                data = dict(zip(names, table.T, strict=True)) if table.size else {name: [] for name in columns or ()}
        self._columns: dict[Any, Any] = {n: np.array(v) for n, v in data.items() if columns is None or n in columns}

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.values, dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options.get("out"):
            return NotImplemented
        return self._like(ufunc(*(self._across(part) for part in inputs), **options))

    def _across(self, part: Any) -> Any:
        """A table as it is, a number for each column as a row."""
        if isinstance(part, Series) and len(part) == len(self._columns) and part.index.dtype.kind in "UO":
            return part.values
        return part.values if isinstance(part, Frame) else np.asarray(part)

    def _like(self, values: Any) -> Frame:
        return Frame(dict(zip(self._columns, values.T, strict=True)))

    @property
    def values(self) -> Any:
        """Shape (N, columns)."""
        return np.column_stack(list(self._columns.values())) if self._columns else np.empty((0, 0))

    index = property(lambda self: np.arange(len(self)))
    shape = property(lambda self: (len(self), len(self._columns)))
    size = property(lambda self: len(self) * len(self._columns))
    ndim = property(lambda _: 2)
    dtypes = property(lambda self: Series([c.dtype for c in self._columns.values()], list(self._columns)))
    T = property(lambda self: Frame(self.values.T))
    iloc = property(lambda self: _Place(self._iloc))
    loc = property(lambda self: _Place(self._loc))

    @property
    def columns(self) -> Any:
        """The names."""
        return np.array(list(self._columns), object)

    @columns.setter
    def columns(self, names: Any) -> None:
        self._columns = dict(zip(names, self._columns.values(), strict=True))

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._columns)

    def __contains__(self, name: Any) -> bool:
        return name in self._columns

    def _named(self, name: Any) -> Any:
        """A name, which the first column without one takes if no column has it."""
        if isinstance(name, str) and name not in self._columns:
            free = next((column for column in self._columns if isinstance(column, MadeUp)), None)
            self._columns = {name if column is free else column: v for column, v in self._columns.items()}
        if name not in self._columns:
            raise KeyError(f"what stands here for this table has no column {name!r}")
        return name

    def _rows(self, key: Any) -> Frame:
        return Frame({name: column[key] for name, column in self._columns.items()})

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice) or _is_mask(key):
            return self._rows(_plain(key))
        if isinstance(key, list | np.ndarray | Series):
            return Frame({self._named(name): self._columns[name] for name in list(key)})
        return Series(self._columns[self._named(key)], name=key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str | int):
            self._columns[key] = np.broadcast_to(np.asarray(value).squeeze(), len(self) or np.shape(value)).copy()
            return
        for number, name in enumerate(list(key)):
            self[self._named(name)] = value if np.ndim(value) < 2 else np.asarray(value)[:, number]

    def __delitem__(self, name: Any) -> None:
        del self._columns[self._named(name)]

    def _iloc(self, key: Any) -> Any:
        rows, wanted = key if isinstance(key, tuple) else (key, slice(None))
        names = np.array(list(self._columns), object)[_plain(wanted)]
        return self._loc_of(_plain(rows), list(names) if isinstance(names, np.ndarray) else names)

    def _loc(self, key: Any) -> Any:
        rows, names = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(names, slice):
            every = list(self._columns)
            first = every.index(self._named(names.start)) if names.start is not None else 0
            last = list(self._columns).index(self._named(names.stop)) if names.stop is not None else len(every)
            names = list(self._columns)[first : last + 1]
        elif _is_mask(names):
            names = list(np.array(list(self._columns), object)[_plain(names)])
        if isinstance(rows, slice) and rows.stop is not None:
            rows = slice(rows.start, rows.stop + 1, rows.step)
        return self._loc_of(_plain(rows), names)

    def _loc_of(self, rows: Any, names: Any) -> Any:
        found = self[list(names)] if isinstance(names, list | np.ndarray) else self[names]
        if isinstance(found, Series):
            return found.iloc[rows]
        if isinstance(rows, int | np.integer):
            return Series([column[rows] for column in found._columns.values()], list(found._columns))
        return found._rows(rows)

    def to_numpy(self, dtype: Any = None, **_: Any) -> Any:
        """The values, shape (N, columns)."""
        return np.asarray(self.values, dtype)

    def astype(self, dtype: Any, **_: Any) -> Frame:
        """In another precision."""
        return Frame({name: column.astype(dtype) for name, column in self._columns.items()})

    def drop(self, labels: Any = None, axis: Any = 0, columns: Any = None, inplace: bool = False, **_: Any) -> Any:
        """Without some columns."""
        gone = columns if columns is not None else labels
        gone = [gone] if isinstance(gone, str | int) else list(gone)
        if columns is None and axis in (0, "index"):
            keep = np.ones(len(self), bool)
            keep[gone] = False
            rest = self._rows(keep)
        else:
            gone = [self._named(name) for name in gone]
            rest = Frame({name: column for name, column in self._columns.items() if name not in gone})
        if inplace:
            self._columns = rest._columns
            return None
        return rest

    def pop(self, name: Any) -> Series:
        """A column, which the table loses."""
        return Series(self._columns.pop(self._named(name)), name=name)

    def rename(self, columns: Mapping[Any, Any], **_: Any) -> Frame:
        """Other names."""
        return Frame({columns.get(name, name): column for name, column in self._columns.items()})

    def head(self, n: int = 5) -> Frame:
        """The first rows."""
        return self._rows(slice(n))

    def tail(self, n: int = 5) -> Frame:
        """The last rows."""
        return self._rows(slice(-n, None))

    def sample(self, n: int | None = None, frac: float | None = None, **_: Any) -> Frame:
        """Some rows in a random order."""
        count = n if n is not None else round((frac or 1 / max(1, len(self))) * len(self))
        return self._rows(np.random.permutation(len(self))[:count])

    def describe(self, **_: Any) -> Frame:
        """Some statistics of each column."""
        return Frame(
            {n: [len(c), *(_reduced(r, c, 1) for r in ("mean", "std", "min", "max"))] for n, c in self.items()}
        )

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Names and columns."""
        return iter([(name, Series(column, name=name)) for name, column in self._columns.items()])

    def dropna(self, **_: Any) -> Frame:
        """The rows of which all numbers are there."""
        return self._rows(~self.isnull().values.any(1))

    def isnull(self) -> Frame:
        """Where there is no number."""
        return Frame({name: series.isnull().values for name, series in self.items()})

    def corr(self, **_: Any) -> Frame:
        """The correlation of each column with each."""
        return Frame(np.corrcoef(self.values.T), columns=list(self._columns))

    def apply(self, function: Callable[[Any], Any], **_: Any) -> Any:
        """A function of each column."""
        found = {name: function(series) for name, series in self.items()}
        return Frame(found) if all(np.ndim(v) for v in found.values()) else Series(found)

    def copy(self, **_: Any) -> Frame:
        """A copy of its own."""
        return Frame(self._columns)

    def reset_index(self, *_: Any, **__: Any) -> Frame:
        """The same, counted from 0."""
        return Frame(self._columns)

    def info(self, *_: Any, **__: Any) -> None:
        """Nothing is shown."""

    hist = plot = boxplot = to_csv = to_excel = info
    isna = isnull

    def fillna(self, value: Any = 0, **_: Any) -> Frame:
        """With a number where there is none, of each column or of all."""
        return self._like(np.where(self.isnull().values, self._across(value), self.values))

    def select_dtypes(self, *_: Any, **__: Any) -> Frame:
        """The columns of numbers."""
        return Frame({name: column for name, column in self._columns.items() if column.dtype.kind in "fiub"})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._columns:
            return self[name]
        if name in _REDUCTIONS:
            return lambda *_, ddof=1, **__: Series({n: _reduced(name, c, ddof) for n, c in self._columns.items()})
        return _shown("data frame", name)

    def __repr__(self) -> str:
        return f"{list(self._columns)}\n{self.values!r}"


class _Place:
    """`iloc` and `loc`."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self._get = get

    def __getitem__(self, key: Any) -> Any:
        return self._get(key)

    def __setitem__(self, _: Any, __: Any) -> None:
        raise _unserved("data frame", "loc[...] = ...")


def _is_mask(key: Any) -> bool:
    values = _plain(key)
    return isinstance(values, np.ndarray) and values.dtype.kind == "b"


def _plain(key: Any) -> Any:
    """An index that numpy takes."""
    key = key.values if isinstance(key, Series) else key
    return key.numpy() if hasattr(key, "numpy") else key
