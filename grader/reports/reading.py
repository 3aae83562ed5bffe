"""Read a JSON report back into the record that it was written from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from grader.errors import GraderError
from grader.records import Report
from grader.reports.json_report import SCHEMA


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
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise GraderError(f"{path}: is not a report of this program, `{SCHEMA}`")
    try:
        return _adapter().validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise GraderError(f"{path}: is not a whole report: {place}: {first['msg']}") from error


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
