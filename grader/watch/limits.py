"""End code of a submission when its time is over."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class EndOfTime(BaseException):
    """Raised in the code that is recorded when its time is over."""


@contextmanager
def alarm(seconds: float, *, waiting: bool = False) -> Iterator[None]:
    """Raise EndOfTime in the block after some seconds of the processor, and again where that was caught.

    The clock would be unfair to a script on a busy machine.

    Args:
        waiting: count the seconds of the clock, for a script that waits: that needs no time of the processor.
    """
    timer, kind = (signal.ITIMER_REAL, signal.SIGALRM) if waiting else (signal.ITIMER_PROF, signal.SIGPROF)

    def ring(*_: Any) -> None:
        raise EndOfTime

    before = signal.signal(kind, ring)
    signal.setitimer(timer, seconds, 0.25)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(kind, before)
