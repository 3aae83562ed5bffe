"""What is true of a submission, without words: a kind, and the numbers and names that belong to it.

Facts cross the boundary, are judged, counted and stored; a sentence is made of one where somebody reads it
(`grader.words`), in their language. Nothing parses a sentence back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

Atom = int | float | str | bool | None
"""A number that is not finite may be None: JSON has no other word for it."""
Value = Union[Atom, "Fact", tuple[Atom, ...], tuple[tuple[Atom, ...], ...], tuple["Fact", ...]]


@dataclass(frozen=True)
class Fact:
    """For example `Fact("shape-differs", {"have": (3, 2), "want": (2, 3)})`.

    Attributes:
        kind: what is the case; every kind has a sentence in each language of `grader.words`.
        values: what the sentence needs: numbers, shapes, names of quantities, text that a student wrote, or another
            fact that is the reason; never a sentence. A float is a number of a trial, and is as secret as the trial; a
            whole number counts something, and is not.
    """

    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)
