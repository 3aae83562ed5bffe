"""Gradescope, "Export Submissions": a folder `submission_NNNN` each, and `submission_metadata.yml`, which tells whose.

The layout is that of the exports that public scripts read, for example those that rename by
`record[':submitters'][0][':sid']`; Gradescope publishes no description of it.
"""

from __future__ import annotations

import re

import yaml

from grader.intake.naming import Student
from grader.intake.systems.claim import Claim

METADATA = "submission_metadata.yml"
_NAME = re.compile(r"submission_(?P<id>\d{1,20})")


def parse(name: str) -> Claim | None:
    """The submission, if the name of a folder is as Gradescope makes them; the metadata tell whose it is."""
    found = _NAME.fullmatch(name)
    return Claim("Gradescope", Student(name, found["id"])) if found else None


def parse_submitters(text: str) -> dict[str, tuple[Student, ...]]:
    """Folder -> students, from `submission_metadata.yml`; each member of a group once.

    It is read line by line, by indentation: what a student's program printed is in it, too, further in, and a parser of
    all of YAML takes minutes for the file of a large class.
    """
    told: dict[str, list[dict[str, str]]] = {}
    folder, listed = "", False
    for line in text.splitlines():
        if found := re.fullmatch(r"(submission_\d+):\s*", line):
            folder, listed = found[1], False
        elif listed and (found := re.fullmatch(r"  (- |  ):(\w+):(| .{0,500})", line)):
            if found[1] == "- ":
                told.setdefault(folder, []).append({})
            if told.get(folder):
                told[folder][-1][found[2]] = _scalar(found[3])
        elif re.match(r"  :\w", line):
            listed = bool(folder) and line.strip() == ":submitters:"
    return {
        folder: tuple(dict.fromkeys(map(_student, group)))
        for folder, group in told.items()
        if all(_student(who).name for who in group)
    }


def _student(told: dict[str, str]) -> Student:
    """Who is called nothing is called by the address or the number."""
    sid, email = told.get("sid", ""), told.get("email", "")
    return Student(told.get("name") or email or sid, sid or email)


def _scalar(text: str) -> str:
    """A string in YAML, quoted or not."""
    try:
        value = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  makes strings of everything, and nothing else
    except (yaml.YAMLError, ValueError):
        value = text
    value = value.strip() if isinstance(value, str) else text.strip()
    return "" if text.strip() in ("null", "~") else value
