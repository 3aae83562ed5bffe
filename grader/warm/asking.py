"""Let the process that stays ready do what the command line asks for. Imports little: it is done within 0.1 s."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from grader.warm import place

ANSWERS, STALE, DONE = b"+", b"-", b"."
"""It takes a request; it runs another program than this, and ends; what follows is an exit status."""
LENGTH_BYTES = 4
_PATIENCE_SECONDS = 0.3
_INTERRUPTED = 130
_RELAYED = ("file", "check")
_NOT_RELAYED = ("--watch", "--allow-weak-isolation", "partial")


def ask(arguments: Sequence[str]) -> int | None:
    """Have a file graded or checked by the process that stays ready.

    Returns:
        The exit status, when all is printed; None where no process is there that can do it.
    """
    if sys.platform != "linux" or not _can_be_relayed(arguments):
        return None
    connection = connect()
    if connection is None:
        return None
    request = {
        "arguments": list(arguments),
        "folder": os.getcwd(),  # noqa: PTH109
        "environment": dict(os.environ),
        "encoding": getattr(sys.stdout, "encoding", None) or "utf-8",
        "mask": _mask(),
    }
    with connection, suppress(OSError):
        send(connection, request, [1, 2])
        try:
            answer = connection.recv(2, socket.MSG_WAITALL)
        except KeyboardInterrupt:  # it notices that nobody waits, and ends
            return _INTERRUPTED
        if len(answer) == 2 and answer[:1] == DONE:
            return answer[1]
    return None


def is_there() -> bool:
    """Whether a process stays ready, perhaps busy; in itself this is always so."""
    connection = _reached()
    if connection:
        connection.close()
    return connection is not None


def stop() -> bool:
    """End the process that stays ready; whether there was one."""
    connection = connect()
    if connection is None:
        return False
    with connection, suppress(OSError):
        send(connection, {"stop": True}, [])
        connection.recv(2, socket.MSG_WAITALL)
    return True


def _can_be_relayed(arguments: Sequence[str]) -> bool:
    """Whether it is about a file; a process that stays would stand in the way of watching, and of weak isolation."""
    if not arguments or os.environ.get("GRADE_KEEP_WARM", "").lower() in ("0", "no", "off", "false"):
        return False
    if any(word.startswith(end) or word.endswith(f"={end}") for word in arguments for end in _NOT_RELAYED):
        return False
    return arguments[0] in _RELAYED or (not arguments[0].startswith("-") and os.path.exists(arguments[0]))  # noqa: PTH110


def connect() -> socket.socket | None:
    """A connection to a process of this user that takes a request at once; None where there is none."""
    connection = _reached()
    if connection is None:
        return None
    try:
        if connection.recv(1) == ANSWERS:
            connection.settimeout(None)
            return connection
    except OSError:
        pass
    connection.close()
    return None


def _reached() -> socket.socket | None:
    """A connection to a process of this user, which may be busy."""
    try:
        path = place.socket_path()
        if not os.path.lexists(path):
            return None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        connection.settimeout(_PATIENCE_SECONDS)
        connection.connect(path)
        if place.is_ours(connection):
            return connection
    except OSError:
        pass
    connection.close()
    return None


def send(connection: socket.socket, request: dict[str, object], descriptors: Sequence[int]) -> None:
    """Send a request with its length in front, and the descriptors on which it is to be answered.

    Raises:
        OSError: the other end is gone.
    """
    data = json.dumps(request).encode()
    header = len(data).to_bytes(LENGTH_BYTES, "little")
    if descriptors:
        socket.send_fds(connection, [header], list(descriptors))
    else:
        connection.sendall(header)
    connection.sendall(data)


def _mask() -> int:
    """What is taken away from the rights of new files."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
