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
        elif listed and (found := re.fullmatch(r"  (- |  ):(\w+): (.{1,500})", line)):
            if found[1] == "- ":
                told.setdefault(folder, []).append({})
            if told.get(folder):
                told[folder][-1][found[2]] = _scalar(found[3])
        elif re.match(r"  :\w", line):
            listed = bool(folder) and line.strip() == ":submitters:"
    return {
        folder: tuple(dict.fromkeys(Student(who["name"], who.get("sid") or who.get("email", "")) for who in group))
        for folder, group in told.items()
        if all(who.get("name") for who in group)
    }


def _scalar(text: str) -> str:
    """A string in YAML, quoted or not."""
    try:
        value = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  makes strings of everything, and nothing else
    except (yaml.YAMLError, ValueError):
        value = text
    return value.strip() if isinstance(value, str) else text.strip()
