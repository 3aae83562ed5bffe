"""The command line. What is asked for a file is given to the process that stays ready, if there is one."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    from grader.warm.asking import ask

    status = ask(sys.argv[1:]) if arguments is None else None
    if status is not None:
        sys.exit(status)
    from grader.cli.commands import main as command

    command(arguments)
