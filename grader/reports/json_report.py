"""The report as data: `grader/report/1`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from grader.records import Report

SCHEMA = "grader/report/1"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain dictionaries and lists; described by `schemas/report-1.schema.json`."""
    return {"schema": SCHEMA, **asdict(report)}


def as_json(report: Report) -> str:
    """The report as JSON text. Numbers that are not finite, which JSON lacks, become null."""
    return dump(as_data(report))


def dump(data: dict[str, Any]) -> str:
    """JSON text of what `as_data` gives."""
    text = json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()  # names of files may be no text; JSON writes \udcff


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value
