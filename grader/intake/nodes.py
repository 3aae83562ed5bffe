"""A tree of files to look for submissions in. Folders on disk and archives look the same; no link is followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Protocol

from grader.errors import SubmissionError, of_system
from grader.intake.kinds import source_ending
from grader.submission import LARGEST, Submission, accept
from grader.wire.facts import Fact

_TOOLS = {
    *("__MACOSX", "__pycache__", "node_modules", "venv", "env", "site-packages"),
    *("Thumbs.db", "desktop.ini", "Icon\r"),
}
_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_FOLDER = os.O_RDONLY | _CLOSE_ON_EXEC | getattr(os, "O_DIRECTORY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | _CLOSE_ON_EXEC | _NO_LINK | getattr(os, "O_NONBLOCK", 0)


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
        """What is in the folder, by name; what is hidden or belongs to tools is there, too."""
        ...

    def data(self, most: int = LARGEST) -> bytes:
        """Its bytes; of a file that has more than `most`, one more than that.

        Raises:
            SubmissionError: they cannot be had, or should not.
        """
        ...


def read(node: Node) -> Submission:
    """A file, as a submission: as the Python file or the notebook that it is, whatever the ending of its name.

    Raises:
        SubmissionError: it cannot be one.
    """
    data = node.data()
    path = PurePath(node.label)
    ending = source_ending(path.name, data)
    submission = accept(path if path.suffix.lower() == ending else PurePath(f"{node.label}{ending}"), data)
    return replace(submission, id=replace(submission.id, name=node.name, file=node.label))


def is_hidden(name: str) -> bool:
    """Whether a name belongs to a tool or a system, and is no part of what was handed in."""
    return name.startswith(".") or name in _TOOLS


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file or folder on disk: `path` is that of a root, which somebody gave, and what comes `below` it.

    What is below is opened step by step and follows no link, also where a folder becomes one after it was listed.
    """

    root: str
    is_folder: bool
    below: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in its folder."""
        return self.below[-1] if self.below else PurePath(self.root).name or self.root

    @property
    def label(self) -> str:
        """Its path, as far as it was given."""
        return os.path.join(self.root, *self.below)  # noqa: PTH118  a Path for each of 100,000 files takes room and time

    def children(self) -> Sequence[Node]:
        """What is in the folder; a folder that may not be read is taken to be empty."""
        try:
            with _folder(self.root, self.below) as folder, os.scandir(folder) as entries:
                found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError:
            return []
        return [OnDisk(self.root, is_folder, (*self.below, name)) for name, is_folder in sorted(found)]

    def data(self, most: int = LARGEST) -> bytes:
        """What is in the file."""
        try:
            if not self.below:
                return self._contents(os.open(self.root, _FILE), most)
            with _folder(self.root, self.below[:-1]) as folder:
                return self._contents(os.open(self.below[-1], _FILE, dir_fd=folder), most)
        except OSError as error:
            if os.path.islink(self.label):  # noqa: PTH114
                raise SubmissionError.of(self.label, Fact("is-a-link")) from None
            raise SubmissionError.of(self.label, Fact("cannot-be-opened", {"error": of_system(error)})) from error

    def _contents(self, descriptor: int, most: int) -> bytes:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise SubmissionError.of(self.label, Fact("is-no-regular-file"))
        with os.fdopen(descriptor, "rb") as file:
            return file.read(most + 1)


@contextmanager
def _folder(root: str, below: Sequence[str]) -> Iterator[int]:
    """A descriptor of a folder. The root may be a link, as somebody named it; what is below may not."""
    folder = os.open(root, _FOLDER)
    try:
        for name in below:
            inner = os.open(name, _FOLDER | _NO_LINK, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)
