"""Who handed in what: walk the paths that were given, and put the files of each student together."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path, PurePath

from grader.errors import SubmissionError, ToldError
from grader.intake import layout
from grader.intake.archive import open_archive
from grader.intake.contents import Contents, contents_of
from grader.intake.kinds import Kind, is_source, kind_of
from grader.intake.naming import Student
from grader.intake.nodes import Node, OnDisk, is_hidden
from grader.intake.systems import gradescope
from grader.intake.whose import ClassItem, Owner, owners
from grader.wire.facts import Fact

_REPORTS, _MARK = "batch.json", b'"schema": "grader/batch/'
"""By this a folder of reports is known."""
_ENTERED = {"link": "a-web-address", "text": "a-typed-text", "receipt": "a-receipt"}


@dataclass(frozen=True)
class HandIn:
    """What one student handed in: a set of files.

    Attributes:
        nodes: the files and folders in the folder of the class.
        rivals: other entries that claim the same identity; then `student` is nobody but the entry itself.
        entered: what was entered in place of files.
        originals: the names that the student gave to the nodes, where they are told.
        system: by whose grammar the names were read; empty where no system made them.
    """

    student: Student
    label: str
    nodes: tuple[Node, ...]
    rivals: tuple[str, ...] = ()
    entered: tuple[Fact, ...] = ()
    originals: tuple[str, ...] = ()
    system: str = ""

    @cached_property
    def contents(self) -> Contents:
        """All files; folders and archives are gone through when it is asked for."""
        return contents_of(self.nodes)

    @cached_property
    def places(self) -> dict[PurePath, Node]:
        """Where each file is in the hand-in."""
        return self._placed(self.files)

    @cached_property
    def beside(self) -> dict[PurePath, Node]:
        """Where the other files are, which these may open."""
        return self._placed(self.contents.beside)

    def _placed(self, nodes: Iterable[Node]) -> dict[PurePath, Node]:
        parent = self.label.removesuffix(self.nodes[0].name)
        originals = {node.label: name for node, name in zip(self.nodes, self.originals, strict=False) if name}
        found: dict[PurePath, Node] = {}
        for node in nodes:
            original = PurePath(originals.get(node.label, "")).name
            called = (_as_named(original), original) if original else ()
            free = (PurePath(name) for name in called if PurePath(name) not in found)
            found[next(free, PurePath(node.label.removeprefix(parent)))] = node
        return found

    @property
    def files(self) -> list[Node]:
        """What may be the submission, or a module of it."""
        return self.contents.files


def _as_named(original: str) -> str:
    """What the student called a file: Canvas makes `utils-1.py` of a second `utils.py`; no module has such a name."""
    return re.sub(r"-\d{1,3}(?=\.py$)", "", original) or original


class Intake:
    """Everything that the paths lead to. `hand_ins` can be walked again and again; `ignored` is told to the user."""

    def __init__(
        self,
        paths: Sequence[str],
        without: Path | None = None,
        *,
        is_whole: layout.IsWhole = lambda file: is_source(file.name),
        each: str = "",
    ) -> None:
        """Open the archives and look at the paths.

        Args:
            paths: files, folders, zip archives, or patterns of them.
            without: a folder that is no part of it, where the reports go.
            is_whole: tells files that are submissions from their modules; asked only where it is open whether a folder
                is one student's or a class.
            each: `student` or `class` where a person says what each of the paths is.

        Raises:
            GraderError: a path leads nowhere, or an archive cannot be used, or it is open what the paths are.
        """
        self.ignored: list[Fact] = []
        self._without = str(without.resolve()) if without else ""
        matched = [Path(name) for path in paths for name in _matches(path)]
        given = [self._node(path, each, alone=len(matched) == 1) for path in matched]
        containers = [node for node in given if node.is_folder]
        if not each and containers:
            each = "class" if len(given) == 1 or layout.are_classes(given, is_whole) else "student"
        students = [node for node in given if each != "class" or not node.is_folder]
        self._students = [list(group) for _, group in groupby(students, key=lambda node: Path(node.label).parent)]
        self._classes = [layout.unwrapped(node, is_whole, self._is_left_out) for node in containers if each == "class"]
        for listing in self._listings():
            self.ignored += _told(listing)

    def hand_ins(self) -> Iterator[HandIn]:
        """One by one, in an order that does not change; the same student may come again, with another attempt."""
        for listing in self._listings():
            nodes = [node for node in listing if _is_handed_in(node)]
            entries = [ClassItem(node.name, node.is_folder) for node in nodes]
            for owner in owners(entries, _submitters(listing)):
                yield _hand_in(owner, nodes)

    def _listings(self) -> Iterator[list[Node]]:
        """The entries of each class."""
        for nodes in (*self._students, *(folder.children() for folder in self._classes)):
            yield [node for node in nodes if not self._is_left_out(node)]

    def _node(self, path: Path, each: str, alone: bool) -> Node:
        if not path.exists() and not path.is_symlink():
            raise ToldError(Fact("nothing-there", {"file": str(path)}))
        if path.is_file() and kind_of(path.name) is Kind.ARCHIVE and each != "student":
            tree, told = open_archive(path)
            self.ignored += told
            return tree
        return OnDisk(str(path), path.is_dir() and (alone or not path.is_symlink()))

    def _is_left_out(self, node: Node) -> bool:
        return bool(self._without) and node.is_folder and str(Path(node.label).resolve()) == self._without


def _told(listing: Sequence[Node]) -> Iterator[Fact]:
    """What is to be said of the entries of a class that are nobody's."""
    of_tools = [node for node in listing if is_hidden(node.name)]
    if of_tools:
        folder = of_tools[0].label.removesuffix(of_tools[0].name)
        yield Fact("of-tools", {"folder": folder, "files": tuple(node.name for node in of_tools)})
    for node in listing:
        if _is_metadata(node):
            yield Fact("tells-whose-folders", {"file": node.label})
        elif node.is_folder and _is_of_reports(node):
            yield Fact("is-of-reports", {"file": node.label})


def _is_handed_in(node: Node) -> bool:
    return not (is_hidden(node.name) or _is_metadata(node) or (node.is_folder and _is_of_reports(node)))


def _is_metadata(node: Node) -> bool:
    return node.name == gradescope.METADATA and not node.is_folder


def _hand_in(owner: Owner, nodes: Sequence[Node]) -> HandIn:
    own = tuple(nodes[number] for number in owner.entries)
    entered = tuple(
        Fact(_ENTERED[what], {"name": child.name})
        for node, what in zip(own, owner.entered, strict=True)
        if what
        for child in (node.children() if node.is_folder else [node])
    )
    return HandIn(owner.student, own[0].label, own, owner.rivals, entered, owner.originals, owner.system)


def _is_of_reports(folder: Node) -> bool:
    about = next((child for child in folder.children() if child.name == _REPORTS and not child.is_folder), None)
    try:
        return about is not None and _MARK in about.data()
    except SubmissionError:
        return False


def _matches(given: str) -> list[str]:
    """The paths that a pattern stands for, where the shell has not replaced it."""
    if not glob.has_magic(given) or Path(given).exists():
        return [given]
    found = sorted(glob.glob(given, recursive=True))  # noqa: PTH207  a pattern may be absolute
    if not found:
        raise ToldError(Fact("nothing-matches", {"pattern": given}))
    return found


def _submitters(listing: Sequence[Node]) -> dict[str, tuple[Student, ...]]:
    """Whose the folders of a Gradescope export are; the members of a group all get the report."""
    metadata = next((node for node in listing if _is_metadata(node)), None)
    if metadata is None:
        return {}
    return gradescope.parse_submitters(metadata.data(_LARGEST_METADATA).decode("utf-8", "replace"))


_LARGEST_METADATA = 256 * 2**20
