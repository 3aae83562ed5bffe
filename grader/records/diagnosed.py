"""Which step is wrong, and where in the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.wire.facts import Fact


class Certainty(StrEnum):
    """How well a mistake is supported."""

    PROVED = "proved"
    """All numbers of all trials are those that it gives."""
    SUPPORTED = "supported"
    """So are those of its own step; another step is wrong in an unknown way."""
    SEEN = "seen"
    """Seen in how the run went, not in its numbers."""


@dataclass(frozen=True)
class Mistake:
    """A known mistake that reproduces the submission's numbers.

    `where` is the place in the net, in words. `hints` holds for each language a nudge, a pointer and an explanation.
    `used` and `right` are formulas, for the instructor. `same_as` names mistakes that give the same numbers.
    """

    id: str
    title: str
    step: str
    where: str
    certainty: Certainty
    used: str
    right: str
    hints: Mapping[str, tuple[str, ...]]
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnknownMistake:
    """A step that is wrong in a way nobody has described, the topmost layer where it is, and what is true of it."""

    step: str
    layer: int | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Place:
    """An expression of a submission that is wrong, proved by running the submission with its value corrected.

    Attributes:
        file: the name of the file; `cell` is the number of the cell of a notebook, counted from 1.
        line: from 1; columns count characters from 0, and `end_column` is the one after the last.
        text: the expression, as it is written.
        is_: which quantity of the derivation it holds; None where that is not for the reader, as with the next two.
        should_be: which one belongs there.
        relation: how the one stands to the other.
        mended: the outputs that a corrected value makes right; `left` those that are wrong all the same.
        lines: the lines around it, with their numbers.
        follows: numbers of other lines of that file or cell that are right once this one is.
        begins_here: whether all that it is made of is known; else the mistake may lie in that.
    """

    file: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    is_: Fact | None
    should_be: Fact | None
    relation: Fact | None
    mended: tuple[str, ...]
    left: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]
    follows: tuple[int, ...]
    begins_here: bool = True


@dataclass(frozen=True)
class Annotation:
    """Which quantity of the derivation the largest expression of a line holds; `text` is the line."""

    file: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    is_: Fact


@dataclass(frozen=True)
class Diagnosis:
    """Which steps of the derivation are wrong, in the order of the derivation.

    `places` are the expressions that are wrong, best first; with `mended`, all values and gradients are right once they
    are. `annotations` tell what the lines of the code hold.
    `catalogue` tells whether there were known mistakes to compare with: on a student's machine there are none.
    """

    mistakes: tuple[Mistake, ...] = ()
    unknown: tuple[UnknownMistake, ...] = ()
    catalogue: bool = True
    places: tuple[Place, ...] = ()
    mended: bool = False
    annotations: tuple[Annotation, ...] = ()
