"""What validation tells: steps that were looked at, and problems with their place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Location:
    """A line of a file; lines count from one."""

    file: Path
    line: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Flaw:
    """Something that the author must change: where, what is wrong, and what to write instead unless that is said."""

    place: Location
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {'; '.join(filter(None, (self.what, self.remedy)))}"


@dataclass(frozen=True)
class Item:
    """One line of the checklist.

    `told` says what was seen, or why nothing was. `looked` is False where the exercise has nothing of the kind, or an
    earlier problem keeps it from being looked at.
    """

    title: str
    told: str
    problems: tuple[Flaw, ...] = ()
    looked: bool = True

    @property
    def holds(self) -> bool:
        """Whether it was looked at, and nothing is wrong."""
        return self.looked and not self.problems
