"""Grade on a Dask cluster that exists: submissions and the answer key travel there, reports come back.

The scheduler gives a task that was on a worker when it died to another one, three times at most. When the scheduler
itself goes, what it had is submitted again to the one that comes in its place, under the same address. This process
alone writes reports, so that none is written twice. What travels is pickled: the cluster is trusted, as this machine
is.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any

from grader.assignment import Assignment, load
from grader.batch.workers import Bench, Notify
from grader.course import find_course
from grader.errors import GraderFault, ToldError
from grader.key.answer_key import key_path
from grader.records import Report
from grader.sandbox.pool import Pool
from grader.submission import Submission
from grader.wire.facts import Fact

_CONNECT_SECONDS = 20
_PATIENCE_SECONDS = 600
"""How long a batch waits for a scheduler that has gone."""
_LOCAL = threading.local()
"""Of each thread of a worker process: its pool, and the digest of what it was told."""


class DaskWorkers:
    """A cluster, by the address of its scheduler. Each thread of its workers has a fork server of its own."""

    def __init__(self, scheduler: str, notify: Notify) -> None:
        """Connect.

        Raises:
            GraderError: Dask is not installed, or the scheduler does not answer.
        """
        self._scheduler = scheduler
        try:
            self._client = self._connected()
        except ImportError:
            raise ToldError(Fact("needs-part", {"what": "--dask", "module": "distributed", "part": "dask"})) from None
        except (OSError, ValueError) as error:
            raise ToldError(Fact("dask: nobody", {"scheduler": scheduler, "text": str(error)})) from error
        self._notify = notify
        self._waiting: set[Any] = set()
        self._lost: list[tuple[Submission, Future[Report]]] = []
        self._changing = threading.Lock()
        self._reconnects = self._abandoned = False
        self._count = 1

    def _connected(self) -> Any:
        from distributed import Client

        for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # that a scheduler has gone is told here, in words
        return Client(self._scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)

    @property
    def count(self) -> int:
        """How many are graded at the same time; one at least, where workers are still on their way."""
        with suppress(OSError):  # a scheduler that has gone: as many as before
            threads: dict[str, int] = self._client.nthreads()
            self._count = max(1, sum(threads.values()))
        return self._count

    def start(self, bench: Bench) -> None:
        """Send what is graded. It is the result of a task, so the scheduler can make it again when workers die."""
        self._digest = key_path(bench.assignment, bench.key.seed).name
        self._sent = bench
        self._bench = self._client.submit(_same, bench, pure=False)

    def submit(self, submission: Submission) -> Future[Report]:
        """Give a submission to the scheduler."""
        future: Future[Report] = Future()
        self._send(submission, future)
        return future

    def _send(self, submission: Submission, future: Future[Report]) -> None:
        with self._changing:
            client, bench = self._client, self._bench
        remote = client.submit(_grade, bench, self._digest, submission, pure=False)
        self._waiting.add(remote)  # Dask forgets a task when nobody holds it

        def done(ended: Any) -> None:
            self._waiting.discard(remote)
            if ended.status in ("cancelled", "lost") and not self._abandoned:
                self._send_again(submission, future, client)
                return
            try:
                future.set_result(ended.result())
            except Exception as error:
                future.set_exception(error)

        remote.add_done_callback(done)

    def _send_again(self, submission: Submission, future: Future[Report], client: Any) -> None:
        """Submit once more what went with its scheduler, as soon as there is one again.

        Args:
            client: by which it was submitted; there may be another connection by now.
        """
        with self._changing:
            is_lost = client is self._client
            if is_lost:
                self._lost.append((submission, future))
                if not self._reconnects:
                    self._reconnects = True
                    threading.Thread(target=self._reconnect, daemon=True).start()
        if not is_lost:
            self._send(submission, future)

    def _reconnect(self) -> None:
        """Wait for a scheduler, and give it all that was lost; where none comes, say so of each."""
        self._notify(Fact("dask: gone", {"scheduler": self._scheduler}))
        until, client, why = time.monotonic() + _PATIENCE_SECONDS, None, ""
        while client is None and time.monotonic() < until and not self._abandoned:
            try:
                client = self._connected()
            except (OSError, ValueError) as error:
                why = str(error)
                time.sleep(1)
        with self._changing:
            lost, self._lost, self._reconnects = self._lost, [], False
            if client is not None:
                old, self._client = self._client, client
                self._bench = client.submit(_same, self._sent, pure=False)
        if client is None:
            for _, future in lost:
                future.set_exception(GraderFault(f"{self._scheduler}: the Dask scheduler has gone: {why}"))
            return
        for submission, future in lost:
            self._send(submission, future)
        with suppress(Exception):
            old.close(timeout=1)

    def close(self, *, abandon: bool = False) -> None:
        """Leave the cluster; with `abandon`, what was submitted is given up."""
        self._abandoned = abandon
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
            _LOCAL.pool = Pool(bench.isolation, [_LOCAL.assignment.folder.parent], 1)
            _LOCAL.pool.prepare(replace(bench, assignment=_LOCAL.assignment).setup())
            _LOCAL.digest = digest
        return replace(bench, assignment=_LOCAL.assignment).grade(submission, _LOCAL.pool, lambda _: None)
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
