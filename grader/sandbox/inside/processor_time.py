"""How much processor time processes and all their descendants have used. Linux tells; elsewhere nobody knows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def used_by(processes: Iterable[int]) -> float | None:
    """Seconds of processor time of some processes, of what they started, and of what of that has ended.

    Where /proc cannot be opened, of these processes alone: there Landlock is in force, and with it a filter without
    fork, so that they have no descendants.

    Returns:
        None where the system does not tell.
    """
    if sys.platform != "linux":
        return None
    return sum(_of_tree(pid, set()) for pid in processes)


def _of_tree(pid: int, seen: set[int]) -> float:
    seen.add(pid)
    try:
        total = _own_and_waited_for(pid)
    except PermissionError:
        return _own(pid)
    except (OSError, ValueError):
        return 0.0  # it is gone, and what its parent waited for is counted there
    return total + sum(_of_tree(child, seen) for child in _children(pid) - seen)


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


def _children(pid: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found.update(map(int, task.read_text(encoding="ascii").split()))
    return found
