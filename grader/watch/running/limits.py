"""End code of a submission when its time is over, whatever else the machine does meanwhile."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_TICK = 0.1
_BUSY = 0.05
"""The share of a tick below which a process that gave up the processor by itself has waited."""


class EndOfTime(BaseException):
    """Raised in the code that is recorded when its time is over."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise EndOfTime in the block after some seconds of the processor, and again where that was caught.

    The clock would be unfair to a script on a busy machine.
    """

    def ring(*_: Any) -> None:
        raise EndOfTime

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.25)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Waiting:
    """How long this process has waited of its own will: for its sleep to end, say, and not for the processor."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._clock, self._used, self._gave_up = _clocks()

    def look(self) -> None:
        """Count what has passed since the last look."""
        clock, used, gave_up = _clocks()
        passed = clock - self._clock
        if gave_up > self._gave_up and used - self._used < _BUSY * passed:
            self.seconds += passed
        self._clock, self._used, self._gave_up = clock, used, gave_up


@contextmanager
def patience(seconds: float, waiting: Waiting) -> Iterator[None]:
    """Raise EndOfTime in the block after some seconds in which it waited, and again where that was caught."""

    def tick(*_: Any) -> None:
        waiting.look()
        if waiting.seconds >= seconds:
            raise EndOfTime

    before = signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        waiting.look()


def _clocks() -> tuple[float, float, int]:
    """Of the wall, of the processor, and how often this process gave up the processor by itself."""
    now = time.perf_counter()
    try:
        import resource  # not everywhere
    except ImportError:
        return now, time.process_time(), int(1000 * now)
    return now, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
