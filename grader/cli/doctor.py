"""`grade doctor`."""

from __future__ import annotations

import rich_click as click

from grader.cli.output import console
from grader.cli.status import GRADED, UNUSABLE


@click.command("doctor", short_help="Show how well submissions can be locked in here.")
def doctor_command() -> int:
    """Show which isolation levels can be had on this machine, and what is missing for the others."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from grader.sandbox.levels import LEVELS, WEAKEST_BY_DEFAULT, Machine

    machine = Machine.here()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("level", style="bold", no_wrap=True)
    table.add_column("a submission ...")
    table.add_column("here")
    for level, meaning in LEVELS.items():
        missing = machine.lacks(level)
        table.add_row(level, meaning, Text("\n".join(missing), "yellow") if missing else Text("yes", "green"))
    screen = console()
    screen.print(table)
    screen.print(f"\nThe strictest level is used. Below {WEAKEST_BY_DEFAULT}, --allow-weak-isolation is needed.")
    return UNUSABLE if all(machine.lacks(level) for level in LEVELS) else GRADED
