"""What is said of hints besides the hints themselves."""

from __future__ import annotations

from grader.records import Diagnosis
from grader.words import Words


def proviso(diagnosis: Diagnosis, words: Words) -> str:
    """What must stand before the hints where more than one thing is wrong; else empty.

    A hint may say that the biases are right: true of its mistake, and not of the next one.
    """
    hinted = any(any(mistake.hints.values()) for mistake in diagnosis.mistakes)
    several = len(diagnosis.mistakes) + len(diagnosis.unknown) > 1
    return words("each-hint-alone") if hinted and several else ""
