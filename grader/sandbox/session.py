"""A process that stays, in which one submission runs with instruments as often as it is asked to."""

from __future__ import annotations

import time
from collections.abc import Sequence

from grader.records import Outcome, Run
from grader.sandbox.fork_server import STAYS, ForkServer, Running
from grader.sandbox.jobs import Job, Rerun, Setup, packed, reported
from grader.sandbox.transcript import Transcript


class ServedSession:
    """A session on a fork server that does nothing else meanwhile."""

    def __init__(self, server: ForkServer, job: Job, setup: Setup) -> None:
        self._server, self._job, self._setup = server, job, setup
        self._running: Running | None = None
        self._before = 0.0

    @property
    def used(self) -> float:
        """Seconds of processor time so far, of all its processes."""
        return self._before + ((self._running.deadline.used or 0.0) if self._running else 0.0)

    def ask(self, reruns: Sequence[Rerun]) -> Run:
        """Run it again on each of these; where its process ended, in a new one.

        Raises:
            GraderFault: the server did not start.
        """
        transcript = Transcript(reported(reruns), self._setup.always, self._job.output)
        if self._running is None:
            self._running = self._server.begin(self._job, self._setup)
        running, started = self._running, time.perf_counter()
        running.deadline.go_on(started)
        running.unsent = memoryview(packed(reruns))
        running.send()
        status = self._server.follow(transcript, running)
        used = running.deadline.used or 0.0
        if status != STAYS:
            self._over(running)
        seconds = time.perf_counter() - started
        return transcript.result(0 if status == STAYS else status, self._job.seconds, used, seconds)

    def close(self) -> None:
        """End its process, if there is one."""
        if self._running is not None:
            nobody_listens = Transcript({}, (), 0)
            nobody_listens.stop(Outcome.CRASHED)
            self._server.follow(nobody_listens, self._running)
            self._over(self._running)

    def _over(self, running: Running) -> None:
        self._before += running.deadline.used or 0.0
        self._running = None
        running.close()
