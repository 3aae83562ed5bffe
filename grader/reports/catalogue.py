"""The catalogue of known mistakes, as Markdown and for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from grader.diagnosis.catalogue import Catalogue, KnownMistake


def as_markdown(slug: str, catalogue: Catalogue) -> str:
    """One section for an exercise, one for each mistake."""
    lines = [f"## `{slug}`", ""]
    for step, entries in _by_step(catalogue):
        lines += [f"### {step[0].upper()}{step[1:]}", ""]
        for e in entries:
            lines += [f"**{_ids(catalogue, e)}**: {e.title}.", ""]
            if e.used:
                lines += [f"`{e.used}`" + (f" for `{e.right}`" if e.right else ""), ""]
            lines += [f"{number}. {hint}" for number, hint in enumerate(e.hints["en"], start=1)] + [""]
            if e.same_as:
                lines += ["Gives the same numbers: " + ", ".join(f"`{other}`" for other in e.same_as) + ".", ""]
    return "\n".join(lines)


def as_text(slug: str, catalogue: Catalogue, language: str) -> Group:
    """Each mistake with its formula and its hints."""
    parts: list[Text | Padding] = [Text(slug, style="bold")]
    for step, entries in _by_step(catalogue):
        parts += [Text(), Text(step, style="bold")]
        for e in entries:
            parts.append(Padding(Text(f"{_ids(catalogue, e).replace('`', '')}: {e.title}"), (0, 0, 0, 2), expand=False))
            formula = [Text(e.used, style="dim")] if e.used else []
            hints = [Text(hint) for hint in e.hints.get(language, e.hints["en"])]
            parts += [Padding(text, (0, 0, 0, 6), expand=False) for text in (*formula, *hints)]
    return Group(*parts)


def _by_step(catalogue: Catalogue) -> Iterator[tuple[str, list[KnownMistake]]]:
    """The entries step by step; one that is in two places, or shows in several ways, comes once."""
    first: dict[str, KnownMistake] = {}
    for e in catalogue.entries:
        first.setdefault(e.family, e)
    for step in dict.fromkeys(e.step for e in catalogue.entries):
        yield str(step), [e for e in catalogue.of(step) if first[e.family] is e]


def _ids(catalogue: Catalogue, e: KnownMistake) -> str:
    same = dict.fromkeys(other.id for other in catalogue.of(e.step) if other.family == e.family)
    return ", ".join(f"`{id}`" for id in same)  # noqa: A001  the field's name
