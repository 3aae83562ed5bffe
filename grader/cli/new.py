"""`grade new`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from grader.cli.options import COURSE
from grader.cli.output import console
from grader.cli.status import GRADED


@click.command("new", short_help="Begin a new exercise.")
@click.argument("slug")
@click.option(
    "--from",
    "calls",
    multiple=True,
    metavar="CALL",
    help='How the layer is called, step by step: "affine_forward(x: N D, w: D M, b: M) -> out, cache".',
)
@click.option(
    "--like", metavar="SLUG", help="An exercise of declared layers to begin from: its files under the new name."
)
@COURSE
def new_command(slug: str, calls: tuple[str, ...], like: str | None, course: Path | None) -> int:
    """Write a new exercise, which passes `grade validate` as it is: change it from there.

    With --from, a declared layer: a formula, and how students' code is called. With --like, the files of one that
    exists. Without, those of an exercise that no declaration describes.

    Without --course, in a clone of the repository, the exercise joins those that are there.

    Exit status: 0 written; 2 the name cannot be used, or is taken.
    """
    from grader.authoring import new
    from grader.course import find_course

    root = course.resolve() if course else find_course()
    if root.name == "shipped":
        raise click.UsageError("the course that is installed with the program stays as it is; name yours by --course")
    if calls and like:
        raise click.UsageError("--from tells of a new layer, --like of one that exists; give one of them")
    screen = console()
    for path in new(root, slug, calls, like or ""):
        screen.print(str((course or Path()) / path.relative_to(root)), soft_wrap=True)
    option = f" --course {course}" if course else ""
    screen.print(f"\nChange them, and try the exercise with `grade validate {slug}{option}`.", soft_wrap=True)
    return GRADED
