"""Run submissions one process each, where no fork server can be had: for students' own code, on any system.

Each process is used once. The next one starts while the last is judged, and imports torch meanwhile.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.errors import GraderFault
from grader.records import Isolation, Run
from grader.sandbox.deadline import Deadline, runnable_per_core
from grader.sandbox.inside.processor_time import used_by
from grader.sandbox.jobs import Job, Setup, archive
from grader.sandbox.libraries import library_folders
from grader.sandbox.session import STAYS, StayingSession
from grader.sandbox.transcript import Transcript

ISOLATION = Isolation("own process", "a process of its own, with limits on time and output; for your own code only")

_BOOT = """
import sys, types
package, *folders = sys.argv[1:]
sys.path += folders
for name, path in (("grader", package), ("grader.sandbox", package + "/sandbox")):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [path]
import importlib, pkgutil
import grader.kit, grader.watch
for package in (grader.kit, grader.watch):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
from grader.sandbox.inside.alone import main
sys.argv[:] = sys.orig_argv[:] = ["grade"]
sys.modules["grader"].__path__ = sys.modules["grader.sandbox"].__path__ = []
main()
"""
_LENGTH_BYTES = 4
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_POLL_SECONDS = 0.01
_GRACE_SECONDS, _START_SECONDS = 3.0, 120.0


@dataclass(frozen=True)
class _Worker:
    """A process that takes one job, and the three unbuffered pipes to it."""

    process: subprocess.Popen[bytes]
    orders: IO[bytes]
    frames: IO[bytes]
    output: IO[bytes]


class Alone:
    """What `Pool` is, with a process for each job and no confinement. One thread uses it."""

    def __init__(self) -> None:
        self.isolation = ISOLATION
        self.setup: Setup | None = None
        self._waiting = _start()

    def prepare(self, setup: Setup) -> None:
        """Tell what jobs are about unless they say otherwise."""
        self.setup = setup

    def close(self) -> None:
        """End the process that waits."""
        _end(self._waiting)

    def run(self, job: Job, setup: Setup | None = None) -> Run:
        """Run one submission on all probes, of another setup than the usual one where one is given.

        Raises:
            GraderFault: nothing was prepared, or the process does not start.
        """
        wanted = setup or self.setup
        if wanted is None:
            raise GraderFault("nothing was prepared")
        transcript = Transcript(wanted.quantities, wanted.always, job.output, job.skip)
        with closing(self._begun(job, wanted)) as running:
            running.follow(transcript)
        seconds = time.perf_counter() - running.started
        return transcript.result(running.status, job.seconds, running.deadline.used or 0.0, seconds)

    @contextmanager
    def session(self, job: Job, setup: Setup) -> Iterator[StayingSession]:
        """A session for one submission with instruments."""
        with closing(StayingSession(lambda: self._begun(job, setup), job, setup)) as session:
            yield session

    def _begun(self, job: Job, setup: Setup) -> _Running:
        """A process for a job.

        Raises:
            GraderFault: it does not start.
        """
        worker, self._waiting = self._waiting, _start()
        _await_ready(worker)
        return _Running(worker, job.seconds, _told(job, setup))


class _Running:
    """A process with a job, which it is given when somebody follows, and the transcript of what it tells then."""

    def __init__(self, worker: _Worker, seconds: float, job: bytes) -> None:
        self._worker, self._lock, self._unsent = worker, threading.Lock(), job
        self._transcript: Transcript | None = None
        self._readers = [_reader(worker.frames, self._take), _reader(worker.output, self._take_output)]
        self._before = used_by([worker.process.pid])  # before its job began
        self.started = time.perf_counter()
        self.deadline = Deadline(seconds, self.started)

    @property
    def status(self) -> int:
        """How the process ended, as a wait status."""
        return _wait_status(self._worker.process.returncode)

    def _take(self, data: bytes) -> None:
        with self._lock:
            if self._transcript:
                self._transcript.feed_frames(data)

    def _take_output(self, data: bytes) -> None:
        with self._lock:
            if self._transcript:
                self._transcript.feed_output(data)

    def _send(self) -> None:
        """Hand over what there is; standard input stays open, at its end the process ends."""
        view, self._unsent = memoryview(self._unsent), b""
        with suppress(OSError):  # that it has ended is seen later
            while view:
                view = view[self._worker.orders.write(view) :]

    def ask(self, transcript: Transcript, order: bytes) -> int:
        """Give it an order, and wait until it has told all, or has ended, and is closed then."""
        self._unsent += order
        if self.follow(transcript, stays=True):
            return STAYS
        self.close()
        return self.status

    def follow(self, transcript: Transcript, *, stays: bool = False) -> bool:
        """Wait until the process ends, or must be ended; where it stays, until it has told all that it was asked.

        Args:
            transcript: takes what it tells, from before anything is sent: it may answer at once.

        Returns:
            Whether it waits for orders.
        """
        process = self._worker.process
        self.deadline.go_on(time.perf_counter())
        with self._lock:
            self._transcript = transcript
        self._send()
        while process.poll() is None:
            used = used_by([process.pid])
            self.deadline.used = None if used is None or self._before is None else used - self._before
            with self._lock:
                if limit := self.deadline.look(time.perf_counter(), runnable_per_core()):
                    transcript.run_out(limit)
                if transcript.stopped:
                    return False
                if stays and transcript.ended:
                    return True
            time.sleep(_POLL_SECONDS)
        return False

    def close(self) -> None:
        """End the process, and read what it still told."""
        _kill(self._worker)
        over = time.perf_counter() + _GRACE_SECONDS  # what holds a pipe open is not waited for
        for reader in self._readers:
            reader.join(max(0.0, over - time.perf_counter()))
        _end(self._worker)


def _start() -> _Worker:
    package = Path(__file__).resolve().parent.parent
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _BOOT, str(package), *library_folders()],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **dict.fromkeys(_THREADS, "1")},
        start_new_session=True,  # where there are sessions
    )
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise GraderFault("there are no pipes to a process that was started with some")
    return _Worker(process, process.stdin, process.stdout, process.stderr)


def _await_ready(worker: _Worker) -> None:
    """Wait until it says, by one byte, that it has imported everything.

    Raises:
        GraderFault: it ends without saying so.
    """
    patience = threading.Timer(_START_SECONDS, worker.process.kill)
    patience.start()
    try:
        if not worker.frames.read(1):
            complaint = worker.output.read().decode("utf-8", "replace").strip()
            _end(worker)
            raise GraderFault(f"the process for submissions did not start:\n{complaint[-4000:]}")
    finally:
        patience.cancel()


def _told(job: Job, setup: Setup) -> bytes:
    """A job, as the process reads it."""
    told = {"name": job.name, "notebook": job.notebook, "skip": list(job.skip), "modules": job.sizes}
    parts = [json.dumps(told).encode(), archive(setup), job.source]
    lengths = b"".join(len(part).to_bytes(_LENGTH_BYTES, "little") for part in parts)
    return b"".join([lengths, *parts])


def _reader(stream: IO[bytes], feed: Callable[[bytes], None]) -> threading.Thread:
    """A thread that feeds what comes, until the stream ends."""

    def read() -> None:
        while data := os.read(stream.fileno(), 1 << 16):
            feed(data)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _wait_status(code: int) -> int:
    """The wait status of a process whose return code is known: a negative one is that of a signal."""
    return -code if code < 0 else code << 8


def _kill(worker: _Worker) -> None:
    """Kill it, and where that can be done whatever it started, which may outlive it."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.process.pid, signal.SIGKILL)
    worker.process.kill()


def _end(worker: _Worker) -> None:
    _kill(worker)
    worker.process.wait()
    for stream in (worker.orders, worker.frames, worker.output):
        with suppress(OSError):
            stream.close()
