"""Words for facts: one file a language, one sentence a kind. Pure."""

from __future__ import annotations

from grader.wire.facts import Fact
from grader.words import en, fr

LANGUAGES = {"en": en.SENTENCES, "fr": fr.SENTENCES}


def say(fact: Fact, language: str = "en") -> str:
    """The sentence for a fact.

    Raises:
        KeyError: no language has a sentence for this kind.
    """
    sentences = LANGUAGES.get(language, en.SENTENCES)
    return sentences.get(fact.kind, en.SENTENCES[fact.kind]).format_map(fact.values)
