"""Grade on a Dask cluster that exists: submissions and the answer key travel there, reports come back.

The scheduler gives a task that was on a worker when it died to another one, three times at most. This process alone
writes reports, so that none is written twice. What travels is pickled: the cluster is trusted, as this machine is.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from grader.answer_key import key_path
from grader.assignment import Assignment, load
from grader.course import find_course
from grader.errors import GraderError, GraderFault
from grader.records import Report
from grader.sandbox.pool import Pool
from grader.submission import Submission
from grader.workers import Bench, Notify

_CONNECT_SECONDS = 20
_LOCAL = threading.local()
"""Of each thread of a worker process: its pool, and the digest of what it was told."""


class DaskWorkers:
    """A cluster, by the address of its scheduler. Each thread of its workers has a fork server of its own."""

    def __init__(self, scheduler: str, notify: Notify) -> None:
        """Connect.

        Raises:
            GraderError: Dask is not installed, or the scheduler does not answer.
        """
        try:
            from distributed import Client
        except ImportError:
            raise GraderError("--dask needs the extra `dask`: pip install 'backprop-grader[dask]'") from None
        try:
            self._client: Any = Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise GraderError(f"{scheduler}: no Dask scheduler answers there: {error}") from error
        self._notify = notify
        self._waiting: set[Any] = set()

    @property
    def count(self) -> int:
        """How many are graded at the same time; one at least, where workers are still on their way."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def start(self, bench: Bench) -> None:
        """Send what is graded. It is the result of a task, so the scheduler can make it again when workers die."""
        self._digest = key_path(bench.assignment, bench.key.seed).name
        self._bench = self._client.submit(_same, bench, pure=False)

    def submit(self, submission: Submission) -> Future[Report]:
        """Give a submission to the scheduler."""
        future: Future[Report] = Future()
        remote = self._client.submit(_grade, self._bench, self._digest, submission, pure=False)
        self._waiting.add(remote)  # Dask forgets a task when nobody holds it

        def done(ended: Any) -> None:
            try:
                future.set_result(ended.result())
            except Exception as error:
                future.set_exception(error)
            self._waiting.discard(remote)

        remote.add_done_callback(done)
        return future

    def close(self, *, abandon: bool = False) -> None:
        """Leave the cluster; with `abandon`, what was submitted is given up."""
        if abandon:
            self._client.cancel(list(self._waiting), force=True)
        self._client.close()


def _same(bench: Bench) -> Bench:
    return bench


def _grade(bench: Bench, digest: str, submission: Submission) -> Report:
    """Grade one submission in a worker process."""
    try:
        if getattr(_LOCAL, "digest", None) != digest:
            _LOCAL.assignment = _here(bench, digest)
            _close_pool()
            _LOCAL.pool = Pool(bench.isolation, [_LOCAL.assignment.folder.parent])
            _LOCAL.pool.prepare(replace(bench, assignment=_LOCAL.assignment).setup())
            _LOCAL.digest = digest
        return replace(bench, assignment=_LOCAL.assignment).grade(submission, _LOCAL.pool, print)
    except BaseException:
        _close_pool()  # its state is unknown
        raise


def _close_pool() -> None:
    if getattr(_LOCAL, "pool", None):
        _LOCAL.pool.close()
    _LOCAL.pool = _LOCAL.digest = None


def _here(bench: Bench, digest: str) -> Assignment:
    """The assignment as this machine has it, where it is the same."""
    assignment = bench.assignment
    if not assignment.folder.is_dir():
        assignment = load(find_course(), assignment.slug)
    if key_path(assignment, bench.key.seed).name != digest:
        raise GraderFault(f"a Dask worker has another version of this program, its libraries or {assignment.slug}")
    return assignment
