"""Canvas, "Download Submissions": `lib/content_zipper.rb` of canvas-lms (`get_filename`, `add_upload_submission`).

    doejane_101_9001_hw.py              name, user, file, what the student called it
    doejane_LATE_101_9001_hw.py         handed in late
    anon_8xJ2p_9001_hw.py               anonymous grading; LATE_anon_8xJ2p_9001_hw.py
    doejane_101_link.html               a web address was entered; doejane_101_text.html: a text

Canvas takes everything but letters, digits and `_` out of the part before the file, and every `_<digits>_` out of the
name of the user (or of the group), so the first two numbers from the left are its own.
"""

from __future__ import annotations

import re

from grader.intake.naming import Student
from grader.intake.systems.claim import Claim

_TAIL = r"(?:(?P<file>\d{3,20})_(?P<original>.+)|(?P<entered>link|text)\.html)"
_LATE = "(?:LATE_)?"
_NAMED = re.compile(rf"{_LATE}(?P<name>\w+?)(?:_LATE|_late)?_(?P<id>\d{{1,20}})_{_LATE}{_TAIL}", re.DOTALL)
_ANONYMOUS = re.compile(rf"{_LATE}anon_{_LATE}(?P<id>[A-Za-z0-9]{{5}})_{_LATE}{_TAIL}", re.DOTALL)
_TAKEN_OUT = re.compile(r"_\d+_")
"""What is never in a name."""
_LONGEST = 1000


def parse(name: str) -> Claim | None:
    """What the name of a file says, if it is as Canvas makes them."""
    if len(name) > _LONGEST:
        return None
    if found := _ANONYMOUS.fullmatch(name):
        student = Student(f"anon_{found['id']}", late=_is_late(name, found))
    elif (found := _NAMED.fullmatch(name)) and not _TAKEN_OUT.search(f"{found['name']}_"):
        student = Student(found["name"], found["id"], _is_late(name, found))
    else:
        return None
    return Claim("Canvas", student, found["file"] or "", found["original"] or "", found["entered"] or "")


def _is_late(name: str, found: re.Match[str]) -> bool:
    """Whether Canvas says so, before the part that is the student's."""
    of_canvas = name[: max(found.start("file"), found.start("entered"))]
    return "LATE" in of_canvas.split("_") or bool(re.search(r"_late_\d+_$", of_canvas))
