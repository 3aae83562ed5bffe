"""How strictly a submission is kept apart from the machine: the levels, which of them can be had here, and why."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

from grader.errors import IsolationUnavailable
from grader.records import Isolation
from grader.sandbox import enclosure, seccomp
from grader.wire.facts import Fact, Value

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

    `no_enclosure` says why bubblewrap cannot be used; None where it can.
    """

    linux: bool
    landlock: int
    seccomp: bool
    no_enclosure: Fact | None

    @classmethod
    def here(cls) -> Machine:
        """Ask the kernel and the dynamic linker, and try bubblewrap."""
        if sys.platform != "linux":
            return cls(linux=False, landlock=0, seccomp=False, no_enclosure=None)
        found = seccomp.library() is not None
        return cls(linux=True, landlock=landlock_version(), seccomp=found, no_enclosure=enclosure.obstacle())

    def lacks(self, level: str) -> list[Fact]:
        """What is missing for a level, and how to get it; nothing where the level can be had."""
        missing = []
        if not self.linux:
            missing.append(Fact("lacks: linux"))
        if level != "partial" and self.linux and not self.seccomp:
            missing.append(Fact("lacks: libseccomp"))
        if level == "full+" and self.linux and self.no_enclosure:
            missing.append(self.no_enclosure)
        wanted = {"full+": _SCOPES, "full": _SCOPES, "full-": 1}.get(level, 0)
        if self.linux and self.landlock < wanted:
            told: dict[str, Value] = {
                "version": wanted,
                "scopes": wanted == _SCOPES,
                "have": self.landlock,
                "some": self.landlock > 0,
            }
            missing.append(Fact("lacks: landlock", told))
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
        raise IsolationUnavailable(Fact("isolation: unknown", {"level": wanted, "known": tuple(LEVELS)}))
    level = wanted or next((name for name in LEVELS if not machine.lacks(name)), None)
    if level is None or machine.lacks(level):
        least = level or "partial"
        missing = tuple(machine.lacks(least))
        raise IsolationUnavailable(Fact("isolation: not-here", {"level": least, "missing": missing}))
    order = list(LEVELS)
    if order.index(level) > order.index(WEAKEST_BY_DEFAULT) and not allow_weak:
        missing = tuple(machine.lacks(WEAKEST_BY_DEFAULT))
        told = {"level": level, "better": WEAKEST_BY_DEFAULT}
        raise IsolationUnavailable(Fact("isolation: weak", {**told, "missing": missing}))
    return Isolation(level, LEVELS[level])
