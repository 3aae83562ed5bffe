"""Submissions that show how an exercise is graded: whole files, or edits of one, in which the difference stands alone.

`wrong/mask_inverted.diff` is `wrong/mask_inverted.py`, written as what it changes in `right/plain.py`:

    # expects: backward
    # from: right/plain.py

    -        grad_input[x <= 0] = 0
    +        grad_input[x > 0] = 0

A change is a block of lines as in a unified diff: those that begin with `-` go, those with `+` come, those with a space
stay and tell the place. What was there must stand in the file exactly once. A blank line separates two changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from grader.errors import AssignmentError

EDIT = ".diff"
ENDINGS = (".py", ".ipynb", EDIT)


@dataclass(frozen=True)
class Case:
    """A submission: the file that it is written in, the name it goes by, and what is handed in."""

    file: Path
    name: str
    data: bytes

    def header(self, word: str) -> str | None:
        """What stands after `# word:` in the file, or None."""
        written = self.file.read_bytes().decode("latin-1")
        found = re.search(rf"# {word}:([^\n\\\"]*)", written)
        return found[1].strip() if found else None


def cases_in(folder: Path) -> list[Case]:
    """The submissions of a folder, by name.

    Raises:
        AssignmentError: an edit does not fit the file that it starts from.
    """
    return sorted((read(path) for path in folder.glob("*") if path.suffix in ENDINGS), key=lambda case: case.name)


def read(path: Path) -> Case:
    """A submission, from a whole file or an edit of one.

    Raises:
        AssignmentError: an edit does not fit the file that it starts from.
    """
    if path.suffix != EDIT:
        return Case(path, path.name, path.read_bytes())
    text = path.read_text(encoding="utf-8")
    start = re.search(r"^# from: (\S+)$", text, re.MULTILINE)
    base = path.parent.parent / start[1] if start else path
    if base.suffix not in ENDINGS[:2] or not base.is_file():
        raise AssignmentError(f"{path}: starts from no file; write `# from: right/NAME.py`")
    edited = base.read_text(encoding="utf-8").splitlines()
    for old, new in _changes(text):
        edited = _changed(edited, old, new, path)
    return Case(path, path.stem + base.suffix, ("\n".join(edited) + "\n").encode())


def _changes(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """The lines before and after each change."""
    written = [line for line in text.splitlines() if not line.startswith("#")]
    for blank, block in groupby(written, key=lambda line: not line):
        lines = [] if blank else list(block)
        if lines:
            yield [line[1:] for line in lines if line[0] != "+"], [line[1:] for line in lines if line[0] != "-"]


def _changed(lines: list[str], old: list[str], new: list[str], path: Path) -> list[str]:
    """The lines with a block of them replaced.

    Raises:
        AssignmentError: it does not stand there exactly once.
    """
    places = [n for n in range(len(lines) - len(old) + 1) if lines[n : n + len(old)] == old]
    if not old or len(places) != 1:
        what = f"`{old[0].strip()}` stands there {len(places)} times" if old else "a change tells no place"
        raise AssignmentError(f"{path}: {what}; write lines that the file it starts from has exactly once")
    return [*lines[: places[0]], *new, *lines[places[0] + len(old) :]]
