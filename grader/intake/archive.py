"""Look into archives that strangers filled. A member is read when it is graded, and never written anywhere."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import SubmissionError, of_system
from grader.intake import tars, zips
from grader.intake.kinds import is_source
from grader.intake.nodes import Node
from grader.intake.packed import Packed, Source
from grader.submission import LARGEST
from grader.wire.facts import Fact

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
            raise SubmissionError.of(self.label, Fact("is-a-folder"))
        return self.source(self.label, most)


def open_archive(path: Path) -> tuple[Member, list[Fact]]:
    """The archive of a class as a tree, and what was left out of it and why.

    Raises:
        SubmissionError: it cannot be read, is no archive that is opened, or holds more than can have been handed in.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(_BEGIN)
    except OSError as error:
        raise SubmissionError.of(path, Fact("cannot-be-opened", {"error": of_system(error)})) from error
    return _tree(path, begin, path.name, str(path), MOST_MEMBERS)


def open_inner(node: Node) -> tuple[Member, list[Fact]]:
    """An archive that lies in a hand-in as a tree, and what was left out of it and why.

    Raises:
        SubmissionError: it cannot be read, is no archive that is opened, or holds more than can have been handed in.
    """
    data = node.data(LARGEST_INNER)
    if len(data) > LARGEST_INNER:
        raise SubmissionError.of(node.label, Fact("is-too-large-to-open", {"megabytes": LARGEST_INNER >> 20}))
    return _tree(io.BytesIO(data), data[:_BEGIN], node.name, node.label, MOST_INNER_MEMBERS)


def _tree(source: Path | io.BytesIO, begin: bytes, name: str, label: str, most: int) -> tuple[Member, list[Fact]]:
    """The first bytes tell whether it is a zip or a tar archive; where they do not, its name."""
    is_tar = tars.is_tar(begin) or not (begin.startswith(b"PK") or name.lower().rstrip(" .").endswith(".zip"))
    largest = LARGEST_CLASS if most == MOST_MEMBERS else LARGEST_UNPACKED
    members = tars.members(source, label, most, largest) if is_tar else zips.members(source, label)
    if len(members) > most:
        raise SubmissionError.of(label, Fact("has-too-many-members", {"n": len(members), "most": most}))
    total = sum(member.size for member in members if is_source(member.name))
    if total > LARGEST_TOTAL:
        values = {"gigabytes": total >> 30, "most": LARGEST_TOTAL >> 30}
        raise SubmissionError.of(label, Fact("would-be-too-large", values))
    root = Member(name, label, is_folder=True)
    return root, list(_fill(root, members))


def _fill(root: Member, members: Sequence[Packed]) -> Iterator[Fact]:
    """Put members where they belong; yields what is to be said of those that belong nowhere, or are there twice."""
    for member in members:
        name = member.name
        parts = name.replace("\\", "/").removeprefix("./").removesuffix("/").split("/")
        if parts == ["."]:  # tar has the folder itself among its members
            continue
        problem = _problem(name, parts)
        folder = None if problem else _folder(root, parts[:-1])
        shown = repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}...")
        if folder is None:
            yield _told(root, shown, problem or Fact("lies-in-a-file"))
            continue
        label = f"{folder.label}/{parts[-1]}"
        there = folder.inner.get(parts[-1])
        if member.is_folder:
            folder.inner.setdefault(parts[-1], Member(parts[-1], label, is_folder=True))
            continue
        if there is not None and there.is_folder:
            yield _told(root, shown, Fact("is-a-folder-there-too"))
            continue
        if there is not None:
            yield _told(root, shown, Fact("is-there-twice"))
        folder.inner[parts[-1]] = Member(parts[-1], label, is_folder=False, source=member.source)


def _told(root: Member, name: str, what: Fact) -> Fact:
    return Fact("of-a-member", {"archive": root.label, "name": name, "what": what})


def _folder(root: Member, parts: Sequence[str]) -> Member | None:
    """The folder that a path leads to; None where a part of it is a file."""
    folder = root
    for part in parts:
        folder = folder.inner.setdefault(part, Member(part, f"{folder.label}/{part}", is_folder=True))
        if not folder.is_folder:
            return None
    return folder


def _problem(name: str, parts: Sequence[str]) -> Fact | None:
    if name.startswith(("/", "\\")) or name[1:2] == ":" or any(part in ("", ".", "..") for part in parts):
        return Fact("leads-out")
    if len(parts) > _DEEPEST:
        return Fact("lies-too-deep", {"folders": _DEEPEST})
    if max(map(len, parts)) > _LONGEST_NAME:
        return Fact("has-a-long-name", {"letters": _LONGEST_NAME})
    return None
