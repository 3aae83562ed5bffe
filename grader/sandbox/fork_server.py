"""A fork server from the parent's side: start it, hand it a job, and read what comes back as if it were hostile."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import GraderFault
from grader.records import Run
from grader.sandbox import enclosure
from grader.sandbox.deadline import Deadline, Limit, runnable_per_core
from grader.sandbox.jobs import Job, Setup, archive, fence, memory_file
from grader.sandbox.libraries import library_folders
from grader.sandbox.session import STAYS
from grader.sandbox.transcript import Transcript

_REPLY = struct.Struct("<Bid")
_LOST, _READY, _EXITED, _USED = 0, 1, 2, 3
_START_SECONDS = 120.0
_GRACE_SECONDS = 10.0
_PIPE_BYTES = 1 << 20
"""Enough for most submissions, so that neither side waits for the other."""
_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.01, 0.05
"""How often a pipe with room for most submissions is looked at: waking for each write costs more than reading it. The
longer nothing much comes, the less often."""
_ASK_SECONDS = 0.1
"""How often a server is asked for the processor time of its job."""

_BOOT = """
import sys, types
package, descriptor, parent, *folders = sys.argv[1:]
sys.path += folders
for name, path in (("grader", package), ("grader.sandbox", package + "/sandbox")):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [path]
from grader.sandbox.inside.confinement import die_with, hung_up
die_with(int(parent))
if hung_up(int(descriptor)):
    sys.exit(1)
import importlib, pkgutil
import grader.kit, grader.watch
for package in (grader.kit, grader.watch):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
from grader.sandbox.inside.server import main
sys.argv[:] = sys.orig_argv[:] = ["grade"]
sys.modules["grader"].__path__ = sys.modules["grader.sandbox"].__path__ = []
main(int(descriptor))
"""
"""The server ends with its parent even while it imports torch: also with one that ended before bubblewrap, whose
namespace hides it, could ask the kernel to be told.

It sees the standard library, the libraries' folders, and of the program its untrusted side alone."""

_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "TORCHINDUCTOR_CACHE_DIR": ".",
}
"""Nothing of the user's. `torch.func` looks for a folder of its own, and is content with one that it cannot write."""


@dataclass
class Running:
    """A job that runs: the ends of its pipes, its time, and, in a session, what is still to be sent of an order."""

    frames: int
    output: int
    orders: int | None
    deadline: Deadline
    started: float
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))

    def send(self) -> None:
        """Send as much as there is room for; that nobody reads it is noticed elsewhere."""
        with suppress(BlockingIOError, BrokenPipeError):
            while self.unsent and self.orders is not None:
                self.unsent = self.unsent[os.write(self.orders, self.unsent) :]

    def close(self) -> None:
        """Close the pipes."""
        for descriptor in (self.frames, self.output, self.orders):
            if descriptor is not None:
                os.close(descriptor)


class ForkServer:
    """A server process, started at once and in the background. It runs one job at a time.

    It ends with the thread that starts it.

    Args:
        level: the isolation level.
        visible: folders that the server can read besides the libraries; a submission reads that of its exercise alone.
        many: whether to start more slowly, and run each job faster.
    """

    def __init__(self, level: str, visible: Iterable[Path], *, many: bool) -> None:
        self._told: dict[bool, Setup] = {}
        """What it was told last: of usual runs, and of those with instruments, for which it is prepared besides."""
        self._enclosed = level == "full+"
        self._usable = True
        self._unanswered = 0
        self._running = False
        self.interrupted = False
        """Whether the last job was stopped because it waited, and not because of what it had computed."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = os.fdopen(os.memfd_create("errors", os.MFD_CLOEXEC), "w+b")
        self._process = subprocess.Popen(
            _command(level, visible, theirs.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            cwd="/",
            env=_ENVIRONMENT,
            pass_fds=[theirs.fileno()],
            process_group=0 if self._enclosed else None,
        )
        theirs.close()
        self._tell(fence(level, visible, many=many), [])

    @property
    def pid(self) -> int:
        """The number of its process, or of the enclosure around it, which ends with it."""
        return self._process.pid

    @property
    def lost(self) -> bool:
        """Whether it has ended, does not answer, or was left in the middle of a job: good for nothing but `close`."""
        return not self._usable or self._running

    def prepare(self, setup: Setup) -> None:
        """Tell it what the next jobs are about; does not wait for it."""
        self._told[setup.instruments] = setup
        self._unanswered += 1
        self._tell({"op": "setup"}, [memory_file("setup", archive(setup))])

    def is_prepared(self, setup: Setup) -> bool:
        """Whether a job of this setup can run as it is."""
        return self._told.get(setup.instruments) is setup

    def run(self, job: Job, setup: Setup) -> Run:
        """Run one submission on all probes of a setup.

        Raises:
            GraderFault: it did not start.
        """
        transcript = Transcript(setup.quantities, setup.always, job.output, job.skip)
        with closing(self.begin(job, setup)) as running:
            status = self.follow(transcript, running)
        seconds = time.perf_counter() - running.started
        return transcript.result(status, job.seconds, running.deadline.used or 0.0, seconds)

    def begin(self, job: Job, setup: Setup) -> Running:
        """Start a job, which `follow` follows.

        Raises:
            GraderFault: the server did not start.
        """
        if not self.is_prepared(setup):
            self.prepare(setup)
        self._await_ready()
        self._running = True
        (frames, frames_end), (output, output_end) = _pipe(), _pipe()
        asked, orders = _pipe(os.O_WRONLY) if setup.instruments else (None, None)
        started = time.perf_counter()
        running = Running(frames, output, orders, Deadline(job.seconds, started), started)
        message = {
            "op": "run",
            "with_instruments": setup.instruments,
            "name": job.name,
            "notebook": job.notebook,
            "seconds": job.seconds,
            "memory": job.memory,
            "skip": list(job.skip),
            "modules": job.sizes,
        }
        ends = [frames_end, output_end, *([asked] if asked is not None else [])]
        self._tell(message, [memory_file("source", job.source), *ends])
        return running

    def follow(self, transcript: Transcript, running: Running) -> int | None:
        """Read until a job has ended, or, in a session, until it has told all that it was asked.

        Returns:
            The wait status of its process, `STAYS` if that waits for orders, or None if the server was lost.
        """
        status = self._follow(transcript, running)
        self._running, self._usable = status == STAYS, status is not None
        self.interrupted = transcript.limit is Limit.WAITING
        return status

    def hang_up(self) -> None:
        """End the job that another thread follows, and the server; that thread sees a lost server."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it: at once where it is idle, else by closing the socket, at which it first kills its job."""
        self._control.close()
        try:
            self._process.wait(timeout=_GRACE_SECONDS if self._running else 0)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        self._errors.close()

    def _kill(self) -> None:
        """Kill it; and around it bubblewrap's two processes, the second of which would wait forever for the first."""
        with suppress(ProcessLookupError):
            if self._enclosed:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def _follow(self, transcript: Transcript, running: Running) -> int | None:
        """What has arrived is read before it is asked whether time is over."""
        deadline, stays = running.deadline, running.orders is not None
        readers = {running.frames: transcript.feed_frames, running.output: transcript.feed_output}
        poll = select.poll()
        poll.register(self._control.fileno(), select.POLLIN)
        for descriptor in readers:
            if stays or fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) < _PIPE_BYTES:
                poll.register(descriptor, select.POLLIN)
        clock = _Clock(deadline, self._ask)
        killed_at: float | None = None
        pause = _LOOK_SECONDS
        while True:
            ready = dict(poll.poll(pause * 1000))
            pause = min(2 * pause, _LONGEST_LOOK_SECONDS)
            if self._control.fileno() in ready:
                kind, status, used = self._reply() or (_LOST, 0, 0.0)
                if kind != _USED:
                    for source, feed in readers.items():
                        while data := _read(source):
                            feed(data)
                    deadline.used = used if kind == _EXITED else deadline.used
                    return status if kind == _EXITED else None
                clock.answered(used)
                if stays and transcript.ended:
                    return STAYS
            for source, feed in readers.items():
                data = _read(source)
                if data:
                    feed(data)
                    pause = _LOOK_SECONDS if len(data) > _PIPE_BYTES // 4 else pause
                elif data is not None and source in ready:
                    poll.unregister(source)
            running.send()
            if killed_at is None:
                if stays and transcript.ended:
                    clock.ask()
                if limit := clock.look():
                    transcript.run_out(limit)
                if transcript.stopped:
                    killed_at = time.perf_counter()
                    self._tell({"op": "kill"}, [])
            elif time.perf_counter() >= killed_at + _GRACE_SECONDS:
                self._kill()
                return None

    def _ask(self) -> None:
        """Ask for the processor time of the job that runs."""
        self._tell({"op": "look"}, [])

    def _await_ready(self) -> None:
        """Wait until it has taken in all that it was told."""
        self._control.settimeout(_START_SECONDS)
        while self._unanswered:
            try:
                reply = self._reply()
            except TimeoutError:
                reply = None
            if not reply or reply[0] != _READY:
                self._usable = False
                raise GraderFault(f"the fork server did not start:\n{self._complaint()}")
            self._unanswered -= 1
        self._control.settimeout(None)

    def _reply(self) -> tuple[int, int, float] | None:
        """What happened, a wait status, and seconds of processor time; None where the server is gone."""
        try:
            data = self._control.recv(_REPLY.size + 1)
        except ConnectionError:
            return None
        if len(data) != _REPLY.size:
            return None
        kind, status, used = _REPLY.unpack(data)
        return kind, status, used

    def _tell(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        """Send a message and descriptors, which are closed here; that a server is gone is noticed at its reply."""
        with suppress(ConnectionError):
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    def _complaint(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode("utf-8", "replace").strip() or "it ended without a word"


class _Clock:
    """Looks at a deadline now and then, and asks for what it depends on."""

    def __init__(self, deadline: Deadline, ask: Callable[[], None]) -> None:
        self._deadline, self._ask = deadline, ask
        self._asked_at, self._waits = time.perf_counter(), False
        self._per_core = 1.0

    def answered(self, used: float) -> None:
        """The seconds of processor time that were asked for."""
        self._deadline.used, self._waits = used, False

    def ask(self) -> None:
        """Ask for it, unless that was asked already."""
        if not self._waits:
            self._asked_at, self._waits = time.perf_counter(), True
            self._ask()

    def look(self) -> Limit | None:
        """What is used up by now."""
        now = time.perf_counter()
        if not self._waits and now >= self._asked_at + _ASK_SECONDS:
            self._per_core = runnable_per_core()
            self.ask()
        return self._deadline.look(now, self._per_core)


def _command(level: str, visible: Iterable[Path], socket_end: int) -> list[str]:
    """The command that starts a server at the other end of a socket."""
    package = Path(__file__).resolve().parent.parent
    around: list[str] = []
    place, parent = str(package), os.getpid()
    if level == "full+":
        # a process sees no parent outside of its namespace; bubblewrap sees to it that it ends with us
        around, place, parent = enclosure.command(package, visible), enclosure.PACKAGE, 0
    python = [enclosure.interpreter(), "-I", "-S", "-c", _BOOT]
    return [*around, *python, place, str(socket_end), str(parent), *library_folders()]


def _pipe(ours: int = os.O_RDONLY) -> tuple[int, int]:
    """The two ends of a pipe; reading from it does not wait, or, where we write, writing."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(write_end if ours == os.O_WRONLY else read_end, False)
    with suppress(OSError):  # of many pipes of one user, the last ones stay small
        fcntl.fcntl(read_end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return read_end, write_end


def _read(descriptor: int) -> bytes | None:
    """What can be read now; empty at the end, None if nothing is there yet."""
    try:
        return os.read(descriptor, _PIPE_BYTES)
    except BlockingIOError:
        return None
