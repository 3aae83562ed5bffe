"""Which system calls the fork server and a submission may make, compiled by libseccomp into programs for the kernel.

Calls are named, and libseccomp knows their numbers, so the policy holds on x86-64 and aarch64 alike; names that an
architecture lacks are passed over. Calls of another architecture (32-bit, x32) kill the process.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_BAD_ARCHITECTURE = 2
_EQUAL = 4

_EVERYBODY = """
read write readv writev pread64 pwrite64 preadv pwritev close close_range lseek dup dup2 dup3 pipe pipe2 poll ppoll
select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 open openat stat fstat lstat newfstatat
statx access faccessat faccessat2 readlink readlinkat getcwd getdents64 chdir mmap munmap mprotect mremap
brk mincore membarrier mbind rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack rt_sigpending tgkill alarm
setitimer getitimer pause futex sched_yield sched_getaffinity getcpu set_robust_list get_robust_list set_tid_address
rseq arch_prctl nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times getpid getppid gettid
getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid getrlimit getrusage getrandom
sysinfo uname umask exit exit_group restart_syscall
"""
"""What Python, numpy and torch need to compute, and to import what Landlock lets them open."""

_SERVER_ONLY = """
clone fork vfork wait4 waitid kill pidfd_open pidfd_send_signal sendmsg recvmsg setsid prctl seccomp setrlimit
prlimit64 landlock_create_ruleset landlock_add_rule landlock_restrict_self sendto recvfrom
"""
"""What the server does besides: it forks, kills, talks to its parent, and confines its children further."""

_VIOLATIONS = """
ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp bpf perf_event_open userfaultfd
io_uring_setup io_uring_enter io_uring_register unshare setns mount umount2 move_mount open_tree fsopen fsmount
pivot_root chroot open_by_handle_at name_to_handle_at keyctl add_key request_key init_module finit_module
delete_module kexec_load kexec_file_load reboot swapon swapoff fanotify_init quotactl acct syslog settimeofday
clock_settime adjtimex clock_adjtime iopl ioperm modify_ldt
"""
"""Nobody calls these by accident: the process is killed, and the report says so. All else fails with EPERM."""

_OPENING = "open openat openat2 stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents64"
"""What is denied besides where there is no Landlock: then nothing may be opened once the submission runs."""

_COMMANDS: dict[str, tuple[int, tuple[int, ...]]] = {
    "fcntl": (1, (0, 1, 2, 3, 4, 1030)),  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; not F_SETOWN
    "ioctl": (1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),  # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIO(N)CLEX
    "madvise": (2, (0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17)),  # not HWPOISON and SOFT_OFFLINE, which take pages away
}
"""Calls of which only some commands are allowed: which argument is the command, and its values."""


@dataclass(frozen=True)
class Filters:
    """Programs for the kernel: what the server and its children may do, and what a child may do of that."""

    server: bytes
    child: bytes


class _Comparison(ctypes.Structure):
    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("mask", ctypes.c_uint64),
    ]


@cache
def library() -> ctypes.CDLL | None:
    """libseccomp, or None where it is not installed."""
    for name in ("libseccomp.so.2", ctypes.util.find_library("seccomp")):
        try:
            found = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if found is not None:
            found.seccomp_init.restype = ctypes.c_void_p
            return found
    return None


@cache
def compile_filters(*, sealed: bool, scoped: bool) -> Filters:
    """The two programs.

    Args:
        sealed: deny a child to open anything.
        scoped: Landlock keeps a child's signals to itself; else it may send none, and `abort` ends it otherwise.

    Raises:
        OSError: libseccomp refuses.
    """
    server = _Program(default=_ERRNO | errno.EPERM)
    server.rule(_ALLOW, [*_EVERYBODY.split(), *_SERVER_ONLY.split()])
    server.rule(_KILL, _VIOLATIONS.split())
    server.rule(_ERRNO | errno.ENOSYS, ["clone3"])
    for call, (argument, commands) in _COMMANDS.items():
        for command in commands:
            server.rule(_ALLOW, [call], _Comparison(argument, _EQUAL, command, 0))

    child = _Program(default=_ALLOW)
    child.rule(_ERRNO | errno.EPERM, [call for call in _SERVER_ONLY.split() if call not in ("clone", "fork", "vfork")])
    child.rule(_ERRNO | errno.EAGAIN, ["clone", "fork", "vfork"])
    if not scoped:
        child.rule(_ERRNO | errno.EPERM, ["tgkill"])
    if sealed:
        child.rule(_ERRNO | errno.EACCES, _OPENING.split())
    return Filters(server.export(), child.export())


class _Program:
    """A filter in the making."""

    def __init__(self, default: int) -> None:
        found = library()
        if found is None:
            raise OSError("libseccomp is not installed")
        self._library = found
        self._context = ctypes.c_void_p(found.seccomp_init(ctypes.c_uint32(default)))
        self._check(found.seccomp_attr_set(self._context, _BAD_ARCHITECTURE, ctypes.c_uint32(_KILL)), "attribute")

    def rule(self, action: int, calls: Iterable[str], *comparisons: _Comparison) -> None:
        """Answer these calls with an action, where all comparisons hold."""
        for call in calls:
            number = self._library.seccomp_syscall_resolve_name(call.encode())
            if number < 0:
                continue  # this architecture has no such call
            array = (_Comparison * len(comparisons))(*comparisons)
            code = self._library.seccomp_rule_add_array(
                self._context, ctypes.c_uint32(action), number, len(comparisons), array
            )
            self._check(code, call)

    def export(self) -> bytes:
        """The program as the kernel takes it."""
        descriptor = os.memfd_create("filter", os.MFD_CLOEXEC)
        try:
            self._check(self._library.seccomp_export_bpf(self._context, descriptor), "export")
            os.lseek(descriptor, 0, os.SEEK_SET)
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)
            self._library.seccomp_release(self._context)

    @staticmethod
    def _check(code: int, what: str) -> None:
        if code < 0:
            raise OSError(-code, f"libseccomp refuses {what}")
