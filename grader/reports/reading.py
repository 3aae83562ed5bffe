"""Read a JSON report back into the record that it was written from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from grader.errors import GraderError
from grader.records import Report
from grader.reports.json_report import OLDER, SCHEMA
from grader.wire.facts import Fact
from grader.words import say


def read(path: Path) -> Report:
    """The report in a file.

    Raises:
        GraderError: there is no such file, or it holds no whole report of this version.
    """
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise GraderError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise GraderError(f"{path}: is not a JSON report: {error}") from error
    if isinstance(data, dict) and data.get("schema") in OLDER:
        raise GraderError(f"{path}: is a report of an older version, `{data['schema']}`; grade once more")
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise GraderError(f"{path}: is not a report of this program, `{SCHEMA}`")
    try:
        return from_data(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise GraderError(f"{path}: is not a whole report: {place}: {first['msg']}") from error


def from_data(data: Mapping[str, Any]) -> Report:
    """The report that some data were made from.

    Raises:
        ValidationError: it is none.
    """
    return _adapter().validate_python(_as_records(data))


def _as_records(value: Any) -> Any:
    """The data with the names of fields as records have them: `is` is no name in Python."""
    if isinstance(value, dict):
        return {"is_" if name == "is" else name: _as_records(item) for name, item in value.items()}
    return [*map(_as_records, value)] if isinstance(value, list) else value


def of_file(data: dict[str, Any], name: str) -> dict[str, Any]:
    """The data of a report as those on the same bytes in a file of another name: lines in it are told by that name."""
    renamed: dict[str, Any] = _renamed(data, data["submission"]["name"], name)
    return renamed


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, list):
        return [new if item == old else _renamed(item, old, new) for item in value]
    if not isinstance(value, dict):
        return value
    told = {key: new if key == "file" and item == old else _renamed(item, old, new) for key, item in value.items()}
    if told != value and {"kind", "values", "text"} <= told.keys():
        told["text"] = say(fact(told))
    return told


def fact(data: Mapping[str, Any]) -> Fact:
    """The fact that some data were made from.

    Raises:
        ValidationError: it is none.
    """
    return _fact_adapter().validate_python(data)


@cache
def _fact_adapter() -> TypeAdapter[Fact]:
    return TypeAdapter(Fact)


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
