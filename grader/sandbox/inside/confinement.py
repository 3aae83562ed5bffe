"""What a process can do to itself so that it can do less: the system calls of Linux, and resource limits."""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _INSTRUCTION = 22, 2, 8
_MADV_COLLAPSE, _HUGE_PAGE = 25, 1 << 21
_DESCRIPTORS = 256
"""How many a submission may have open; each could be a pipe that holds 64 kB of the kernel's memory."""


def die_with(parent: int) -> None:
    """Be killed when the process `parent` ends; at once if it has ended already."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def hung_up(channel: int) -> bool:
    """Whether nobody holds the other end of a connection."""
    poll = select.poll()
    poll.register(channel, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none can escape by forking twice."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def give_up_privileges() -> None:
    """No set-uid program gives anything any more, and other processes of the user cannot look into this one."""
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _prctl(_PR_SET_DUMPABLE, 0)


def use_huge_pages() -> None:
    """Gather the memory in huge pages, where the kernel can: a fork copies the table of pages, which is then short."""
    areas = [line.split() for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()]
    for place, access, _, _, _, *name in areas:
        if access.startswith("rw") and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in place.split("-"))
            start, end = -(-start // _HUGE_PAGE) * _HUGE_PAGE, end // _HUGE_PAGE * _HUGE_PAGE
            if start < end:
                _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)


class Own:
    """Facts about this process, from files that are opened now, before opening is given up."""

    def __init__(self) -> None:
        self._children = os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY | os.O_CLOEXEC)
        self._memory = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)

    def children(self) -> list[int]:
        """The processes whose parent is this one."""
        return [int(pid) for pid in os.pread(self._children, 1 << 16, 0).split()]

    def address_space(self) -> int:
        """Bytes of address space in use."""
        return int(os.pread(self._memory, 256, 0).split()[0]) * resource.getpagesize()


def limit_resources(seconds: float, memory: int) -> None:
    """Bound processor time, address space (bytes), files written and open, processes and core dumps.

    The grading process stops a submission before the kernel does, unless it is held up itself.
    """
    _limit(resource.RLIMIT_CPU, int(seconds) + 2)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def install_filter(program: bytes) -> None:
    """Give up system calls: a program for seccomp, in force for this process and all that it forks.

    Raises:
        OSError: the kernel refuses.
    """
    instructions = ctypes.create_string_buffer(program, len(program))
    filter_ = _FilterProgram(len(program) // _INSTRUCTION, ctypes.addressof(instructions))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter_))


class _FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bounded, bounded))


def _prctl(option: int, value: int, pointer: object = 0) -> None:
    if _LIBC.prctl(option, ctypes.c_ulong(value), pointer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}: {os.strerror(ctypes.get_errno())}")
