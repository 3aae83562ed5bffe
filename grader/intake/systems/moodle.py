"""Moodle, "Download all submissions": `mod/assign/classes/downloader.php` (before 4.1, `mod/assign/locallib.php`).

    Jane Roe_12_assignsubmission_file/hw.py             one folder a student; with a `_` at its end before 4.0
    Jane Roe_12_assignsubmission_onlinetext/onlinetext.html
    Jane Roe_12_assignsubmission_file_hw.py             "Download submissions in folders" is off
    Group A-Jane Roe_12_assignsubmission_file_          of one group of the class
    Team 3_77_assignsubmission_file                     teams; Default group_assignsubmission_file has no number
    Participant_12_assignsubmission_file                blind marking

Moodle makes a space of every `_` in the name, so the first `_` ends it; what comes after the kind is the student's.
"""

from __future__ import annotations

import re

from grader.intake.naming import Student
from grader.intake.systems.claim import Claim

_NAME = re.compile(
    r"(?P<name>[^_]+)(?:_(?P<id>\d{1,20}))?_assignsubmission_(?P<kind>[a-z0-9]+)(?:_(?P<original>.*))?", re.DOTALL
)


def parse(name: str) -> Claim | None:
    """What the name of a file or folder says, if it is as Moodle makes them."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    entered = "text" if found["kind"] == "onlinetext" else ""
    student = Student(found["name"], found["id"] or "")
    return Claim("Moodle", student, original=found["original"] or "", entered=entered)
