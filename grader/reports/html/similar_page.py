"""Submissions that share code, side by side, as one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from grader.reports.html.page import environment
from grader.words import Words

Passages = tuple[tuple[int, int], ...]


class Pair(Protocol):
    """Two submissions that share code: names, shares 0 to 1, and where the passages are, in letters."""

    @property
    def first(self) -> str:
        """The name of one."""

    @property
    def second(self) -> str:
        """The name of the other."""

    @property
    def share_of_first(self) -> float:
        """Of its code, what the other has."""

    @property
    def share_of_second(self) -> float:
        """Of its code, what the one has."""

    @property
    def passages(self) -> tuple[Passages, Passages]:
        """Where what they share is in each."""


def similar_page(title: str, groups: Sequence[Sequence[Pair]], code: Mapping[str, str], language: str = "en") -> str:
    """The groups as an HTML document that needs no other file.

    Args:
        code: of each submission, by its name.
    """
    shown = []
    for group in groups:
        names = sorted({name for pair in group for name in (pair.first, pair.second)})
        pairs = [
            [
                (name, share, list(_lines(code[name], passages)))
                for name, share, passages in (
                    (pair.first, pair.share_of_first, pair.passages[0]),
                    (pair.second, pair.share_of_second, pair.passages[1]),
                )
            ]
            for pair in group
        ]
        shown.append((names, pairs))
    return environment().get_template("similar.html").render(title=title, groups=shown, w=Words(language))


def _lines(code: str, passages: Passages) -> Iterator[tuple[str, bool]]:
    """Each line, and whether some of it is in a passage."""
    start = 0
    for line in code.split("\n"):
        end = start + len(line)
        yield line, bool(line.strip()) and any(begin < end and start < stop for begin, stop in passages)
        start = end + 1
