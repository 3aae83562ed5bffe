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
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.errors import GraderFault
from grader.records import Isolation, Run
from grader.sandbox.deadline import Deadline, runnable_per_core
from grader.sandbox.inside.processor_time import used_by
from grader.sandbox.jobs import Job, Setup, archive
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
        worker, self._waiting = self._waiting, _start()
        _await_ready(worker)
        transcript, lock = Transcript(wanted.quantities, wanted.always, job.output, job.skip), threading.Lock()
        readers = [
            _reader(worker.frames, transcript.feed_frames, lock),
            _reader(worker.output, transcript.feed_output, lock),
        ]
        started = time.perf_counter()
        deadline = Deadline(job.seconds, started)
        try:
            _tell(worker, job, wanted)
            _follow(worker, transcript, lock, deadline)
        finally:
            _kill(worker)
            over = time.perf_counter() + _GRACE_SECONDS  # what holds a pipe open is not waited for
            for reader in readers:
                reader.join(max(0.0, over - time.perf_counter()))
            _end(worker)
        seconds = time.perf_counter() - started
        return transcript.result(_wait_status(worker.process.returncode), job.seconds, deadline.used or 0.0, seconds)


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


def _tell(worker: _Worker, job: Job, setup: Setup) -> None:
    """Hand over a job; standard input stays open, at its end the process ends."""
    told = {"name": job.name, "notebook": job.notebook, "skip": list(job.skip), "modules": job.sizes}
    parts = [json.dumps(told).encode(), archive(setup), job.source]
    lengths = b"".join(len(part).to_bytes(_LENGTH_BYTES, "little") for part in parts)
    view = memoryview(b"".join([lengths, *parts]))
    with suppress(OSError):  # that it has ended is seen later
        while view:
            view = view[worker.orders.write(view) :]


def _follow(worker: _Worker, transcript: Transcript, lock: threading.Lock, deadline: Deadline) -> None:
    """Wait until it ends, or must be ended. What it used of the processor before its job began is not counted."""
    before = used_by([worker.process.pid])
    while worker.process.poll() is None:
        used = used_by([worker.process.pid])
        deadline.used = None if used is None or before is None else used - before
        with lock:
            if limit := deadline.look(time.perf_counter(), runnable_per_core()):
                transcript.run_out(limit)
            if transcript.stopped:
                return
        time.sleep(_POLL_SECONDS)


def _reader(stream: IO[bytes], feed: Callable[[bytes], None], lock: threading.Lock) -> threading.Thread:
    """A thread that feeds what comes, until the stream ends."""

    def read() -> None:
        while data := os.read(stream.fileno(), 1 << 16):
            with lock:
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
