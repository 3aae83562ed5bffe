"""`grade list` and `grade catalogue`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from grader.cli.options import COURSE, with_language
from grader.cli.output import console
from grader.cli.status import GRADED

if TYPE_CHECKING:
    from rich.table import Table

    from grader.assignment import Assignment
    from grader.words import Words


@click.command("list", short_help="Show the assignments.")
@click.argument("of", metavar="[COURSE]", required=False)
@COURSE
@with_language
def list_command(of: str | None, course: Path | None, language: str) -> int:
    """Show the assignments, or those of one public COURSE, and what a submission to each must define."""
    from grader.assignment import load, slugs
    from grader.course import find_course
    from grader.errors import ToldError
    from grader.wire.facts import Fact
    from grader.words import Words

    words = Words(language)
    root = find_course(course)
    groups: dict[str, list[Assignment]] = {}
    for one in [load(root, slug) for slug in slugs(root)]:
        groups.setdefault(one.specification.course or "", []).append(one)
    if of is not None:
        if of not in groups:
            known = tuple(sorted(filter(None, groups)))
            raise ToldError(
                Fact("no-course-of-this-name", {"folder": str(root / "assignments"), "of": of, "known": known})
            )
        console().print(_table(groups[of], words))
        return GRADED
    for name in sorted(groups):
        if name:
            console().print(f"\n{words('list: course', name=name)}", highlight=False)
        console().print(_table(groups[name], words, names_alone=bool(name)))
    return GRADED


def _table(assignments: Sequence[Assignment], words: Words, *, names_alone: bool = False) -> Table:
    """The assignments with what they ask for: signatures, or names alone, which are shorter."""
    from rich import box
    from rich.table import Table

    from grader.reports.terminal import points
    from grader.submission import asked_for

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(words("list: slug"), style="bold", no_wrap=True)
    table.add_column(words("list: title"))
    table.add_column(words("list: points"), justify="right")
    table.add_column(words("list: defines"))
    for one in assignments:
        specification = one.specification
        calls = asked_for(one) or [words("whole-script")]
        entries = ", ".join(specification.required) if names_alone else "\n".join(calls)
        table.add_row(one.slug, words.title(specification.title), points(one.out_of), entries)
    return table


@click.command("catalogue", short_help="Show the known mistakes.")
@click.argument("slug", required=False)
@COURSE
@with_language
def catalogue_command(slug: str | None, course: Path | None, language: str) -> int:
    """Show the known mistakes of one assignment or of all: formula and hints.

    Exit status: 0 shown; 2 there is no such assignment, or no reference here.
    """
    from grader.assignment import load, slugs
    from grader.course import find_course
    from grader.diagnosis.loading import load_catalogue
    from grader.errors import ToldError
    from grader.reports.catalogue import as_text
    from grader.wire.facts import Fact

    root = find_course(course)
    chosen = [load(root, name) for name in ([slug] if slug else slugs(root))]
    known = [(one.slug, catalogue) for one in chosen if (catalogue := load_catalogue(one.reference))]
    if not known and not any(one.reference.is_dir() for one in chosen):
        raise ToldError(Fact("no-catalogue"))
    for name, catalogue in known:
        console().print(as_text(name, catalogue, language))
    return GRADED
