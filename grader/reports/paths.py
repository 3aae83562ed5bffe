"""Folders of the computer that graded, which are nobody else's business. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

from grader.records import Report

_FOLDERS = re.compile(r"(?<![\w.<~/\\-])(?:/|[A-Za-z]:\\)(?:[^\s/\\'\"`():;,<>]+[/\\])+")
"""What leads to a file: `/usr/lib/`, `C:\\Users\\ada\\`; not the quotients in `dL/dw` or `1/2/3`."""


def without_folders(report: Report) -> Report:
    """The report with the names of files alone: no text of it tells where they are on the computer that graded.

    For example `'torch' (/home/ada/lib/torch/__init__.py)` becomes `'torch' (__init__.py)`.
    """
    own = str(PurePath(report.submission.file).parent)

    def shown(text: str) -> str:
        return _FOLDERS.sub("", text.replace(f"{own}/", "") if own not in (".", "/") else text)

    return replace(
        report,
        submission=replace(report.submission, file=report.submission.name),
        message=shown(report.message),
        output=shown(report.output),
        findings=tuple(replace(f, message=shown(f.message)) for f in report.findings),
        remarks=tuple(map(shown, report.remarks)),
    )
