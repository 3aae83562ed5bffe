"""Run submissions, on a fork server that is replaced when it is lost."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from grader.errors import GraderFault
from grader.records import Outcome, Run
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.jobs import Job, Setup


class Pool:
    """A fork server, started at once and in the background; a context manager."""

    def __init__(self) -> None:
        self._setup: Setup | None = None
        self._server = ForkServer()

    @property
    def server(self) -> int:
        """The process number of the fork server."""
        return self._server.pid

    @property
    def setup(self) -> Setup | None:
        """What the server was told last."""
        return self._setup

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    def prepare(self, setup: Setup) -> None:
        """Tell the server what the next jobs are about; does not wait for it."""
        self._setup = setup
        self._server.prepare(setup)

    def run(self, job: Job) -> Run:
        """Run one submission on all probes.

        A job whose server is lost is run once more, on a new one: it may be the victim and not the cause.

        Raises:
            GraderFault: the server cannot be started.
        """
        run = self._attempt(job)
        if self._server.lost and run.outcome is Outcome.CRASHED:
            run = self._attempt(job)
        return run

    def _attempt(self, job: Job) -> Run:
        if self._setup is None:
            raise GraderFault("the pool was not prepared")
        if self._server.lost:
            self._server.close()
            self._server = ForkServer()
            self._server.prepare(self._setup)
        return self._server.run(job)
