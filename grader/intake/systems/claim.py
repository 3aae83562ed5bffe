"""What a name claims."""

from __future__ import annotations

from dataclasses import dataclass

from grader.intake.naming import Student


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose a file or folder says it is, by the grammar of one system.

    Attributes:
        file: the number of the file, where the system gives one; no two files have the same.
        original: the name that the student gave it, as far as it is told.
        entered: `link` or `text` where the system wrote down what was entered in place of a file; `receipt` for a note
            of its own.
        attempt: which of several times that this student handed in; they sort by it.
    """

    system: str
    student: Student
    file: str = ""
    original: str = ""
    entered: str = ""
    attempt: str = ""
