"""`grade validate`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from grader.cli.options import COURSE
from grader.cli.output import console
from grader.cli.status import BELOW, GRADED

if TYPE_CHECKING:
    from rich.console import Console

    from grader.assignment import Assignment
    from grader.validation import Flaw, Item


@click.command("validate", short_help="Try an exercise before students do.")
@click.argument("slug", default="all", metavar="[SLUG|all]")
@COURSE
@click.option("--allow-weak-isolation", is_flag=True, help="Also try it where files and network cannot be closed off.")
def validate_command(slug: str, course: Path | None, allow_weak_isolation: bool) -> int:
    """Try one exercise, or all of them: everything that has to be right before a student is judged by it.

    The oracles agree, the reference gets full marks and the handout none, each known mistake loses marks and is
    diagnosed as itself, and the probes tell mistakes apart; statement, hints and points are complete.

    Exit status: 0 nothing is wrong; 1 there are problems; 2 the command line or an assignment is unusable.
    """
    from grader.assignment import load, slugs
    from grader.course import find_course
    from grader.sandbox.levels import Machine, choose
    from grader.validation import validate

    level = choose(Machine.here(), None, allow_weak=allow_weak_isolation)
    root = find_course(course)
    screen = console()
    found = 0
    for one in [load(root, name) for name in (slugs(root) if slug == "all" else [slug])]:
        with console(stderr=True).status("") as status:
            steps = list(validate(one, level, lambda line, s=one.slug: status.update(f"{s}: {line}")))  # type: ignore[misc]
        found += show(screen, one, steps)
    return BELOW if found else GRADED


def near(file: Path) -> Path:
    """A path as one would write it from here, if the file is in or below the current directory."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


def show(screen: Console, assignment: Assignment, steps: Iterable[Item]) -> int:
    """Print the checklist and then the problems of one exercise; how many there are."""
    from rich.table import Table
    from rich.text import Text

    marks = {True: ("✓", "green"), False: ("✗", "red"), None: ("-", "dim")}
    table = Table(box=None, show_header=False, pad_edge=False)
    problems: list[Flaw] = []
    for step in steps:
        mark, style = marks[None if not step.looked else step.holds]
        count = len(step.problems)
        told = f"{count} problem{'s' * (count > 1)}" if count else step.told
        table.add_row(Text(mark, style), Text(step.title, "" if step.looked else "dim"), Text(told))
        problems += step.problems
    screen.print(Text(f"{assignment.specification.title} ({assignment.slug})", "bold"))
    screen.print(table)
    for problem in problems:
        screen.print(Text(f"\n{near(problem.place.file)}:{problem.place.line}", "bold"), soft_wrap=True)
        for line in filter(None, (problem.what, problem.remedy)):
            screen.print(Text(f"  {line}"), soft_wrap=True)
    screen.print()
    return len(problems)
