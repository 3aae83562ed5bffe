"""A process that stays, in which one submission runs with instruments as often as it is asked to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from grader.records import Run
from grader.sandbox.deadline import Deadline
from grader.sandbox.jobs import Job, Rerun, Setup, packed, reported
from grader.sandbox.transcript import Transcript

STAYS = -1
"""In place of a wait status: the process waits for orders."""


class Staying(Protocol):
    """A process that has been given a job, and takes orders."""

    deadline: Deadline

    def ask(self, transcript: Transcript, order: bytes) -> int | None:
        """Give it an order, and wait until it has told all, or has ended.

        Returns:
            `STAYS`, or else its wait status, or None where that is lost; what has ended is closed.
        """
        ...

    def close(self) -> None:
        """End it."""
        ...


class StayingSession:
    """A session in one process after the other: where one has ended, the next order begins another."""

    def __init__(self, begin: Callable[[], Staying], job: Job, setup: Setup) -> None:
        self._begin, self._job, self._setup = begin, job, setup
        self._process: Staying | None = None
        self._before = 0.0

    @property
    def used(self) -> float:
        """Seconds of processor time so far, of all its processes; none where the system does not tell."""
        return self._before + ((self._process.deadline.used or 0.0) if self._process else 0.0)

    def ask(self, reruns: Sequence[Rerun]) -> Run:
        """Run it again on each of these; where its process ended, in a new one.

        Raises:
            GraderFault: the process does not start.
        """
        transcript = Transcript(reported(reruns), self._setup.always, self._job.output)
        process = self._process = self._process or self._begin()
        started = time.perf_counter()
        status = process.ask(transcript, packed(reruns))
        seconds, used = time.perf_counter() - started, process.deadline.used or 0.0
        if status != STAYS:
            self._before, self._process = self.used, None
        return transcript.result(0 if status == STAYS else status, self._job.seconds, used, seconds)

    def close(self) -> None:
        """End its process, if there is one."""
        if self._process is not None:
            self._process.close()
            self._before, self._process = self.used, None
