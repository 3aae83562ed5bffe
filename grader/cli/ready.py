"""The process that stays ready: it does what the command line of its user asks for, one request at a time.

It grades as any other process would: each submission in a process of its own, forked by a server that is locked in, and
with the level, course, seed and limits of the request. What it saves is the start. It ends by itself when nobody needed
it for some minutes, when a file of the program or a library changed, and when a client goes away in the middle.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from grader.cli.status import FAULT
from grader.warm import place
from grader.warm.asking import ANSWERS, DONE, LENGTH_BYTES, STALE

_REQUESTS = 1000
"""After so many it ends: nothing grows forever."""
_LARGEST = 1 << 24
_PRIVATE = 0o077


def main() -> None:
    """Serve at the socket that the command line names, for a course."""
    path, course = sys.argv[1:]
    if os.fork():
        os._exit(0)  # nobody waits for the one that goes on
    os.umask(_PRIVATE)
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return  # another one is there
    stamp = place.program_stamp()
    _make_ready(Path(course))
    with suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        os.umask(_PRIVATE | 0o100)
        listening.bind(path)
        os.umask(_PRIVATE)
        listening.listen(4)
        try:
            serve(listening, stamp)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(path)


def serve(listening: socket.socket, stamp: dict[str, tuple[int, int]]) -> None:
    """Take one request after the other, until there is a reason to end."""
    listening.settimeout(place.MINUTES * 60)
    for _ in range(_REQUESTS):
        try:
            connection = listening.accept()[0]
        except TimeoutError:
            return
        with connection, suppress(ConnectionError):
            connection.settimeout(None)
            if not place.is_ours(connection):
                continue
            if place.program_stamp() != stamp:
                connection.send(STALE)
                return
            connection.send(ANSWERS)
            request, descriptors = _receive(connection)
            if request.get("stop"):
                connection.send(DONE + b"\0")
                return
            if len(descriptors) == 2:
                connection.send(DONE + bytes([_run(connection, request, descriptors) & 0xFF]))


def _make_ready(course: Path) -> None:
    """Start a pool, and import meanwhile what grading needs."""
    from grader.sandbox import kept
    from grader.sandbox.levels import Machine, choose

    keeper = kept.keep_pools()
    keeper.pool(choose(Machine.here()), [course / "assignments"])
    from grader.assignment import load, slugs

    for slug in slugs(course):
        load(course, slug)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """A request, and the descriptors that came with it; empty where the other end went away."""
    header, descriptors, _, _ = socket.recv_fds(connection, LENGTH_BYTES, 2)
    length = int.from_bytes(header, "little")
    if len(header) < LENGTH_BYTES or length > _LARGEST:
        return {}, descriptors
    data = connection.recv(length, socket.MSG_WAITALL)
    return (json.loads(data) if len(data) == length else {}), descriptors


def _run(connection: socket.socket, request: dict[str, Any], descriptors: Sequence[int]) -> int:
    """Run a command line as the client would, with its folder, environment and outputs; the exit status."""
    from grader.cli.commands import main as command

    over = os.eventfd(0, os.EFD_CLOEXEC)
    watching = threading.Thread(target=_end_with, args=(connection, over), daemon=True)
    watching.start()
    try:
        with _in_place_of(request, descriptors):
            command(request["arguments"])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except Exception:
        return FAULT
    finally:
        os.eventfd_write(over, 1)
        watching.join()
        os.close(over)
    return 0


def _end_with(client: socket.socket, over: int) -> None:
    """End at once, and all that runs with it, when a client goes away before its request is done."""
    poll = select.poll()
    poll.register(client, select.POLLRDHUP)
    poll.register(over, select.POLLIN)
    if over not in dict(poll.poll()):
        os._exit(1)


@contextmanager
def _in_place_of(request: dict[str, Any], descriptors: Sequence[int]) -> Iterator[None]:
    """Be, for one request, where the client is; and afterwards nowhere, with nothing of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    for theirs, ours in zip(descriptors, (1, 2), strict=True):
        os.dup2(theirs, ours)
        os.close(theirs)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (
        open(ours, "w", encoding=request["encoding"], errors="replace", closefd=False)  # noqa: SIM115
        for ours in (1, 2)
    )
    mask = os.umask(int(request["mask"]))
    os.environ.clear()
    os.environ.update(request["environment"])
    try:
        os.chdir(request["folder"])
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        sys.stdout, sys.stderr = before
        for ours in (1, 2):
            os.dup2(nowhere, ours)
        os.close(nowhere)
        os.umask(mask)
        os.chdir("/")


if __name__ == "__main__":
    main()
