"""Names that no system made: a file or folder is called after its owner."""

from __future__ import annotations

import re

from grader.intake.naming import Student
from grader.intake.systems.claim import Claim

_KINDS = (
    r"py\w?|ipynb|txt|text|json|html?|zip|rar|7z|tar|t[gx]z|tbz2?|gz|bz2|xz"
    r"|pdf|docx?|odt|rtf|md|tex|csv|png|jpe?g|bak|download"
)
_ENDINGS = re.compile(rf"(?:\.(?:{_KINDS}))+[ .]*$", re.IGNORECASE)
"""Endings that are no part of a name; several may follow one another, as in `alice.py.txt`."""


def parse(name: str, *, is_folder: bool) -> Claim:
    """The owner: the name of a folder, or that of a file without its endings."""
    if is_folder:
        return Claim("", Student(name))
    stem = _ENDINGS.sub("", name)
    return Claim("", Student(stem or name), original=name)
