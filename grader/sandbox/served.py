"""A submission's process on a fork server, which a session gives one order after the other."""

from __future__ import annotations

import time

from grader.records import Outcome
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.jobs import Job, Setup
from grader.sandbox.session import STAYS
from grader.sandbox.transcript import Transcript


class Served:
    """A process on a server that does nothing else meanwhile; see `grader.sandbox.session.Staying`."""

    def __init__(self, server: ForkServer, job: Job, setup: Setup) -> None:
        """Begin it.

        Raises:
            GraderFault: the server did not start.
        """
        self._server, self._running = server, server.begin(job, setup)
        self.deadline = self._running.deadline

    def ask(self, transcript: Transcript, order: bytes) -> int | None:
        """Give it an order, and wait until it has told all, or has ended, and is closed then."""
        self.deadline.go_on(time.perf_counter())
        self._running.unsent = memoryview(order)
        self._running.send()
        status = self._server.follow(transcript, self._running)
        if status != STAYS:
            self._running.close()
        return status

    def close(self) -> None:
        """End it."""
        nobody_listens = Transcript({}, (), 0)
        nobody_listens.stop(Outcome.CRASHED)
        self._server.follow(nobody_listens, self._running)
        self._running.close()
