"""Look into archives that strangers filled. A member is read when it is graded, and never written anywhere."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import GraderError, SubmissionError
from grader.intake import tars, zips
from grader.intake.kinds import is_source
from grader.intake.nodes import Node
from grader.intake.packed import Packed, Source
from grader.submission import LARGEST

MOST_MEMBERS = 250_000
LARGEST_TOTAL = 32 * 2**30
"""Bytes that all members may have together, as they declare; more is never read of them."""
LARGEST_INNER = 64 * 2**20
"""Bytes of an archive that lies in a hand-in; it is held in memory while that is looked at."""
MOST_INNER_MEMBERS = 5_000
LARGEST_CLASS, LARGEST_UNPACKED = 8 * 2**30, 256 * 2**20
"""Bytes of a tar archive once it is unpacked, which is needed to know its members: of a class, and in a hand-in."""
_BEGIN = 512
_DEEPEST = 32
_LONGEST_NAME = 255
_SHOWN = 80


@dataclass(slots=True)
class Member:
    """A file or folder of an archive."""

    name: str
    label: str
    is_folder: bool
    source: Source | None = None
    inner: dict[str, Member] = field(default_factory=dict)

    def children(self) -> Sequence[Node]:
        """What is in the folder, by name."""
        return [self.inner[name] for name in sorted(self.inner)]

    def data(self, most: int = LARGEST) -> bytes:
        """What is in the member, no more than it declares."""
        if self.source is None:
            raise SubmissionError(f"{self.label}: is a folder")
        return self.source(self.label, most)


def open_archive(path: Path) -> tuple[Member, list[str]]:
    """The archive of a class as a tree, and what was left out of it and why.

    Raises:
        GraderError: it is no archive that is opened, or holds more than can have been handed in.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(_BEGIN)
    except OSError as error:
        raise GraderError(f"{path}: cannot be opened: {error.strerror}") from error
    return _tree(path, begin, path.name, str(path), MOST_MEMBERS)


def open_inner(node: Node) -> tuple[Member, list[str]]:
    """An archive that lies in a hand-in as a tree, and what was left out of it and why.

    Raises:
        SubmissionError: it cannot be read, is no archive that is opened, or holds more than can have been handed in.
    """
    data = node.data(LARGEST_INNER)
    if len(data) > LARGEST_INNER:
        raise SubmissionError(f"{node.label}: is larger than {LARGEST_INNER >> 20} MB; it is not opened")
    try:
        return _tree(io.BytesIO(data), data[:_BEGIN], node.name, node.label, MOST_INNER_MEMBERS)
    except GraderError as error:
        raise SubmissionError(str(error)) from error


def _tree(source: Path | io.BytesIO, begin: bytes, name: str, label: str, most: int) -> tuple[Member, list[str]]:
    """The first bytes tell whether it is a zip or a tar archive; where they do not, its name."""
    is_tar = tars.is_tar(begin) or not (begin.startswith(b"PK") or name.lower().rstrip(" .").endswith(".zip"))
    largest = LARGEST_CLASS if most == MOST_MEMBERS else LARGEST_UNPACKED
    try:
        members = tars.members(source, most, largest) if is_tar else zips.members(source)
    except ValueError as error:
        raise GraderError(f"{label}: {error}") from error
    if len(members) > most:
        raise GraderError(f"{label}: has {len(members):,} members; more than {most:,} are not read")
    total = sum(member.size for member in members if is_source(member.name))
    if total > LARGEST_TOTAL:
        raise GraderError(f"{label}: would be {total >> 30} GB; more than {LARGEST_TOTAL >> 30} are not read")
    root = Member(name, label, is_folder=True)
    return root, list(_fill(root, members))


def _fill(root: Member, members: Sequence[Packed]) -> Iterator[str]:
    """Put members where they belong; yields what is to be said of those that belong nowhere, or are there twice."""
    for member in members:
        name = member.name
        parts = name.replace("\\", "/").removeprefix("./").removesuffix("/").split("/")
        if parts == ["."]:  # tar has the folder itself among its members
            continue
        problem = _problem(name, parts)
        folder = None if problem else _folder(root, parts[:-1])
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
        if folder is None:
            yield f"{root.label}: {shown!r} {problem or 'lies in what is a file there, too; it is left out'}"
            continue
        label = f"{folder.label}/{parts[-1]}"
        there = folder.inner.get(parts[-1])
        if member.is_folder:
            folder.inner.setdefault(parts[-1], Member(parts[-1], label, is_folder=True))
            continue
        if there is not None and there.is_folder:
            yield f"{root.label}: {shown!r} is a folder there, too; the file is left out"
            continue
        if there is not None:
            yield f"{root.label}: {shown!r} is there twice; the later one is taken"
        folder.inner[parts[-1]] = Member(parts[-1], label, is_folder=False, source=member.source)


def _folder(root: Member, parts: Sequence[str]) -> Member | None:
    """The folder that a path leads to; None where a part of it is a file."""
    folder = root
    for part in parts:
        folder = folder.inner.setdefault(part, Member(part, f"{folder.label}/{part}", is_folder=True))
        if not folder.is_folder:
            return None
    return folder


def _problem(name: str, parts: Sequence[str]) -> str:
    if name.startswith(("/", "\\")) or name[1:2] == ":" or any(part in ("", ".", "..") for part in parts):
        return "leads out of the archive; it is left out"
    if len(parts) > _DEEPEST:
        return f"lies deeper than {_DEEPEST} folders; it is left out"
    if max(map(len, parts)) > _LONGEST_NAME:
        return f"has a name of more than {_LONGEST_NAME} letters; it is left out"
    return ""
