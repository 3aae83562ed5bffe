"""How strictly a submission is kept apart from the machine: the levels, which of them can be had here, and why."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

from grader.errors import IsolationUnavailable
from grader.records import Isolation
from grader.sandbox import enclosure, seccomp

LEVELS = {
    "full+": "as full; nothing outside has even a name",
    "full": "reads only libraries and the exercise; no network, no other process",
    "full-": "as full, on a kernel that cannot keep signals within the sandbox",
    "sealed": "opens no file once it runs; no network, no other process",
    "partial": "own process, limits; files and network are not closed off",
}
"""Level -> what it means, from the strictest to the weakest."""
WEAKEST_BY_DEFAULT = "sealed"

_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_VERSION = 1
_SCOPES = 6


@dataclass(frozen=True)
class Machine:
    """What this machine offers: whether it is Linux, the version of Landlock (0 for none), libseccomp, bubblewrap.

    `no_enclosure` says why bubblewrap cannot be used; it is empty where it can.
    """

    linux: bool
    landlock: int
    seccomp: bool
    no_enclosure: str

    @classmethod
    def here(cls) -> Machine:
        """Ask the kernel and the dynamic linker, and try bubblewrap."""
        if sys.platform != "linux":
            return cls(linux=False, landlock=0, seccomp=False, no_enclosure="")
        found = seccomp.library() is not None
        return cls(linux=True, landlock=landlock_version(), seccomp=found, no_enclosure=enclosure.obstacle())

    def lacks(self, level: str) -> list[str]:
        """What is missing for a level, and how to get it; nothing where the level can be had."""
        missing = []
        if not self.linux:
            missing.append("Linux (on Windows, WSL2); other systems are not supported yet")
        if level != "partial" and self.linux and not self.seccomp:
            missing.append("libseccomp: install the package libseccomp2 (Debian, Ubuntu) or libseccomp (Fedora, Arch)")
        if level == "full+" and self.linux and self.no_enclosure:
            missing.append(self.no_enclosure)
        wanted = {"full+": _SCOPES, "full": _SCOPES, "full-": 1}.get(level, 0)
        if self.linux and self.landlock < wanted:
            have = f"version {self.landlock} is there" if self.landlock else "this kernel has none, or it is disabled"
            kernel = "Linux 6.12" if wanted == _SCOPES else "Linux 5.13, booted with landlock among its `lsm`"
            missing.append(f"Landlock version {wanted} or newer ({kernel} or newer); {have}")
        return missing


def landlock_version() -> int:
    """The version of Landlock that this kernel has; 0 for none."""
    version = ctypes.CDLL(None).syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    return max(0, int(version))


def choose(machine: Machine, wanted: str | None = None, *, allow_weak: bool = False) -> Isolation:
    """The level to run at: the one wanted, or else the strictest that can be had.

    Args:
        allow_weak: also accept a level below `sealed`.

    Raises:
        IsolationUnavailable: it cannot be had, or is too weak; says what is missing.
    """
    if wanted is not None and wanted not in LEVELS:
        raise IsolationUnavailable(f"there is no isolation level `{wanted}`; known are {', '.join(LEVELS)}")
    level = wanted or next((name for name in LEVELS if not machine.lacks(name)), None)
    if level is None or machine.lacks(level):
        missing = "; ".join(machine.lacks(level or "partial"))
        raise IsolationUnavailable(f"the isolation level {level or 'partial'} cannot be had here; it needs {missing}")
    order = list(LEVELS)
    if order.index(level) > order.index(WEAKEST_BY_DEFAULT) and not allow_weak:
        missing = "; ".join(machine.lacks(WEAKEST_BY_DEFAULT))
        raise IsolationUnavailable(
            f"at the isolation level {level}, files and network are open to submissions."
            + (f" For {WEAKEST_BY_DEFAULT} this machine lacks {missing}." if missing else "")
            + " Add --allow-weak-isolation if you trust them."
        )
    return Isolation(level, LEVELS[level])
