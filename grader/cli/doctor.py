"""`grade doctor`."""

from __future__ import annotations

import rich_click as click

from grader.cli.options import with_language
from grader.cli.output import console
from grader.cli.status import GRADED, UNUSABLE


@click.command("doctor", short_help="Show how well submissions can be locked in here.")
@with_language
def doctor_command(language: str) -> int:
    """Show which isolation levels can be had on this machine, and what is missing for the others."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from grader.sandbox.levels import LEVELS, WEAKEST_BY_DEFAULT, Machine
    from grader.words import Words

    words = Words(language)

    machine = Machine.here()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(words("doctor: level"), style="bold", no_wrap=True)
    table.add_column(words("doctor: meaning"))
    table.add_column(words("doctor: here"))
    for level in LEVELS:
        missing = "\n".join(map(words.say, machine.lacks(level)))
        here = Text(missing, "yellow") if missing else Text(words("doctor: yes"), "green")
        table.add_row(level, words(f"level: {level}"), here)
    screen = console()
    screen.print(table)
    screen.print(f"\n{words('doctor: used', least=WEAKEST_BY_DEFAULT)}")
    return UNUSABLE if all(machine.lacks(level) for level in LEVELS) else GRADED
