"""Leave a process behind that stays ready."""

from __future__ import annotations

import subprocess
from pathlib import Path

from grader import itself
from grader.warm import place


def leave(course: Path) -> bool:
    """Start a process that stays ready for files of a course; does not wait for it. Of two, the first one stays.

    Returns:
        Whether there can be one here.
    """
    try:
        path = place.socket_path()
    except OSError:
        return False
    subprocess.run(  # it parts from its parent at once, and goes on by itself
        itself.command("grader.cli.ready", path, str(course)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=itself.environment(OMP_NUM_THREADS="1"),
        start_new_session=True,
        check=True,
    )
    return True
