"""How much processor time processes and all their descendants have used. Linux tells; elsewhere nobody knows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_MOST = 4096
"""How many processes are looked at; where there are more, these alone soon use up what all of them may."""


def used_by(processes: Iterable[int]) -> float | None:
    """Seconds of processor time of some processes, of what they started, and of what of that has ended.

    Where /proc cannot be opened, of these processes alone: there Landlock is in force, and with it a filter without
    fork, so that they have no descendants.

    Returns:
        None where the system does not tell.
    """
    if sys.platform != "linux":
        return None
    total, waiting = 0.0, list(processes)
    seen: set[int] = set()
    while waiting and len(seen) < _MOST:
        pid = waiting.pop()
        if pid in seen:
            continue
        seen.add(pid)
        try:
            total += _own_and_waited_for(pid)
            waiting += _children(pid)
        except PermissionError:
            total += _own(pid)
        except (OSError, ValueError):
            continue  # it is gone, and what its parent waited for is counted there
    return total


def _own(pid: int) -> float:
    """The processor clock of a process; Linux makes the number of the clock from that of the process."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def _own_and_waited_for(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
    of_children = (int(stat[13]) + int(stat[14])) / os.sysconf("SC_CLK_TCK")
    return _own(pid) + of_children


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text(encoding="ascii").split())
    return found
