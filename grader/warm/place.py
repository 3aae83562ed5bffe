"""Where the process that stays ready can be reached: a socket that belongs to this user alone."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import struct
import sys
import tempfile

MINUTES = 5
"""For so long it stays after its last use."""
_OTHERS = 0o077
_LONGEST = 100
"""Bytes of the path of a socket; the kernel takes 107."""
_PEER = struct.Struct("3i")


def folder() -> str:
    """A folder that nobody else can look into, made where it is not there.

    Raises:
        OSError: it cannot be made, or what is there is a link, somebody else's, or open to others.
    """
    runtime, user = os.environ.get("XDG_RUNTIME_DIR", ""), os.geteuid()
    there = len(runtime) < _LONGEST // 2 and os.path.isabs(runtime) and _is_private(runtime, user)  # noqa: PTH117
    parent, name = (runtime, "backprop-grader") if there else (tempfile.gettempdir(), f"backprop-grader-{user}")
    path = os.path.join(parent, name)  # noqa: PTH118
    try:
        os.mkdir(path, 0o700)  # noqa: PTH102
    except FileExistsError:
        if not _is_private(path, user):
            raise PermissionError(f"{path}: is not a folder of yours alone") from None
    return path


def _is_private(path: str, user: int) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & _OTHERS


def socket_path() -> str:
    """The path of the socket for this installation of the program, and this Python.

    Raises:
        OSError: there is no folder for it.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    known = repr((package, sys.executable, sys.version, os.environ.get("PYTHONPATH")))
    path = os.path.join(folder(), hashlib.sha256(known.encode("utf-8", "surrogateescape")).hexdigest()[:16])  # noqa: PTH118
    if len(os.fsencode(path)) > _LONGEST:
        raise OSError(f"{path}: is too long for a socket")
    return path


def is_ours(connection: socket.socket) -> bool:
    """Whether the process at the other end belongs to this user; the kernel tells."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(peer)[1]) == os.geteuid()


def program_stamp() -> dict[str, tuple[int, int]]:
    """Time and size of every file of this program, and the times of the folders in which libraries are installed.

    Whoever has another stamp than a process that stays ready runs another program than it.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    found = {}
    for path, folders, files in os.walk(package):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in files:
            place = os.path.join(path, name)  # noqa: PTH118
            told = os.lstat(place)
            found[place] = told.st_mtime_ns, told.st_size
    for path in sys.path:
        if path.endswith("site-packages") and os.path.isdir(path):  # noqa: PTH112
            found[path] = os.stat(path).st_mtime_ns, 0  # noqa: PTH116
    return found
