"""What students are called, and the names of their reports."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_LONGEST = 200
"""Bytes of the name of a report, without its ending; file systems allow 255."""


@dataclass(frozen=True, order=True, slots=True)
class Student:
    """Who handed something in, as far as names tell: `id` is empty where there is none."""

    name: str
    id: str = ""
    late: bool = False

    @property
    def key(self) -> str:
        """What tells one student from another, in the order in which reports are listed."""
        return f"{self.name}_{self.id}" if self.id else self.name


def as_file_name(key: str, attempt: int = 1) -> str:
    """The name of a report, without its ending: the key of a student, with letters of all alphabets as they are.

    `from_file_name` gives the key and the attempt back, unless the key is longer than a file name may be; then its end
    is a hash.
    """
    safe = "".join(c if _is_safe(c) else _escaped(c) for c in key)
    if safe.startswith((" ", ".", "-")):
        safe = _escaped(safe[0]) + safe[1:]
    if safe.endswith((" ", ".")):
        safe = safe[:-1] + _escaped(safe[-1])
    data = safe.encode()
    if len(data) > _LONGEST:
        digest = hashlib.sha256(data).hexdigest()[:16]
        safe = f"{data[: _LONGEST - 17].decode('utf-8', 'ignore')}~{digest}"
    return safe if attempt == 1 else f"{safe}~{attempt}"


class ReportNames:
    """The names of the reports on what is handed in, one after the other: who comes again has another attempt."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._attempts: Counter[str] = Counter()

    def next(self, student: Student) -> tuple[str, int]:
        """The name of the report on what comes next, which is this student's, and which attempt it is."""
        key = self._keys.setdefault(folded(student.key), student.key)
        self._attempts[key] += 1
        return as_file_name(key, self._attempts[key]), self._attempts[key]


def _is_safe(letter: str) -> bool:
    return letter.isalnum() or letter in " -_.,'()+" or unicodedata.category(letter).startswith("M")


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogateescape"))


def from_file_name(name: str) -> tuple[str, int]:
    """The key of a student and the attempt, from the name of a report without its ending."""
    key, _, attempt = name.rpartition("~")
    if key and attempt.isdecimal() and len(attempt) < 9:
        name = key
    else:
        attempt = "1"
    return unquote_to_bytes(name).decode("utf-8", "surrogateescape"), int(attempt)


def folded(key: str) -> str:
    """What two names have in common that people, file systems or other programs may take for one another.

    Letter case does not count, nor which of the normal forms of Unicode a name is written in.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", key).casefold())
