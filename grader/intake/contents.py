"""What one student handed in: the files in all folders and archives of it, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.errors import SubmissionError
from grader.intake.archive import open_inner
from grader.intake.kinds import Kind, is_foreign_archive, kind_of, source_ending
from grader.intake.nodes import Node, is_hidden
from grader.wire.facts import Fact

MOST_FILES = 500
"""Of one student: more are not looked at."""
_DEEPEST = 12
_MOST_ARCHIVES = 8
_DEEPEST_ARCHIVE = 3
_MOST_LOOKED_INTO = 64 * 2**20
"""Bytes of files of one student that are read to find out what they are."""


@dataclass(slots=True)
class Contents:
    """The files of one hand-in.

    Attributes:
        files: what may be the submission or a module of it: Python files and notebooks.
        beside: other files, which these may open.
        others: what the other files are called, and why they are not looked into.
        problems: what stands in the way of files that may be the submission.
        told: what else is worth telling: of two members of one name, the later is taken.
    """

    files: list[Node] = field(default_factory=list)
    beside: list[Node] = field(default_factory=list)
    others: list[Fact] = field(default_factory=list)
    problems: list[Fact] = field(default_factory=list)
    told: list[Fact] = field(default_factory=list)


def contents_of(nodes: Iterable[Node]) -> Contents:
    """Look through folders and archives, within bounds of depth, number and size."""
    look = _Look()
    for place, node in enumerate(look.leaves(nodes)):
        if place >= MOST_FILES:
            look.problem(node, Fact("is-one-of-too-many", {"most": MOST_FILES}))
            break
        look.sort(node)
    return look.found


class _Look:
    """One look through a hand-in, and how much of it was opened so far."""

    def __init__(self) -> None:
        self.found = Contents()
        self._archives = 0
        self._bytes = 0

    def problem(self, node: Node, why: Fact) -> None:
        """Note what stands in the way of a file."""
        self.found.problems.append(SubmissionError.of(node.label, why).why)

    def leaves(self, nodes: Iterable[Node], depth: int = 0, inside: int = 0) -> Iterator[Node]:
        """All files, but for archives that can be opened: these are what is in them.

        Args:
            depth: of folders and archives around the nodes.
            inside: of archives alone.
        """
        for node in nodes:
            if is_hidden(node.name) and depth:
                continue
            if node.is_folder and depth < _DEEPEST:
                yield from self.leaves(node.children(), depth + 1, inside)
            elif node.is_folder:
                self.problem(node, Fact("lies-too-deep", {"folders": _DEEPEST}))
            elif kind_of(node.name) is Kind.ARCHIVE:
                yield from self.leaves(self._opened(node, inside), depth + 1, inside + 1)
            else:
                yield node

    def _opened(self, node: Node, inside: int) -> Iterable[Node]:
        self._archives += 1
        if self._archives > _MOST_ARCHIVES or inside >= _DEEPEST_ARCHIVE:
            self.problem(node, Fact("is-one-archive-too-many"))
            return ()
        try:
            tree, told = open_inner(node)
        except SubmissionError as error:
            self.found.problems.append(error.why)
            return ()
        self.found.told += told
        return tree.children()

    def sort(self, node: Node) -> None:
        """Put a file where it belongs."""
        kind = kind_of(node.name)
        if kind is Kind.SOURCE:
            self.found.files.append(node)
            return
        self.found.beside.append(node)
        if is_foreign_archive(node.name):
            self.found.others.append(Fact("a-file-to-unpack", {"name": node.name}))
        elif kind is Kind.OTHER:
            self.found.others.append(Fact("a-file", {"name": node.name}))
        elif self._bytes > _MOST_LOOKED_INTO:
            self.found.others.append(Fact("a-file-not-looked-into", {"name": node.name}))
        else:
            try:
                self._look_into(node)
            except SubmissionError as error:
                self.found.problems.append(error.why)

    def _look_into(self, node: Node) -> None:
        data = node.data()
        self._bytes += len(data)
        if source_ending(node.name, data):
            self.found.files.append(node)
        else:
            self.found.others.append(Fact("a-file", {"name": node.name}))
