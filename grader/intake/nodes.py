"""A tree of files to look for submissions in. Folders on disk and archives look the same; no link is followed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from grader.submission import Submission, accept, read_regular_file

_SKIPPED = {"__MACOSX", "__pycache__", "node_modules", "venv", "env", "site-packages"}
KINDS = (".py", ".ipynb")


class Node(Protocol):
    """A file or a folder. `label` tells people where it is."""

    @property
    def name(self) -> str:
        """Its name in its folder."""
        ...

    @property
    def label(self) -> str:
        """Where it is, for people."""
        ...

    @property
    def is_folder(self) -> bool:
        """Whether it has children; a link has none."""
        ...

    def children(self) -> Sequence[Node]:
        """What is in the folder, by name, without what is hidden or belongs to tools."""
        ...

    def data(self) -> bytes:
        """Its bytes; of a file that is too large, one more than `LARGEST`.

        Raises:
            SubmissionError: they cannot be had, or should not.
        """
        ...


def read(node: Node) -> Submission:
    """A file, as a submission.

    Raises:
        SubmissionError: it cannot be one.
    """
    return accept(PurePath(node.label), node.data())


def is_hidden(name: str) -> bool:
    """Whether a name belongs to a tool or a system, and is no part of what was handed in."""
    return name.startswith(".") or name in _SKIPPED


def is_source(name: str) -> bool:
    """Whether a name is that of a Python file or a notebook."""
    return name.lower().endswith(KINDS)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file or folder on disk."""

    path: str
    is_folder: bool

    @property
    def name(self) -> str:
        """Its name in its folder."""
        return os.path.basename(self.path)  # noqa: PTH119  a Path for each of 100,000 files takes room and time

    @property
    def label(self) -> str:
        """Its path, as far as it was given."""
        return self.path

    def children(self) -> Sequence[Node]:
        """What is in the folder; a folder that may not be read is taken to be empty."""
        try:
            with os.scandir(self.path) as entries:
                found = [OnDisk(e.path, e.is_dir(follow_symlinks=False)) for e in entries if not is_hidden(e.name)]
        except OSError:
            return []
        return sorted(found, key=lambda node: node.path)

    def data(self) -> bytes:
        """What is in the file."""
        return read_regular_file(Path(self.path))
