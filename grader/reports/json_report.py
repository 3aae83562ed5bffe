"""The report as data: `grader/report/3`. A fact has its sentence in English beside it, for who reads the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import orjson

from grader.records import Report
from grader.wire.facts import Fact
from grader.words import say

ANY_VERSION = "grader/report/"
SCHEMA = f"{ANY_VERSION}3"


def as_json(report: Report) -> str:
    """The report as JSON text, described by `report-3.schema.json`. Numbers that are not finite become null."""
    return dump({"schema": SCHEMA} | {field.name: getattr(report, field.name) for field in fields(report)})


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain dictionaries and lists."""
    data: dict[str, Any] = orjson.loads(as_json(report))
    return data


def plain(record: Any) -> Any:
    """A record that is part of a report as plain dictionaries and lists."""
    return orjson.loads(orjson.dumps(record, _fields, option=orjson.OPT_PASSTHROUGH_DATACLASS))


def dump(data: dict[str, Any]) -> str:
    """JSON text of what `as_data` gives, or of a report's fields; what is no text in it is spelled out."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATACLASS
    try:
        return orjson.dumps(data, _fields, option=options).decode()
    except TypeError:  # some string is no text
        return orjson.dumps(_spelled_out(data), option=options).decode()


def _fields(value: Any) -> dict[str, Any]:
    """A record as a dictionary.

    Raises:
        TypeError: it is none.
    """
    if isinstance(value, Fact):
        return {"kind": value.kind, "values": dict(value.values), "text": say(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return {told: getattr(value, name) for told, name in _told_as(type(value))}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} is no record")


@cache
def _told_as(kind: type[Any]) -> list[tuple[str, str]]:
    """What the fields of a kind of record are called in a report, and their own names."""
    return [(field.name.removesuffix("_"), field.name) for field in fields(kind)]


def _spelled_out(value: Any) -> Any:
    r"""The same with bytes that are no text spelled out, as `\udcff`."""
    if is_dataclass(value) and not isinstance(value, type):
        return _spelled_out(_fields(value))
    if isinstance(value, Mapping):
        return {key: _spelled_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled_out(item) for item in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
