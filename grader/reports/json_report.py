"""The report as data: `grader/report/1`."""

from __future__ import annotations

from dataclasses import fields

import orjson

from grader.records import Report

SCHEMA = "grader/report/1"


def as_json(report: Report) -> str:
    """The report as JSON text, described by `report-1.schema.json`. Numbers that are not finite become null."""
    data = {"schema": SCHEMA} | {field.name: getattr(report, field.name) for field in fields(report)}
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
    return orjson.dumps(data, option=options).decode()
