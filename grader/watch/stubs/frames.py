"""What stands for the tables of pandas: columns of numpy under names, with the methods that scripts of a course use.

Real pandas, where it is installed, takes a second or more to import, which counts as the script's own time; and a mark
must not depend on what is installed beside the program.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.watch.stubs.columns import REDUCTIONS, Entries, Labels, MadeUp, Place, is_mask, plain, reduced, shown
from grader.watch.stubs.series import Series


class Frame(Entries):
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

    index = property(lambda self: Labels.of(range(len(self))))
    shape = property(lambda self: (len(self), len(self._columns)))
    size = property(lambda self: len(self) * len(self._columns))
    ndim = property(lambda _: 2)
    dtypes = property(lambda self: Series([c.dtype for c in self._columns.values()], list(self._columns)))
    T = property(lambda self: Frame(self.values.T))
    iloc = iat = property(lambda self: Place(self._iloc))
    loc = at = property(lambda self: Place(self._loc))

    @property
    def columns(self) -> Any:
        """The names."""
        return Labels.of(self._columns)

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
            renamed = {name if column is free else column: v for column, v in self._columns.items()}
            self._columns.clear()  # whoever asks for a column holds this dictionary
            self._columns.update(renamed)
        if name not in self._columns:
            raise KeyError(f"what stands here for this table has no column {name!r}")
        return name

    def _rows(self, key: Any) -> Frame:
        return Frame({name: column[key] for name, column in self._columns.items()})

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice) or is_mask(key):
            return self._rows(plain(key))
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
        names = self.columns[plain(wanted)]
        return self._loc_of(plain(rows), list(names) if isinstance(names, np.ndarray) else names)

    def _loc(self, key: Any) -> Any:
        rows, names = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(names, slice):
            every = list(self._columns)
            first = every.index(self._named(names.start)) if names.start is not None else 0
            last = list(self._columns).index(self._named(names.stop)) if names.stop is not None else len(every)
            names = list(self._columns)[first : last + 1]
        elif is_mask(names):
            names = list(self.columns[plain(names)])
        if isinstance(rows, slice) and rows.stop is not None:
            rows = slice(rows.start, rows.stop + 1, rows.step)
        return self._loc_of(plain(rows), names)

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

    def _over(self, axis: Any, reduction: Callable[[Any, Any], Any]) -> Series:
        """A number for each column, or for each row."""
        if axis in (1, "columns"):
            return Series(reduction(self.values, 1))
        return Series({name: reduction(column, 0) for name, column in self._columns.items()})

    def quantile(self, q: Any = 0.5, **_: Any) -> Any:
        """What a share of each column lies below."""
        return self._over(0, lambda values, _: np.quantile(values, q))

    def nunique(self, **_: Any) -> Series:
        """How many values each column has."""
        return self._over(0, lambda values, _: len(np.unique(values)))

    def agg(self, name: Any, axis: Any = 0, **_: Any) -> Any:
        """A reduction by its name, or a function of each column."""
        return getattr(self, name)(axis=axis) if isinstance(name, str) else self.apply(name)

    def dot(self, other: Any) -> Any:
        """The product with columns of numbers."""
        found = self.values @ np.asarray(other)
        return Series(found) if found.ndim == 1 else Frame(found)

    __matmul__ = dot

    def sort_values(self, by: Any, ascending: bool = True, **_: Any) -> Frame:
        """The rows in the order of some columns."""
        names = [by] if isinstance(by, str | int) else list(by)
        keys = [self._columns[self._named(name)] for name in names[::-1]]
        return self._rows(np.lexsort(keys if ascending else [-key for key in keys]))

    def duplicated(self, **_: Any) -> Series:
        """Where a row was there before."""
        rows = [tuple(row) for row in self.values.tolist()]
        first = {row: number for number, row in reversed(list(enumerate(rows)))}
        return Series([first[row] != number for number, row in enumerate(rows)])

    def drop_duplicates(self, *_: Any, **__: Any) -> Frame:
        """Each row once."""
        return self._rows(~self.duplicated().values.astype(bool))

    def assign(self, **columns: Any) -> Frame:
        """With more columns."""
        made = self.copy()
        for name, value in columns.items():
            made[name] = value(made) if callable(value) else value
        return made

    def insert(self, loc: int, column: Any, value: Any, *_: Any, **__: Any) -> None:
        """One more column, at a place."""
        before = list(self._columns.items())
        self[column] = value
        self._columns = dict([*before[:loc], (column, self._columns[column]), *before[loc:]])

    def get(self, name: Any, default: Any = None) -> Any:
        """A column, if it is there."""
        return self[name] if name in self._columns else default

    def filter(self, items: Any, **_: Any) -> Frame:
        """Some columns."""
        return self[list(items)]  # type: ignore[no-any-return]

    def reindex(self, columns: Any, **_: Any) -> Frame:
        """The columns in another order."""
        return self[list(columns)]  # type: ignore[no-any-return]

    def take(self, rows: Any, **_: Any) -> Frame:
        """Some rows."""
        return self._rows(list(rows))

    def iterrows(self) -> Iterator[tuple[int, Series]]:
        """Number and content of each row."""
        return iter([(number, self.iloc[number]) for number in range(len(self))])

    def itertuples(self, index: bool = True, name: str = "Pandas") -> Iterator[Any]:
        """Each row, with its number first."""
        kind = namedtuple(name, [*["Index"][: int(index)], *map(str, self._columns)], rename=True)  # type: ignore[misc]
        return iter([kind(*([n] if index else []), *row) for n, row in enumerate(self.values.tolist())])

    def applymap(self, function: Callable[[Any], Any], **_: Any) -> Frame:
        """A function of each entry."""
        return Frame({name: [function(value) for value in column] for name, column in self._columns.items()})

    map = applymap

    def to_dict(self, orient: str = "dict", **_: Any) -> Any:
        """Columns by names, or rows."""
        if orient == "records":
            return [dict(zip(self._columns, row, strict=True)) for row in self.values.tolist()]
        listed = {name: column.tolist() for name, column in self._columns.items()}
        return listed if orient == "list" else {name: dict(enumerate(column)) for name, column in listed.items()}

    def squeeze(self, *_: Any) -> Any:
        """The only column, where there is one."""
        return self[next(iter(self._columns))] if len(self._columns) == 1 else self

    def cov(self, **_: Any) -> Frame:
        """The covariance of each column with each."""
        return Frame(np.cov(self.values.T), columns=list(self._columns))

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
        spread = (0, 0.25, 0.5, 0.75, 1)
        return Frame({n: [len(c), c.mean(), reduced("std", c, 1), *np.quantile(c, spread)] for n, c in self.items()})

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
        if name in REDUCTIONS:
            return lambda axis=0, *_, ddof=1, **__: self._over(axis, lambda v, by: reduced(name, v, ddof, by))
        if method := self.arithmetic(name):
            return method
        return shown("data frame", name)

    def __repr__(self) -> str:
        return f"{list(self._columns)}\n{self.values!r}"


Series.table_of = Frame
