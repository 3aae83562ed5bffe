"""Landlock: a process gives up the file system, the network and signals, but for what it names."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_SYSTEM_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_VERSION, _TCP = 4, 0b11
_SCOPE_VERSION, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = [("file_system", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def fence(version: int, readable: Iterable[str]) -> int:
    """Describe what remains: to read beneath `readable`; no writing, no TCP connection, no signal to anybody outside.

    Args:
        version: of Landlock in this kernel; below 4 the network, below 6 signals are not covered.

    Returns:
        A descriptor for `enter`.

    Raises:
        OSError: the kernel refuses.
    """
    ruleset = _Ruleset(
        file_system=(1 << _FILE_SYSTEM_BITS.get(version, 16)) - 1,
        network=_TCP if version >= _NETWORK_VERSION else 0,
        scoped=_ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPE_VERSION else 0,
    )
    descriptor = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    for path in readable:
        try:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not every system has /lib64
        allowed = _READ_FILE | _READ_DIR if os.path.isdir(path) else _READ_FILE  # noqa: PTH112  no import after the fork
        rule = _PathBeneath(allowed, parent)
        _call(_ADD_RULE, descriptor, _PATH_BENEATH, ctypes.byref(rule), 0)
        os.close(parent)
    return descriptor


def enter(descriptor: int) -> None:
    """From now on this process can only do what a fence leaves, and of that what those before it left.

    It and its descendants are "inside": it cannot signal even the process that it was forked from.

    Raises:
        OSError: the kernel refuses.
    """
    _call(_RESTRICT_SELF, descriptor, 0)


def _call(number: int, *arguments: object) -> int:
    result = int(_LIBC.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"landlock: {os.strerror(ctypes.get_errno())}")
    return result
