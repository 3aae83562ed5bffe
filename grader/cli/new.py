"""`grade new`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from grader.cli.options import COURSE, with_language
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
@with_language
def new_command(slug: str, calls: tuple[str, ...], like: str | None, course: Path | None, language: str) -> int:
    """Write a new exercise, which passes `grade validate` as it is: change it from there.

    With --from, a declared layer: a formula, and how students' code is called. With --like, the files of one that
    exists. Without, those of an exercise that no declaration describes.

    Without --course, in a clone of the repository, the exercise joins those that are there.

    Exit status: 0 written; 2 the name cannot be used, or is taken.
    """
    from grader.authoring import new
    from grader.course import find_course
    from grader.errors import ToldError
    from grader.wire.facts import Fact
    from grader.words import Words

    root = course.resolve() if course else find_course()
    if root.name == "shipped":
        raise ToldError(Fact("usage: shipped"))
    if calls and like:
        raise ToldError(Fact("usage: from-or-like"))
    screen = console()
    for path in new(root, slug, calls, like or ""):
        screen.print(str((course or Path()) / path.relative_to(root)), soft_wrap=True)
    option = f" --course {course}" if course else ""
    screen.print(f"\n{Words(language)('new: written', command=f'grade validate {slug}{option}')}", soft_wrap=True)
    return GRADED
