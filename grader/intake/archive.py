"""Look into a zip archive that strangers filled. Nothing is written to disk: a member is read when it is graded."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import GraderError, SubmissionError
from grader.intake.nodes import Node, is_hidden, is_source
from grader.submission import LARGEST

MOST_MEMBERS = 250_000
LARGEST_TOTAL = 32 * 2**30
"""Bytes that all members may have together, as they declare; more is never read of them."""
LARGEST_RATIO = 200
"""Times that a member may be larger than it is in the archive, once it is larger than `_SMALL` bytes."""
_SMALL = 2**20
_DEEPEST = 32
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others may ask for gigabytes of memory before the first byte."""


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

    def data(self) -> bytes:
        """What is in the member, no more than it declares."""
        if self.archive is None or self.info is None:
            raise SubmissionError(f"{self.label}: is a folder")
        _refuse(self.label, self.info)
        try:
            with self.archive.open(self.info) as file:
                return file.read(LARGEST + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
            ValueError,
        ) as error:
            raise SubmissionError(f"{self.label}: is damaged in the archive: {error}") from error


def open_archive(path: Path) -> tuple[Member, list[str]]:
    """The archive as a tree, and what was left out of it and why.

    Raises:
        GraderError: it is no zip archive, or holds more than can have been handed in.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise GraderError(f"{path}: is not a zip archive that can be read: {error}") from error
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise GraderError(f"{path}: has {len(members):,} members; more than {MOST_MEMBERS:,} are not read")
    total = sum(info.file_size for info in members if is_source(info.filename))
    if total > LARGEST_TOTAL:
        raise GraderError(f"{path}: would be {total >> 30} GB; more than {LARGEST_TOTAL >> 30} are not read")
    root = Member(path.name, str(path), is_folder=True)
    return root, list(_fill(root, archive, members))


def _fill(root: Member, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Put members where they belong; yields what is wrong with those that belong nowhere."""
    for info in members:
        name = _decoded(info)
        parts = name.replace("\\", "/").removeprefix("./").removesuffix("/").split("/")
        if any(is_hidden(part) and part != ".." for part in parts):
            continue
        problem = _problem(name, parts, info)
        if problem:
            yield f"{root.label}: {name!r} {problem}"
            continue
        folder = root
        for part in parts[:-1]:
            label = f"{folder.label}/{part}"
            folder = folder.inner.setdefault(part, Member(part, label, is_folder=True))
        if info.is_dir():
            folder.inner.setdefault(parts[-1], Member(parts[-1], f"{folder.label}/{parts[-1]}", is_folder=True))
        elif parts[-1] in folder.inner or not folder.is_folder:
            yield f"{root.label}: {name!r} is there twice; the first is taken"
        else:
            label = f"{folder.label}/{parts[-1]}"
            folder.inner[parts[-1]] = Member(parts[-1], label, is_folder=False, archive=archive, info=info)


def _problem(name: str, parts: Sequence[str], info: zipfile.ZipInfo) -> str:
    if name.startswith(("/", "\\")) or name[1:2] == ":" or any(part in ("", ".", "..") for part in parts):
        return "leads out of the archive; it is left out"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link; it is left out"
    if len(parts) > _DEEPEST:
        return f"lies deeper than {_DEEPEST} folders; it is left out"
    return ""


def _refuse(label: str, info: zipfile.ZipInfo) -> None:
    """Object to a member before anything of it is unpacked."""
    if info.flag_bits & 1:
        raise SubmissionError(f"{label}: is encrypted in the archive")
    if info.compress_type not in _METHODS:
        raise SubmissionError(f"{label}: is compressed in the archive in a way other than deflate; unpack it first")
    if info.file_size > LARGEST:
        raise SubmissionError(f"{label}: is larger than {LARGEST >> 20} MB; clear the outputs of the notebook")
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
