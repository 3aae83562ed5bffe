"""When a run is to be stopped: what counts is the processor time that it used, and how long it used none."""

from __future__ import annotations

import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

_LONGEST_LOOK = 0.25
"""Seconds; when this process looks away for longer, it was held up itself, and that is nobody else's fault."""
_LEAST_PATIENCE = 2.0


class Limit(StrEnum):
    """What a run has used up."""

    PROCESSOR = "stopped-after-processor-time"
    WAITING = "stopped-while-it-waited"
    CLOCK = "stopped-after-wall-time"


class Deadline:
    """The time of one run.

    It may use `seconds` of the processor. Besides it may wait, for as long: the backstop against what sleeps. Waiting
    is the time of the clock in which it could have computed and did not. A process that shares a core with n others
    can compute in 1 / n of the time only, so each second is divided by the number of runnable processes per core: on
    an idle machine, a run that sleeps is stopped after `seconds` (2 at least), where four processes want each core
    after four times as much; one that computes is not stopped by the clock at all.

    Where the system does not tell processor time, all time counts as waiting.

    Args:
        seconds: the limit.
        now: of a clock that goes on, like all times in here.
    """

    def __init__(self, seconds: float, now: float) -> None:
        self._seconds = seconds
        self._last = now
        self._share = 0.0
        self.used: float | None = None

    def go_on(self, now: float) -> None:
        """From now on it has work again; meanwhile it had none, and could not but wait."""
        self._last = now

    def look(self, now: float, per_core: float) -> Limit | None:
        """What is used up by now.

        Args:
            per_core: how many processes want one core, at least 1.
        """
        self._share += min(now - self._last, _LONGEST_LOOK) / per_core
        self._last = now
        if self.used is not None and self.used >= self._seconds:
            return Limit.PROCESSOR
        if self._share - (self.used or 0.0) < max(self._seconds, _LEAST_PATIENCE):
            return None
        return Limit.CLOCK if self.used is None else Limit.WAITING


def runnable_per_core() -> float:
    """How many processes want one core at this moment, this one not counted; 1 at least, and where nobody knows."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError, IndexError):
        running = int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[0])
        return max(1.0, (running - 1) / cores)
    return 1.0
