"""Read a JSON report back into the record that it was written from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from grader.errors import ToldError, not_opened
from grader.records import Report, SubmissionId
from grader.reports.json_report import ANY_VERSION, SCHEMA
from grader.wire.facts import Fact
from grader.words import say


def read(path: Path) -> Report:
    """The report in a file.

    Raises:
        GraderError: there is no such file, or it holds no whole report of this version.
    """
    return _read(path, from_data)


def read_briefly(path: Path) -> Report:
    """The report in a file without what the page of a class does not need: findings, numbers, pictures, output.

    What many reports have in common is there once.

    Raises:
        GraderError: likewise.
    """
    return _read(path, _brief)


def _read(path: Path, make: Callable[[Mapping[str, Any]], Report]) -> Report:
    try:
        data = orjson.loads(path.read_bytes())
    except OSError as error:
        raise not_opened(path, error) from error
    except ValueError as error:
        raise ToldError(Fact("report: no-json", {"file": str(path)})) from error
    schema = str(data.get("schema", "")) if isinstance(data, dict) else ""
    if schema != SCHEMA:
        kind = "report: other-version" if schema.startswith(ANY_VERSION) else "report: strange"
        raise ToldError(Fact(kind, {"file": str(path), "have": schema, "want": SCHEMA}))
    try:
        return make(data)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise ToldError(Fact("report: not-whole", {"file": str(path), "place": place})) from error


def from_data(data: Mapping[str, Any]) -> Report:
    """The report that some data were made from.

    Raises:
        ValidationError: it is none.
    """
    return _adapter().validate_python(_as_records(data))


@dataclass(frozen=True)
class _Own:
    """What hardly any two reports have in common."""

    submission: SubmissionId
    score: float
    seconds: float
    date: str = ""


_OWN = ("submission", "score", "seconds", "date")
_LARGE: dict[str, Any] = {
    **dict.fromkeys(("findings", "charts", "trials", "pictures", "snippets", "flow", "remarks"), ()),
    "output": "",
    "versions": {},
    "seed": "",
}
_OF_DIAGNOSIS = ("mistakes", "unknown", "places")


def _brief(data: Mapping[str, Any]) -> Report:
    own = _own_adapter().validate_python({part: data[part] for part in _OWN if part in data})
    common = {part: value for part, value in data.items() if part not in _OWN} | _LARGE
    if isinstance(diagnosis := common.get("diagnosis"), dict):
        common["diagnosis"] = {part: diagnosis[part] for part in _OF_DIAGNOSIS if part in diagnosis}
    return replace(_common(orjson.dumps(common)), **{part: getattr(own, part) for part in _OWN})


@lru_cache(4096)
def _common(text: bytes) -> Report:
    """The report that some parts make, those that it has for itself left open."""
    nobody = SubmissionId("", "", "")
    return from_data(orjson.loads(text) | {"submission": nobody, "score": 0.0, "seconds": 0.0})


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
def _own_adapter() -> TypeAdapter[_Own]:
    return TypeAdapter(_Own)


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
