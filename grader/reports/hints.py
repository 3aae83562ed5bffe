"""What is said of hints besides the hints themselves."""

from __future__ import annotations

from grader.records import Diagnosis

_PROVISO = {
    "en": "Each hint speaks of its own mistake, as if all the rest were right.",
    "fr": "Chaque indice parle de son erreur à lui, comme si tout le reste était juste.",
}


def proviso(diagnosis: Diagnosis, language: str) -> str:
    """What must stand before the hints where more than one thing is wrong; else empty.

    A hint may say that the biases are right: true of its mistake, and not of the next one.
    """
    hinted = any(any(mistake.hints.values()) for mistake in diagnosis.mistakes)
    several = len(diagnosis.mistakes) + len(diagnosis.unknown) > 1
    return _PROVISO.get(language, _PROVISO["en"]) if hinted and several else ""
