"""Look into zip archives that strangers filled. Nothing is written to disk: a member is read when it is graded."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import GraderError, SubmissionError
from grader.intake.kinds import is_source
from grader.intake.nodes import Node
from grader.submission import LARGEST

MOST_MEMBERS = 250_000
LARGEST_TOTAL = 32 * 2**30
"""Bytes that all members may have together, as they declare; more is never read of them."""
LARGEST_RATIO = 200
"""Times that a member may be larger than it is in the archive, once it is larger than `_SMALL` bytes."""
LARGEST_INNER = 64 * 2**20
"""Bytes of an archive that lies in a hand-in; it is held in memory while that is looked at."""
MOST_INNER_MEMBERS = 5_000
_SMALL = 2**20
_DEEPEST = 32
_LONGEST_NAME = 255
_SHOWN = 80
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others may ask for gigabytes of memory before the first byte."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


@dataclass(slots=True)
class Member:
    """A file or folder of an archive."""

    name: str
    label: str
    is_folder: bool
    archive: zipfile.ZipFile | None = None
    info: zipfile.ZipInfo | None = None
    inner: dict[str, Member] = field(default_factory=dict)

    def children(self) -> Sequence[Node]:
        """What is in the folder, by name."""
        return [self.inner[name] for name in sorted(self.inner)]

    def data(self, most: int = LARGEST) -> bytes:
        """What is in the member, no more than it declares."""
        if self.archive is None or self.info is None:
            raise SubmissionError(f"{self.label}: is a folder")
        _refuse(self.label, self.info, most)
        try:
            with self.archive.open(self.info) as file:
                return file.read(most + 1)
        except _DAMAGED as error:
            raise SubmissionError(f"{self.label}: is damaged in the archive: {error}") from error


def open_archive(path: Path) -> tuple[Member, list[str]]:
    """The archive of a class as a tree, and what was left out of it and why.

    Raises:
        GraderError: it is no zip archive, or holds more than can have been handed in.
    """
    return _tree(path, path.name, str(path), MOST_MEMBERS)


def open_inner(node: Node) -> tuple[Member, list[str]]:
    """An archive that lies in a hand-in as a tree, and what was left out of it and why.

    Raises:
        SubmissionError: it cannot be read, is no zip archive, or holds more than can have been handed in.
    """
    data = node.data(LARGEST_INNER)
    if len(data) > LARGEST_INNER:
        raise SubmissionError(f"{node.label}: is larger than {LARGEST_INNER >> 20} MB; it is not opened")
    try:
        return _tree(io.BytesIO(data), node.name, node.label, MOST_INNER_MEMBERS)
    except GraderError as error:
        raise SubmissionError(str(error)) from error


def _tree(source: Path | io.BytesIO, name: str, label: str, most: int) -> tuple[Member, list[str]]:
    try:
        archive = zipfile.ZipFile(source)
    except _DAMAGED as error:
        raise GraderError(f"{label}: is not a zip archive that can be read: {error}") from error
    members = archive.infolist()
    if len(members) > most:
        raise GraderError(f"{label}: has {len(members):,} members; more than {most:,} are not read")
    total = sum(info.file_size for info in members if is_source(info.filename))
    if total > LARGEST_TOTAL:
        raise GraderError(f"{label}: would be {total >> 30} GB; more than {LARGEST_TOTAL >> 30} are not read")
    root = Member(name, label, is_folder=True)
    return root, list(_fill(root, archive, members))


def _fill(root: Member, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Put members where they belong; yields what is to be said of those that belong nowhere, or are there twice."""
    for info in members:
        name = _decoded(info)
        parts = name.replace("\\", "/").removeprefix("./").removesuffix("/").split("/")
        problem = _problem(name, parts)
        folder = None if problem else _folder(root, parts[:-1])
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
        if folder is None:
            yield f"{root.label}: {shown!r} {problem or 'lies in what is a file there, too; it is left out'}"
            continue
        label = f"{folder.label}/{parts[-1]}"
        there = folder.inner.get(parts[-1])
        if info.is_dir():
            folder.inner.setdefault(parts[-1], Member(parts[-1], label, is_folder=True))
            continue
        if there is not None and there.is_folder:
            yield f"{root.label}: {shown!r} is a folder there, too; the file is left out"
            continue
        if there is not None:
            yield f"{root.label}: {shown!r} is there twice; the later one is taken"
        folder.inner[parts[-1]] = Member(parts[-1], label, is_folder=False, archive=archive, info=info)


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


def _refuse(label: str, info: zipfile.ZipInfo, most: int) -> None:
    """Object to a member before anything of it is unpacked."""
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SubmissionError(f"{label}: is a symbolic link; links are not followed")
    if info.flag_bits & 1:
        raise SubmissionError(f"{label}: is encrypted in the archive")
    if info.compress_type not in _METHODS:
        raise SubmissionError(f"{label}: is compressed in the archive in a way other than deflate; unpack it first")
    if info.file_size > most:
        raise SubmissionError(f"{label}: is larger than {most >> 20} MB; clear the outputs of the notebook")
    if info.file_size > _SMALL and info.file_size > LARGEST_RATIO * max(1, info.compress_size):
        raise SubmissionError(f"{label}: grows more than {LARGEST_RATIO} times when it is unpacked; it is not opened")


def _decoded(info: zipfile.ZipInfo) -> str:
    """The name of a member; many programs write UTF-8 without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename
