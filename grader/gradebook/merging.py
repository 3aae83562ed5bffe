"""Two folders of reports on one assignment become one."""

from __future__ import annotations

from pathlib import Path

from grader.errors import ToldError
from grader.report_folder import ReportFolder
from grader.wire.facts import Fact


def merge_reports(folder: ReportFolder, other: Path) -> list[str]:
    """Add the reports of another folder that this one lacks, with the files that they are on; their names.

    Raises:
        GraderError: the other one is on another assignment or other numbers, or something cannot be read or written.
    """
    source = ReportFolder(other)
    here, there = folder.about(), source.about()
    for what in ("assignment", "seed", "exercise"):
        if here.get(what) != there.get(what):
            told = {"other": str(other), "folder": str(folder.path), "what": what}
            raise ToldError(Fact("merge: other", told))
    present = set(folder.names())
    copied = []
    for name in source.names():
        data = source.load(name)
        if name not in present and data is not None:
            sha256 = data["submission"]["sha256"]
            kept = source.code(sha256) if sha256 else None
            if kept:
                folder.keep_code(sha256, kept[0], is_notebook=kept[1])
            folder.write(name, data)
            copied.append(name)
    return copied
