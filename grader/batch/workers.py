"""Grade many submissions at once. What grades is behind a small interface: submit, get a future, close."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.assignment import Assignment
from grader.errors import GraderFault
from grader.grading import Limits, grade, setup
from grader.key.obtaining import obtain_key
from grader.records import AnswerKey, Isolation, Report
from grader.sandbox.jobs import Setup
from grader.sandbox.pool import Pool
from grader.submission import Submission
from grader.wire.facts import Fact

Notify = Callable[[Fact], None]


@dataclass(frozen=True)
class Bench:
    """All that is the same for every submission of a batch; it can be pickled."""

    assignment: Assignment
    key: AnswerKey
    limits: Limits
    isolation: Isolation

    def setup(self) -> Setup:
        """What a pool is told before it grades here."""
        return setup(self.assignment, self.key)

    def grade(self, submission: Submission, pool: Pool, notify: Notify) -> Report:
        """The report on one submission, by a pool that was told `setup()`."""

        def other_key(seed: str) -> AnswerKey:
            return obtain_key(self.assignment, seed, notify)

        return grade(submission, self.assignment, self.key, pool, self.limits, other_key)


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
    """Threads on this machine, and as many fork servers, which start at once.

    Args:
        isolation: how strictly submissions are locked in.
        visible: folders that they can read besides the libraries; a submission reads that of its exercise alone.
    """

    def __init__(self, isolation: Isolation, visible: Sequence[Path], count: int, notify: Notify) -> None:
        self.count = count
        self._notify = notify
        self._pool = Pool(isolation, visible, servers=count)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="grading")
        self._bench: Bench | None = None

    def start(self, bench: Bench) -> None:
        """Tell the fork servers what is graded."""
        self._bench = bench
        self._pool.prepare(bench.setup())

    def submit(self, submission: Submission) -> Future[Report]:
        """Grade a submission as soon as a thread is free.

        Raises:
            GraderFault: nothing was started.
        """
        if self._bench is None:
            raise GraderFault("the workers were not told what to grade")
        return self._threads.submit(self._bench.grade, submission, self._pool, self._notify)

    def close(self, *, abandon: bool = False) -> None:
        """End when all that was submitted is done; with `abandon`, at once: what runs is ended with its fork server."""
        if abandon:
            self._threads.shutdown(wait=False, cancel_futures=True)
        else:
            self._threads.shutdown()
        self._pool.close()
