"""The grammars by which learning management systems name what they export. Pure: a name in, what it claims out."""

from __future__ import annotations

from collections import Counter

from grader.intake.systems import blackboard, canvas, gradescope, moodle, plain
from grader.intake.systems.claim import Claim

__all__ = ["Claim", "claim_of", "is_of_a_system", "system_of_most"]


def claim_of(name: str, *, is_folder: bool) -> Claim:
    """What the name of a file or folder in a class says of its owner; by its own name where no system made it."""
    return _of_a_system(name, is_folder=is_folder) or plain.parse(name, is_folder=is_folder)


def is_of_a_system(name: str, *, is_folder: bool) -> bool:
    """Whether a name is as a system makes them."""
    return _of_a_system(name, is_folder=is_folder) is not None


def system_of_most(names: Counter[str]) -> str:
    """The system that made more than half of some names; empty where there is none.

    Args:
        names: how many each system made; the empty one, those that none did.
    """
    system, count = next(iter(names.most_common(1)), ("", 0))
    return system if 2 * count > names.total() else ""


def _of_a_system(name: str, *, is_folder: bool) -> Claim | None:
    if is_folder:
        return moodle.parse(name) or gradescope.parse(name)
    return moodle.parse(name) or blackboard.parse(name) or canvas.parse(name)
