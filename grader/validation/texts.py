"""The written parts of an exercise: statement, handout, hints, points."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from grader.assignment import Assignment
from grader.diagnosis.catalogue import Catalogue
from grader.validation.finding import Flaw, Item, Location
from grader.validation.places import line_with

STATEMENTS = {"README.md": "English", "README.fr.md": "French"}
HANDOUTS = ("handout.py", "handout.ipynb")
TRANSLATIONS = ("fr",)
_HEADING = re.compile(r"^#+ ", re.MULTILINE)


def statement(assignment: Assignment) -> Item:
    """There is a statement in both languages, with as many sections, and it names what is to be written."""
    return Item("statement", "in English and French", tuple(_statement(assignment)))


def _statement(assignment: Assignment) -> Iterator[Flaw]:
    sections = {}
    for name, language in STATEMENTS.items():
        path = assignment.folder / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not text.strip():
            yield Flaw(Location(path), f"there is no statement in {language}", "write one")
            continue
        sections[name] = len(_HEADING.findall(text))
        for entry, how in assignment.specification.entry_points.items():
            if not any(re.search(rf"\b{re.escape(word)}\b", text) for word in (entry, *how.accept)):
                yield Flaw(Location(path), f"`{entry}` is not mentioned", f"say what `{how.signature}` must do")
    if len(set(sections.values())) > 1:
        told = " and ".join(f"{name} {count}" for name, count in sections.items())
        yield Flaw(
            Location(assignment.folder / "README.fr.md"),
            f"the two statements have not the same sections: headings in {told}",
            "translate what is missing",
        )


def points(assignment: Assignment, graded: Mapping[str, int] | None) -> Item:
    """Points are given, and each check that has some can be earned.

    Args:
        graded: for each check the number of graded probes that report on it, if that is known.
    """
    file = assignment.folder / "assignment.yaml"
    problems = []
    if not assignment.out_of:
        problems.append(Flaw(line_with(file, "checks:"), "no check has points", "give some check `points`"))
    for check in assignment.specification.checks if graded is not None else ():
        if check.points and not (graded or {}).get(check.id):
            remedy = "let `quantities` yield one for it, or write `points: 0`"
            place = line_with(file, f"id: {check.id},", f"id: {check.id}")
            problems.append(Flaw(place, f"no graded probe reports on the check `{check.id}`", remedy))
    count = len(assignment.specification.checks)
    return Item("points", f"{assignment.out_of:g} for {count} checks", tuple(problems))


def hints(assignment: Assignment, catalogue: Catalogue) -> Item:
    """Each known mistake has three hints in English, which loading it has shown, and in each other language."""
    problems = [problem for language in TRANSLATIONS for problem in _missing(assignment, catalogue, language)]
    return Item("hints", f"{len(catalogue.entries)} known mistakes, in English and French", tuple(problems))


def _missing(assignment: Assignment, catalogue: Catalogue, language: str) -> Iterator[Flaw]:
    for entry in {e.family: e for e in catalogue.entries}.values():
        told = entry.hints.get(language, ())
        if len([text for text in told if text]) < 3:
            path = assignment.reference / f"hints.{language}.yaml"
            remedy = f"write a nudge, a pointer and an explanation under `hints:`, `{entry.family}:`"
            place = line_with(path, f"  {entry.family}:", "hints:")
            yield Flaw(place, f"`{entry.family}` lacks hints in the language `{language}`", remedy)


def untranslated(assignment: Assignment, families: set[str]) -> list[Flaw]:
    """Of a catalogue that cannot be loaded: the mistakes of which a translation has not three hints."""
    found = []
    for path in sorted(assignment.reference.glob("hints.*.yaml")):
        try:
            told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
            texts = dict(told["hints"])
        except (yaml.YAMLError, KeyError, TypeError, ValueError):
            found.append(Flaw(Location(path), "is not a mapping with `hints` and `principles`", "write both"))
            continue
        for family in sorted(families):
            if len(texts.get(family) or ()) != 3:
                what = f"`{family}` has {len(texts.get(family) or ())} hints"
                remedy = f"write a nudge, a pointer and an explanation under `hints:`, `{family}:`"
                found.append(Flaw(line_with(path, f"  {family}:", "hints:"), what, remedy))
    return found
