"""`grade cool-down`, and what `--keep-warm` leaves behind."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from grader.cli.output import notify
from grader.cli.status import GRADED


@click.command("cool-down", short_help="End the process that --keep-warm left behind.")
def cool_down_command() -> int:
    """End the process that `--keep-warm` left behind; it would end by itself some minutes after its last use."""
    from grader.warm.asking import stop

    notify("ended the process that stayed ready" if stop() else "no process stays ready")
    return GRADED


def stay_ready(course: Path) -> None:
    """Leave a process behind for the next files of a course, and tell so when it is new."""
    from grader.warm.asking import is_there
    from grader.warm.leaving import leave
    from grader.warm.place import MINUTES

    if sys.platform != "linux":
        notify("--keep-warm: there is no process that stays ready on this system")
    elif not is_there():
        told = f"a process stays ready for {MINUTES} minutes after its last use; `grade cool-down` ends it"
        notify(told if leave(course) else "--keep-warm: there is no folder of yours alone for its socket")
