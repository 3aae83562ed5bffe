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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.errors import GraderFault
from grader.records import Isolation, Run
from grader.sandbox.deadline import Deadline, runnable_per_core
from grader.sandbox.inside.processor_time import used_by
from grader.sandbox.jobs import Job, Rerun, Setup, archive, packed, reported
from grader.sandbox.libraries import library_folders
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
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
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
    def session(self, job: Job, setup: Setup) -> Iterator[_Session]:
        """A session for one submission with instruments."""
        with closing(_Session(lambda: self._begun(job, setup), job, setup)) as session:
            yield session

    def _begun(self, job: Job, setup: Setup) -> _Running:
        """A process that has been given a job.

        Raises:
            GraderFault: it does not start.
        """
        worker, self._waiting = self._waiting, _start()
        _await_ready(worker)
        running = _Running(worker, job.seconds)
        running.send(_told(job, setup))
        return running


class _Running:
    """A process that has a job, and the transcript of what it tells at the moment."""

    def __init__(self, worker: _Worker, seconds: float) -> None:
        self._worker, self._lock = worker, threading.Lock()
        self._transcript: Transcript | None = None
        self._early: list[bytes] = []
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
            else:
                self._early.append(data)

    def _take_output(self, data: bytes) -> None:
        with self._lock:
            if self._transcript:
                self._transcript.feed_output(data)

    def send(self, data: bytes) -> None:
        """Hand something over; standard input stays open, at its end the process ends."""
        view = memoryview(data)
        with suppress(OSError):  # that it has ended is seen later
            while view:
                view = view[self._worker.orders.write(view) :]

    def follow(self, transcript: Transcript, asked: bytes = b"", *, stays: bool = False) -> bool:
        """Wait until the process ends, or must be ended; where it stays, until it has told all that it was asked.

        Args:
            transcript: takes what it tells, from before it is asked: it may answer at once.

        Returns:
            Whether it waits for orders.
        """
        process = self._worker.process
        self.deadline.go_on(time.perf_counter())
        with self._lock:
            self._transcript, early, self._early = transcript, self._early, []
            for data in early:
                transcript.feed_frames(data)
        self.send(asked)
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


class _Session:
    """A process that stays, and is asked again and again."""

    def __init__(self, begin: Callable[[], _Running], job: Job, setup: Setup) -> None:
        self._begin, self._job, self._setup = begin, job, setup
        self._running: _Running | None = None
        self._before = 0.0

    @property
    def used(self) -> float:
        """Seconds of processor time so far, of all its processes; none where the system does not tell."""
        return self._before + ((self._running.deadline.used or 0.0) if self._running else 0.0)

    def ask(self, reruns: Sequence[Rerun]) -> Run:
        """Run it again on each of these; where its process ended, in a new one.

        Raises:
            GraderFault: the process does not start.
        """
        transcript = Transcript(reported(reruns), self._setup.always, self._job.output)
        if self._running is None:
            self._running = self._begin()
        running, started = self._running, time.perf_counter()
        status = 0
        if not running.follow(transcript, packed(reruns), stays=True):
            self.close()
            status = running.status
        used = running.deadline.used or 0.0
        return transcript.result(status, self._job.seconds, used, time.perf_counter() - started)

    def close(self) -> None:
        """End its process, if there is one."""
        if self._running is not None:
            self._before += self._running.deadline.used or 0.0
            self._running.close()
            self._running = None


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
