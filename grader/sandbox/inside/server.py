"""The fork server: imports torch once, then forks a process for each submission.

It holds the probes' inputs and the exercise's given code; no expected value, and no other submission. It takes one job
at a time, so whatever process is left when a job ends belongs to that job and is killed.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import torch

from grader.sandbox.inside import confinement, landlock
from grader.sandbox.inside.child import Task, furnish, redirect, run, unpacked
from grader.sandbox.inside.orders import orders
from grader.sandbox.inside.processor_time import used_by
from grader.sandbox.inside.rehearsal import rehearse, warm_up
from grader.sandbox.inside.tasks import unpack

REPLY = struct.Struct("<Bid")
"""What happened, a wait status, and the seconds of processor time that a job has used."""
READY, EXITED, USED = 1, 2, 3
MAX_MESSAGE = 65536


def main(descriptor: int) -> None:
    """Serve the parent process at the other end of the socket `descriptor` until it closes it."""
    os.setsid()
    confinement.adopt_orphans()
    confinement.give_up_privileges()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.pop("PWD", None)  # bubblewrap sets it
    control = socket.socket(fileno=descriptor)
    torch.set_num_threads(1)
    furnish()
    warm_up()
    own = confinement.Own()
    tasks: dict[bool, tuple[Task, Fence]] = {}  # with instruments, and without
    fence: Fence | None = None
    while True:
        message, descriptors = _receive(control)
        if message is None:
            return
        if message["op"] == "confine":
            fence = _confine(message)
        elif message["op"] == "setup" and fence is not None:
            task = _setup(descriptors[0])
            os.close(descriptors[0])
            _, known = tasks.get(task.with_instruments, (task, fence))
            tasks[task.with_instruments] = task, known.around(str(task.exercise.__file__))
            if fence.many and not task.with_instruments:
                rehearse(task)
            gc.collect()
            gc.freeze()
            control.send(REPLY.pack(READY, 0, 0.0))
        elif message["op"] == "run" and message["with_instruments"] in tasks:
            before = _used_by_the_dead()
            status = _job(control, own, *tasks[message["with_instruments"]], message, descriptors)
            control.send(REPLY.pack(EXITED, status, _used_by_the_dead() - before))


def _receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next message and its descriptors; None at the end."""
    size = array.array("i").itemsize
    data, ancillary, _, _ = control.recvmsg(MAX_MESSAGE, socket.CMSG_SPACE(4 * size))
    descriptors = array.array("i")
    for _, _, payload in ancillary:
        descriptors.frombytes(payload[: len(payload) - len(payload) % size])
    return (json.loads(data) if data else None), list(descriptors)


@dataclass(frozen=True)
class Fence:
    """What a child gives up besides what it inherits: files and signals, by Landlock, and system calls.

    `landlock` is the version, 0 for none; `readable` are the libraries, and `room` is the descriptor of a child's own
    Landlock fence, which leaves it of all assignments the one that it is about. `many` tells that many jobs will come.
    """

    landlock: int
    readable: Sequence[str]
    child_filter: bytes
    many: bool
    room: int = -1

    def around(self, exercise: str) -> Fence:
        """The same for children whose exercise is this file."""
        if self.room >= 0:
            os.close(self.room)
        folder = os.path.dirname(exercise)  # noqa: PTH120
        room = landlock.fence(self.landlock, [*self.readable, folder]) if self.landlock else -1
        return replace(self, room=room)


def _confine(message: dict[str, Any]) -> Fence:
    """Give up what serving does not need. Whatever is forked from now on inherits it."""
    for name in message["preload"]:
        with suppress(ImportError):
            importlib.import_module(name)
    if message["many"]:
        confinement.use_huge_pages()
    if message["landlock"]:
        room = landlock.fence(message["landlock"], [*message["readable"], *message["visible"]])
        landlock.enter(room)
        os.close(room)
    if message["server_filter"]:
        confinement.install_filter(bytes.fromhex(message["server_filter"]))
    child_filter = bytes.fromhex(message["child_filter"])
    return Fence(message["landlock"], message["readable"], child_filter, message["many"])


def _setup(descriptor: int) -> Task:
    with open(descriptor, "rb", closefd=False) as file:
        return unpack(file.read())


def _job(
    control: socket.socket,
    own: confinement.Own,
    task: Task,
    fence: Fence,
    message: dict[str, Any],
    descriptors: Sequence[int],
) -> int:
    """Fork for one submission, wait until it ends or the parent says stop, and leave no process behind.

    Tells meanwhile how much processor time it has used, as often as the parent wants to know.

    Returns:
        The wait status of the submission's process.
    """
    server, pid = os.getpid(), os.fork()
    if pid == 0:
        _child(server, task, fence, own, message, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    handle = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(control, select.POLLIN)
    while handle not in (ready := dict(poll.poll())):
        if control.fileno() in ready:
            asked, _ = _receive(control)
            if asked and asked["op"] == "look":
                control.send(REPLY.pack(USED, 0, used_by(own.children())))
                continue
            _kill(pid)
            if asked is None:
                _sweep(own)
                os._exit(0)
    os.close(handle)
    _kill(pid)
    status = os.waitpid(pid, 0)[1]
    _sweep(own)
    return status


def _child(
    server: int,
    task: Task,
    fence: Fence,
    own: confinement.Own,
    message: dict[str, Any],
    descriptors: Sequence[int],
) -> NoReturn:
    """The life of a submission's process."""
    try:
        os.setsid()
        confinement.die_with(server)
        memory = own.address_space() + message["memory"]
        source, frames, output, *asked = descriptors
        if fence.landlock:
            landlock.enter(fence.room)
        data, send, read = redirect(source, output, frames, *asked)
        confinement.limit_resources(message["seconds"], memory)
        if fence.child_filter:
            confinement.install_filter(fence.child_filter)
        main, modules = unpacked(data, message["modules"])
        wanted = orders(read, task.trials)
        notebook, skip = message["notebook"], message["skip"]
        run(task, message["name"], main, modules, notebook=notebook, skip=skip, send=send, orders=wanted)
        os._exit(0)
    finally:
        os._exit(70)


def _used_by_the_dead() -> float:
    """Seconds of processor time of all children that were waited for, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _kill(pid: int) -> None:
    """Kill the session of a submission, and its first process in case it has no session yet."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _sweep(own: confinement.Own) -> None:
    """Kill what is left, until nothing is: orphans come to us however they detached themselves."""
    while left := own.children():
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(-1, 0)
