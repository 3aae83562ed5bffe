"""Folders of the computer that graded, which are nobody else's business. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from grader.records import Report
from grader.wire.facts import Fact

_FOLDERS = re.compile(r"(?<![\w.<~/\\-])(?:/|[A-Za-z]:\\)(?:[^\s/\\'\"`():;,<>]+[/\\])+")
"""What leads to a file: `/usr/lib/`, `C:\\Users\\ada\\`; not the quotients in `dL/dw` or `1/2/3`."""


def without_folders(report: Report) -> Report:
    """The report with the names of files alone: no text of it tells where they are on the computer that graded.

    For example `'torch' (/home/ada/lib/torch/__init__.py)` becomes `'torch' (__init__.py)`.
    """
    own = str(PurePath(report.submission.file).parent)

    def shown(text: str) -> str:
        return _FOLDERS.sub("", text.replace(f"{own}/", "") if own not in (".", "/") else text)

    def within(value: Any) -> Any:
        if isinstance(value, str):
            return shown(value)
        if isinstance(value, Fact):
            return Fact(value.kind, {name: within(each) for name, each in value.values.items()})
        return tuple(map(within, value)) if isinstance(value, tuple) else value

    def fact(told: Fact) -> Fact:
        return Fact(told.kind, {name: within(value) for name, value in told.values.items()})

    return replace(
        report,
        submission=replace(report.submission, file=report.submission.name),
        failures=tuple(replace(f, fact=fact(f.fact)) for f in report.failures),
        output=shown(report.output),
        findings=tuple(replace(f, fact=fact(f.fact)) if f.fact else f for f in report.findings),
        remarks=tuple(replace(r, fact=fact(r.fact)) for r in report.remarks),
    )
