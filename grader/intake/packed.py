"""What is in an archive, whatever its kind: names, and a way to each member's bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.errors import SubmissionError
from grader.submission import too_large
from grader.wire.facts import Fact

LARGEST_RATIO = 200
"""Times that something may be larger than it is in an archive, once it is larger than `SMALL` bytes."""
SMALL = 2**20

Source = Callable[[str, int], bytes]
"""The bytes of a member, by how people call it and how many at most; it raises SubmissionError."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A member: its name as it stands in the archive, and its size as the archive declares it."""

    name: str
    size: int
    is_folder: bool
    source: Source


def refuse(label: str, size: int, most: int, packed: int | None = None) -> None:
    """Object to a member before anything of it is unpacked.

    Args:
        packed: its bytes in the archive, where they are told.
    """
    if size > most:
        raise SubmissionError.of(label, too_large(most, is_notebook=True))
    if packed is not None and size > SMALL and size > LARGEST_RATIO * max(1, packed):
        raise SubmissionError.of(label, Fact("grows-in-the-archive", {"times": LARGEST_RATIO}))
