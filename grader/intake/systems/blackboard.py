"""Blackboard Learn, "Assignment File Download": one file for each file of each attempt, and a receipt beside them.

    HW 1_jdoe_attempt_2024-03-01-12-30-05_hw.py
    HW 1_jdoe_attempt_2024-03-01-12-30-05.txt       the receipt: who, when, and what was typed in

The instructor names the assignment, the student the file; between them stand the user and the second of the attempt.
"""

from __future__ import annotations

import re

from grader.intake.naming import Student
from grader.intake.systems.claim import Claim

_MADE = re.compile(r"_attempt_(?P<when>\d{4}(?:-\d\d){5})(?P<rest>_.+|\.txt)", re.DOTALL)


def parse(name: str) -> Claim | None:
    """What the name of a file says, if it is as Blackboard makes them."""
    made = _MADE.search(name)
    assignment, _, user = name[: made.start()].rpartition("_") if made else ("", "", "")
    if not (made and made.end() == len(name) and assignment and user):
        return None
    original = made["rest"][1:] if made["rest"].startswith("_") else ""
    return Claim(
        "Blackboard", Student(user), original=original, entered="" if original else "receipt", attempt=made["when"]
    )
