"""`grade cool-down`, and what `--keep-warm` leaves behind."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from grader.cli.options import of_the_locale
from grader.cli.output import telling
from grader.cli.status import GRADED
from grader.wire.facts import Fact


@click.command("cool-down", short_help="End the process that --keep-warm left behind.")
def cool_down_command() -> int:
    """End the process that `--keep-warm` left behind; it would end by itself some minutes after its last use."""
    from grader.warm.asking import stop

    telling(of_the_locale())(Fact("warm: ended" if stop() else "warm: none"))
    return GRADED


def stay_ready(course: Path) -> None:
    """Leave a process behind for the next files of a course, and tell so when it is new."""
    from grader.warm.asking import is_there
    from grader.warm.leaving import leave
    from grader.warm.place import MINUTES

    tell = telling(of_the_locale())
    if sys.platform != "linux":
        tell(Fact("warm: not-here"))
    elif not is_there():
        tell(Fact("warm: ready", {"minutes": MINUTES}) if leave(course) else Fact("warm: no-folder"))
