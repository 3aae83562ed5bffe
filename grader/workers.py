"""Grade many submissions at once. What grades is behind a small interface: submit, get a future, close."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Protocol

from grader.assignment import Assignment
from grader.grading import Limits, grade, obtain_key, setup
from grader.records import AnswerKey, Isolation, Report
from grader.sandbox.jobs import Setup
from grader.sandbox.pool import Pool
from grader.submission import Submission

Notify = Callable[[str], None]


@dataclass(frozen=True)
class Bench:
    """All that is the same for every submission of a batch; it can be pickled."""

    assignment: Assignment
    key: AnswerKey
    limits: Limits
    isolation: Isolation

    def setup(self) -> Setup:
        """What a pool is told before it grades here."""
        return setup(self.assignment, self.key, self.isolation)

    def grade(self, submission: Submission, pool: Pool, notify: Notify) -> Report:
        """The report on one submission, by a pool that was told `setup()`."""

        def other_key(seed: str) -> AnswerKey:
            return obtain_key(self.assignment, seed, notify)

        return grade(submission, self.assignment, self.key, pool, self.limits, self.isolation, other_key)


class Workers(Protocol):
    """Something that grades submissions, `count` of them at a time."""

    @property
    def count(self) -> int:
        """How many are graded at the same time."""
        ...

    def start(self, bench: Bench) -> None:
        """Tell what is graded; once, before the first `submit`."""
        ...

    def submit(self, submission: Submission) -> Future[Report]:
        """Grade a submission some time; any exception of the grader comes with the future."""
        ...

    def close(self, *, abandon: bool = False) -> None:
        """End when everything that was submitted is done; with `abandon`, at once."""
        ...


def usable_cores() -> int:
    """The cores that this process may use, by affinity and by the quota of its control group."""
    cores = len(os.sched_getaffinity(0))
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):  # another kind of control group, or `max`
        return cores


class LocalWorkers:
    """Threads on this machine, each with a fork server of its own that starts at once.

    The threads are daemons: after Ctrl-C nothing waits for them, and fork servers end with their parent.
    """

    def __init__(self, count: int, notify: Notify) -> None:
        self._notify = notify
        self._pools = [Pool() for _ in range(count)]
        self._threads: list[Thread] = []
        self._queue: SimpleQueue[tuple[Submission, Future[Report]] | None] = SimpleQueue()

    @property
    def count(self) -> int:
        """How many are graded at the same time."""
        return len(self._pools)

    def start(self, bench: Bench) -> None:
        """Tell the fork servers what is graded, and start the threads."""
        told = bench.setup()
        for pool in self._pools:
            pool.prepare(told)
        self._threads = [Thread(target=self._work, args=(bench, pool), daemon=True) for pool in self._pools]
        for thread in self._threads:
            thread.start()

    def submit(self, submission: Submission) -> Future[Report]:
        """Put a submission into the queue."""
        future: Future[Report] = Future()
        self._queue.put((submission, future))
        return future

    def close(self, *, abandon: bool = False) -> None:
        """End the threads when the queue is empty, and their fork servers; with `abandon`, leave them to their end."""
        if abandon and self._threads:
            return
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        if not self._threads:
            for pool in self._pools:
                pool.__exit__(None, None, None)

    def _work(self, bench: Bench, pool: Pool) -> None:
        try:
            while task := self._queue.get():
                submission, future = task
                try:
                    future.set_result(bench.grade(submission, pool, self._notify))
                except Exception as error:
                    future.set_exception(error)
                    pool.__exit__(None, None, None)  # its state is unknown
                    pool = Pool()
                    pool.prepare(bench.setup())
        finally:
            pool.__exit__(None, None, None)
