"""`grade list` and `grade catalogue`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from grader.cli.options import COURSE
from grader.cli.output import console
from grader.cli.status import GRADED


@click.command("list", short_help="Show the assignments.")
@COURSE
def list_command(course: Path | None) -> int:
    """Show the assignments, and what a submission to each must define."""
    from rich import box
    from rich.table import Table

    from grader.assignment import load, slugs
    from grader.course import find_course
    from grader.reports.terminal import points
    from grader.submission import asked_for

    root = find_course(course)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("assignment", style="bold", no_wrap=True)
    table.add_column("title")
    table.add_column("points", justify="right")
    table.add_column("a submission defines")
    for slug in slugs(root):
        specification = (loaded := load(root, slug)).specification
        entries = "\n".join(asked_for(loaded))
        table.add_row(slug, specification.title, points(loaded.out_of), entries)
    console().print(table)
    return GRADED


@click.command("catalogue", short_help="Show the known mistakes.")
@click.argument("slug", required=False)
@COURSE
@click.option(
    "--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="The language of the hints."
)
def catalogue_command(slug: str | None, course: Path | None, language: str) -> int:
    """Show the known mistakes of one assignment or of all: formula and hints.

    Exit status: 0 shown; 2 there is no such assignment, or no reference here.
    """
    from grader.assignment import load, slugs
    from grader.course import find_course
    from grader.diagnosis.loading import load_catalogue
    from grader.errors import AssignmentError
    from grader.reports.catalogue import as_text

    root = find_course(course)
    chosen = [load(root, name) for name in ([slug] if slug else slugs(root))]
    known = [(one.slug, catalogue) for one in chosen if (catalogue := load_catalogue(one.reference))]
    if not known and not any(one.reference.is_dir() for one in chosen):
        raise AssignmentError("the catalogue of known mistakes is with the instructor")
    for name, catalogue in known:
        console().print(as_text(name, catalogue, language))
    return GRADED
