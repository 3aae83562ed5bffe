"""Run submissions on fork servers, each of which is replaced when it is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import Self

from grader.errors import GraderFault
from grader.records import Isolation, Run
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.jobs import Job, Setup
from grader.sandbox.served import Served
from grader.sandbox.session import StayingSession

_PATIENCE_SECONDS = 20.0


class Pool:
    """Fork servers, started at once and in the background; a context manager.

    Several threads may run jobs at the same time, as many as there are servers; more of them wait for their turn.

    Args:
        isolation: how strictly submissions are locked in.
        visible: folders that servers can read besides the libraries, the assignments of a course; a submission reads
            that of its exercise alone.
        servers: how many; None for one, and a start as fast as can be: right for a single submission.
    """

    def __init__(self, isolation: Isolation, visible: Sequence[Path], servers: int | None = None) -> None:
        self.isolation = isolation
        self.setup: Setup | None = None
        self._visible = visible
        self._closed = False
        self._changed = Condition()
        # The kernel ends a server together with the thread that started it: this one lives as long as the pool.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
        self._many = servers is not None
        self._idle = [self._start() for _ in range(servers or 1)]
        self._busy: list[ForkServer] = []
        self._held_up = 0
        """How many jobs wait for all others to end, or run alone; no other one starts meanwhile."""

    @property
    def servers(self) -> list[int]:
        """The process numbers of the fork servers."""
        with self._changed:
            return [server.pid for server in (*self._idle, *self._busy)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all servers, and the jobs that other threads still run."""
        with self._changed:
            self._closed = True
            for server in self._busy:
                server.hang_up()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._busy, _PATIENCE_SECONDS)
            for server in self._idle:
                server.close()
            self._idle.clear()
        self._starter.shutdown()

    def prepare(self, setup: Setup) -> None:
        """Tell all servers what jobs are about unless they say otherwise; does not wait for them."""
        with self._changed:
            self.setup = setup
            for server in self._idle:
                server.prepare(setup)

    def run(self, job: Job, setup: Setup | None = None) -> Run:
        """Run one submission on all probes, of another setup than the pool's where one is given.

        A job whose server is lost is run once more, on another one: it may be the victim and not the cause. One that
        was stopped because it waited is run once more while no other job of the pool runs: perhaps it waited for them.

        Raises:
            GraderFault: a server cannot be started, the pool was not prepared, or it was closed meanwhile.
        """
        wanted = setup or self.setup
        if wanted is None:
            raise GraderFault("the pool was not prepared")
        try:
            run, lost, interrupted = self._attempt(job, wanted)
        except GraderFault:  # the server was lost before it was ready
            lost, interrupted = True, False
        if lost:
            run, _, interrupted = self._attempt(job, wanted)
        if interrupted:
            run = self._alone(job, wanted)
        return run

    @contextmanager
    def session(self, job: Job, setup: Setup) -> Iterator[StayingSession]:
        """A session for one submission with instruments, on a server that does nothing else meanwhile.

        Raises:
            GraderFault: a server cannot be started, or the pool was closed meanwhile.
        """
        server = self._take(setup, alone=False)
        try:
            with closing(StayingSession(lambda: Served(server, job, setup), job, setup)) as session:
                yield session
        finally:
            self._give_back(server)

    def _give_back(self, server: ForkServer) -> None:
        with self._changed:
            self._busy.remove(server)
            self._idle.append(server)
            self._changed.notify_all()

    def _alone(self, job: Job, setup: Setup) -> Run:
        """Run a job while no other job of the pool runs."""
        with self._changed:
            self._held_up += 1
        try:
            run, lost, _ = self._attempt(job, setup, alone=True)
            return self._attempt(job, setup, alone=True)[0] if lost else run
        finally:
            with self._changed:
                self._held_up -= 1
                self._changed.notify_all()

    def _attempt(self, job: Job, setup: Setup, *, alone: bool = False) -> tuple[Run, bool, bool]:
        """Run a job on one server; whether the server was lost, and whether the job was stopped as it waited."""
        server = self._take(setup, alone=alone)
        try:
            return server.run(job, setup), server.lost, server.interrupted
        finally:
            self._give_back(server)

    def _take(self, setup: Setup, *, alone: bool) -> ForkServer:
        """An idle server: at best one that was told just this, at worst a new one in place of one that was lost."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or (not self._busy if alone else self._idle and not self._held_up)
            )
            if self._closed:
                raise GraderFault("the pool of fork servers was closed")
            server = min(self._idle, key=lambda server: (server.lost, not server.is_prepared(setup)))
            self._idle.remove(server)
            if server.lost:
                server.close()
                server = self._start()
            self._busy.append(server)
            return server

    def _start(self) -> ForkServer:
        start = partial(ForkServer, self.isolation.level, self._visible, many=self._many)
        return self._starter.submit(start).result()
