"""Words for facts: one file a language, one sentence a kind. Pure.

A sentence is text with places for values: `{name}`; `{share:.0%}` as Python formats it; `{n:one entry|{n} entries}`,
the first where n is one, or a truth value that is true, or a text that is there, else the second; and forms of this
program: `index` for [1, 0], `digits` for two numbers shown so far that they differ, `places` for lines of code, `some`
for the first of many names and how many more there are, `any` for names of which one is meant. A fact among the values
is said in the same language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

from grader.wire.facts import Fact
from grader.words import (
    en,
    en_desk,
    en_errors,
    en_notes,
    en_notices,
    en_places,
    en_reading,
    en_training,
    fr,
    fr_desk,
    fr_errors,
    fr_formula,
    fr_notes,
    fr_notices,
    fr_places,
    fr_reading,
    fr_titles,
    fr_training,
)

_FILES = {
    "en": (en, en_desk, en_errors, en_notes, en_notices, en_places, en_reading, en_training),
    "fr": (fr, fr_desk, fr_errors, fr_notes, fr_notices, fr_places, fr_reading, fr_training),
}
LANGUAGES: Mapping[str, Mapping[str, str]] = {
    language: {kind: text for file in files for kind, text in file.SENTENCES.items()}
    for language, files in _FILES.items()
}
TITLES: Mapping[str, Mapping[str, str]] = {"fr": fr_titles.TITLES | fr_formula.TITLES}
"""Titles that exercises give in English, in other languages."""
_SHOWN = 12
_ONE: Mapping[str, Callable[[float], bool]] = {"en": lambda n: n == 1, "fr": lambda n: abs(n) < 2}
"""Of what a language speaks in the singular."""


def say(fact: Fact, language: str = "en") -> str:
    """The sentence for a fact; in English where a language lacks it.

    Raises:
        KeyError: no language has a sentence for this kind, or it lacks a value.
    """
    known = language if fact.kind in LANGUAGES.get(language, {}) else "en"
    return _filled(LANGUAGES[known][fact.kind], fact.values, known)


class Words:
    """What is said in one language besides facts: titles, labels, sentences of the program's own."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, kind: str, **values: Any) -> str:
        """The sentence of a kind, with some values."""
        return say(Fact(kind, values), self.language)

    def say(self, fact: Fact | None) -> str:
        """The sentence for a fact; empty where there is none."""
        return say(fact, self.language) if fact else ""

    def title(self, title: str) -> str:
        """A title of an exercise, of a check or a known mistake, in this language; as it is where it has none."""
        return TITLES.get(self.language, {}).get(title, title)

    def name(self, group: str, name: str) -> str:
        """What one of the program's own names is called, `step: output delta`; the name itself where there is none."""
        kind = f"{group}: {name}"
        return self(kind) if kind in LANGUAGES["en"] else name


def _filled(sentence: str, values: Mapping[str, Any], language: str) -> str:
    """A sentence with its values. What a value holds is never read as a sentence."""
    parts = []
    for literal, field, spec, _ in Formatter().parse(sentence):
        parts.append(literal)
        if field is not None:
            parts.append(_shown(values[field], spec or "", values, language))
    return "".join(parts)


def _shown(value: Any, spec: str, values: Mapping[str, Any], language: str) -> str:
    choices = _choices(spec)
    if len(choices) == 2:
        return _filled(choices[0] if _is_first(value, language) else choices[1], values, language)
    match spec:
        case "lines":
            return "\n".join(_plain(item, language) for item in value)
        case "index":
            return f"[{', '.join(map(str, value))}]"
        case "digits":
            return _number(value, f".{values['digits']}g", language)
        case "some":
            return _some(value, language)
        case "any":
            return f" {say(Fact('or'), language)} ".join(_plain(one, language) for one in value)
        case "places":
            return "".join(
                say(Fact("place", dict(zip(("where", "line", "function", "source"), p, strict=True))), language)
                for p in value
            )
        case "":
            return _plain(value, language)
    return _number(value, spec, language)


def _choices(spec: str) -> list[str]:
    """The two parts of a choice; a bar inside of a place for a value belongs to that one."""
    depth = 0
    for at, letter in enumerate(spec):
        depth += (letter == "{") - (letter == "}")
        if letter == "|" and depth == 0:
            return [spec[:at], spec[at + 1 :]]
    return [spec]


def _is_first(value: Any, language: str) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return _ONE[language](value) if is_number else bool(value)


def _plain(value: Any, language: str) -> str:
    match value:
        case Fact():
            return say(value, language)
        case bool() | int() | str():
            return str(value)
        case tuple() | list():
            return _listed(value, language)
    return _number(value, ".5g", language)


def _listed(values: tuple[Any, ...] | list[Any], language: str) -> str:
    """A shape as Python writes it; names, shapes and facts one after the other."""
    if all(isinstance(value, int) for value in values):
        return str(tuple(values))
    between = say(Fact("between"), language) if any(isinstance(value, Fact) for value in values) else ", "
    return between.join(_plain(value, language) for value in values)


def _some(values: tuple[Any, ...] | list[Any], language: str) -> str:
    shown = ", ".join(_plain(value, language) for value in values[:_SHOWN])
    more = len(values) - _SHOWN
    return f"{shown} {say(Fact('and-so-many-more', {'n': more}), language)}" if more > 0 else shown


def _number(value: float | None, spec: str, language: str) -> str:
    if value is None or not math.isfinite(value):
        return say(Fact("not-finite"), language)
    return format(value, spec)
