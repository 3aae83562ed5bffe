"""What loads data, wherever a script gets them: the data of the exercise, as that loader would give its own.

Nothing is downloaded, and the files of a student's computer are not here. Training set and test set stay apart: what
loads everything gets the training set.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.watch.stubs.columns import MadeUp
from grader.watch.stubs.data import INPUTS, Data, Floats, stem
from grader.watch.stubs.frames import Frame
from grader.watch.stubs.nothing import Nothing
from grader.watch.stubs.series import Series
from grader.watch.stubs.texts import Texts

_loadtxt, _genfromtxt = np.loadtxt, np.genfromtxt
_BOSTON = ["CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT"]
_CALIFORNIA = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]


def loading(data: Data, texts: Texts) -> dict[str, dict[str, Any]]:
    """The names of each module that loads data; `numpy` and `urllib` load them from now on, too."""

    def prepare_dataset(name: str = "", *_: Any, **__: Any) -> Nothing:
        return Nothing() if "lecun" in str(name) else _Prepared(data)  # pictures are no table

    np.loadtxt, np.genfromtxt = _text(data, _loadtxt), _text(data, _genfromtxt)
    return {
        "datamaestro": {"prepare_dataset": prepare_dataset},
        "sklearn": _scikit(data),
        "pandas": _pandas(data, texts),
        "seaborn": {"load_dataset": lambda name, **_: _frame(data, texts, "seaborn.load_dataset", name, {})},
        **texts.install(),
    }


class _Prepared(Nothing):
    """A data set of datamaestro."""

    def __init__(self, data: Data) -> None:
        self.__dict__["_loads"] = data

    def data(self) -> tuple[list[str], NDArray[Any], NDArray[Any]]:
        """Names of all columns, columns without the target, targets; in the precision of the script's own tensors."""
        loads = self.__dict__["_loads"]
        x, y = loads.give("datamaestro")
        kind = np.float64 if loads.counted.is_double else np.float32
        return [*_names(_BOSTON, x.shape[1]), "MEDV"], x.astype(kind), y.astype(kind)


class Bunch(dict[str, Any]):
    """What scikit-learn's loaders give: names as keys and as attributes."""

    def __getattr__(self, name: str) -> Any:
        if name not in self:
            raise AttributeError(name)
        return self[name]


def _names(known: Sequence[str], count: int) -> list[str]:
    return list(known) if len(known) == count else [MadeUp(f"x{number}") for number in range(count)]


def _scikit(data: Data) -> dict[str, Any]:
    """Loaders of `sklearn.datasets`."""

    def loader(called: str, known: Sequence[str], target: str) -> Any:
        def load(*_: Any, **how: Any) -> Any:
            x, y = data.give(called)
            return bunch(x, y, _names(known, x.shape[1]), target, **how)

        return load

    return {
        "load_boston": loader("load_boston", _BOSTON, "MEDV"),
        "fetch_california_housing": loader("fetch_california_housing", _CALIFORNIA, "MedHouseVal"),
        "fetch_openml": loader("fetch_openml", _BOSTON, "MEDV"),
    }


def bunch(x: Floats, y: Floats, names: Sequence[str], target: str, **how: Any) -> Any:
    """Columns of shape (N, columns) and targets of shape (N,), as scikit-learn gives them."""
    as_frame = how.get("as_frame", False) is True
    inputs, outputs = (Frame(x, columns=names), Series(y, name=target)) if as_frame else (x, y)
    if how.get("return_X_y", False):
        return inputs, outputs
    whole = Frame(np.column_stack([x, y]), columns=[*names, target]) if as_frame else None
    about = {"feature_names": list(names), "target_names": [target], "DESCR": "", "filename": ""}
    return Bunch(data=inputs, target=outputs, frame=whole, **about)


def _pandas(data: Data, texts: Texts) -> dict[str, Any]:
    """What reads tables, and the tables themselves."""

    def reader(called: str) -> Any:
        return lambda file="", *_, **options: _frame(data, texts, f"pandas.{called}", file, options)

    readers = {name: reader(name) for name in ("read_csv", "read_table", "read_excel", "read_fwf", "read_parquet")}
    return {
        **readers,
        "DataFrame": Frame,
        "Series": Series,
        "concat": _concat,
        "to_numeric": lambda column, **_: column,
    }


def _concat(tables: Sequence[Any], axis: Any = 0, **_: Any) -> Any:
    """Tables one below the other, or side by side."""
    frames = [table.to_frame() if isinstance(table, Series) else table for table in tables]
    if axis in (1, "columns"):
        return Frame({name: series.values for frame in frames for name, series in frame.items()})
    return Frame({name: np.concatenate([frame[name].values for frame in frames]) for name in frames[0]})


def _frame(data: Data, texts: Texts, loader: str, file: Any, options: Mapping[str, Any]) -> Frame:
    """The table of a file: what a script has written itself, else the data."""
    names, kept = options.get("names"), options.get("usecols")
    written = _written(file)
    if written is not None:
        served = texts.named(written)
        table = _parsed(written, options) if served is None else None
        if table is not None:
            return table
        file = served or file
    if "datasets/boston" in str(file) and "names" not in options:
        return Frame(_in_two_lines(*data.give(loader, file, len(_BOSTON))))
    listed = names if names is not None else kept
    numbers = data.table(loader, file, None if listed is None else len(listed))
    if listed is not None and all(isinstance(name, str) for name in listed):
        return Frame(numbers, columns=list(listed))
    if options.get("header", "infer") is None:
        return Frame(numbers)
    made = [MadeUp(f"x{number}") for number in range(numbers.shape[1])]
    if data.counted.target and not INPUTS.fullmatch(stem(file)):
        made[-1] = data.counted.target  # type: ignore[call-overload]
    return Frame(numbers, columns=made)


def _in_two_lines(x: Floats, y: Floats) -> Floats:
    """Boston as it lies on its server: each row in two lines of 11 fields, shape (2 N, 11)."""
    lines = np.full((2 * len(x), 11), np.nan)
    lines[::2], lines[1::2, :2], lines[1::2, 2] = x[:, :11], x[:, 11:], y
    return lines


def _written(file: Any) -> str | None:
    """The text of a stream, or of a file that is there: one that was handed in, or that the script has written."""
    if isinstance(file, io.StringIO | io.BytesIO):
        content = file.read()
        return content if isinstance(content, str) else content.decode()
    if not isinstance(file, str | PurePath) or not os.path.exists(file):  # noqa: PTH110  as the script sees it
        return None
    try:
        with open(file, encoding="utf-8") as stream:  # noqa: PTH123  which is that of the script
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return None


def _parsed(text: str, options: Mapping[str, Any]) -> Frame | None:
    """The table of a text with a comma, or what a script names, between its fields; None where it cannot be read so."""
    between = options.get("sep", options.get("delimiter", ","))
    lines = text.splitlines()[options.get("skiprows", 0) :]
    try:
        is_space = options.get("delim_whitespace") or between in (r"\s+", " +")
        rows = [row for row in (map(str.split, lines) if is_space else csv.reader(lines, delimiter=between)) if row]
        names: Any = options.get("names")
        if names is None:
            names = rows.pop(0) if options.get("header", 0) is not None else range(len(rows[0]))
        return Frame({name: list(_numbers(row[n] for row in rows)) for n, name in enumerate(names)})
    except (TypeError, ValueError, IndexError, csv.Error):
        return None


def _numbers(fields: Iterator[str]) -> list[Any]:
    fields_ = list(fields)
    try:
        return [float(text or "nan") for text in fields_]
    except ValueError:
        return fields_


def _text(data: Data, real: Any) -> Any:
    """`numpy.loadtxt` or `numpy.genfromtxt`, which find any file."""

    def load(file: Any, *others: Any, **options: Any) -> Any:
        if not isinstance(file, str | PurePath):
            return real(file, *others, **options)
        try:
            return real(file, *others, **options)
        except OSError:
            if options.get("names"):
                raise TypeError(f"what stands here for numpy.{real.__name__} gives no names to columns") from None
            columns = options.get("usecols")
            table = data.table(f"numpy.{real.__name__}", file, None if columns is None else np.max(columns) + 1)
            table = table[:, columns] if columns is not None else table
            table = table[:, 0] if table.ndim == 2 and table.shape[1] == 1 and options.get("ndmin", 0) < 2 else table
            dtype = others[0] if others else options.get("dtype") or float
            return (table.T if options.get("unpack") else table).astype(dtype)

    return load
