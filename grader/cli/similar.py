"""`grade similar`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from grader.cli.options import COURSE, EACH, TEXT, Number, with_language
from grader.cli.output import console, notify
from grader.cli.status import GRADED

if TYPE_CHECKING:
    from rich.table import Table

    from grader.assignment import Assignment
    from grader.intake.finding import HandIn
    from grader.submission.similar import Own, Pair
    from grader.words import Words


@click.command("similar", short_help="List submissions that share code.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--assignment", type=TEXT, metavar="SLUG", help="The assignment, where the files do not tell.")
@click.option(
    "--threshold",
    type=Number(0, 100),
    default=80,
    show_default=True,
    metavar="PERCENT",
    help="List pairs of which one has so much of the other's code.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Also write a page with both files of each pair side by side.",
)
@with_language
@EACH
@COURSE
def similar_command(
    paths: Sequence[str],
    assignment: str | None,
    threshold: float,
    each: str | None,
    course: Path | None,
    page: Path | None,
    language: str,
) -> int:
    """List pairs of submissions that share much of their code, whatever its names, comments and layout.

    PATHS are what `grade batch` takes. What the assignment hands out does not count. Nothing is run, and no points are
    lost: the list tells where to look.
    """
    from grader.assignment import load, slugs
    from grader.course import find_course
    from grader.intake.choosing import is_whole
    from grader.intake.finding import Intake
    from grader.intake.splitting import split
    from grader.submission.similar import similar
    from grader.words import Words

    words = Words(language)
    root = find_course(course)
    known = [load(root, slug) for slug in ([assignment] if assignment else slugs(root))]
    intake = Intake(paths, is_whole=partial(is_whole, known), each=each or "")
    for fact in intake.ignored:
        notify(words.say(fact))
    parts = split(known, intake.hand_ins())
    chosen, *others = parts.assignments
    if others:
        notify(words("similar: only", slug=chosen.slug, others=tuple(other.slug for other in others)))
    written = list(_written(parts.of(chosen, intake.hand_ins()), chosen, words))
    compared = [own for own in written if own]
    pairs = similar(compared, threshold / 100)
    if pairs:
        console().print(_table(pairs, words))
        print(f"\n{words('similar: look')}")
    if page:
        from grader.reports.html.similar_page import similar_page
        from grader.reports.html.writing import write_text
        from grader.submission.similar import groups

        code = {own.name: own.code for own in compared}
        write_text(page, similar_page(chosen.specification.title, groups(pairs), code, language))
    short = len(written) - len(compared)
    title = words.title(chosen.specification.title)
    print(words("similar: found", title=title, n=len(pairs), of=len(compared), short=short))
    return GRADED


def _written(hand_ins: Iterable[HandIn], assignment: Assignment, words: Words) -> Iterator[Own | None]:
    """The code of each submission that can be read; the others are told on the standard error."""
    from grader.errors import SubmissionError
    from grader.intake.choosing import choose
    from grader.submission.similar import handed_out, own_code

    given = handed_out(assignment)
    for hand_in in hand_ins:
        try:
            submission = choose(hand_in, assignment)[0]
            file = submission.id.file
            name = f"{hand_in.student.name} ({file})" if hand_in.student.id else file
            yield own_code(name, hand_in.student.key, submission, given)
        except SubmissionError as error:
            notify(words.say(error.why))


def _table(pairs: Sequence[Pair], words: Words) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from grader.reports.clean import name

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in ("of-first", "of-second"):
        table.add_column(words(f"pair: {title}"), justify="right")
    for title in ("first", "second"):
        table.add_column(words(f"pair: {title}"), overflow="fold")
    for pair in pairs:
        shares = (f"{share:.0%}" for share in (pair.share_of_first, pair.share_of_second))
        table.add_row(*shares, Text(name(pair.first)), Text(name(pair.second)))
    return table
