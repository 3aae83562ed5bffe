"""How strictly a submission is kept apart from the machine: the levels, from strongest to weakest."""

from __future__ import annotations

import sys

from grader.errors import GraderFault
from grader.records import Isolation

LEVELS = {
    "full+": "Landlock, seccomp and bubblewrap: reads only the libraries and the exercise, sees no other file's name",
    "full": "Landlock and seccomp: reads only the libraries and the exercise, no network, no other process",
    "full-": "as full, on kernels whose Landlock cannot scope signals",
    "sealed": "seccomp alone: no file is opened after a preloaded list of imports",
    "partial": "own process, limits; files and network are not closed off",
    "workers": "a process that is used once; for submissions that are trusted",
}
"""Level -> what it does, in words for an instructor. Only `partial` is built so far."""


def detect() -> Isolation:
    """The strongest level that this program and this machine reach together.

    Raises:
        GraderFault: none.
    """
    if sys.platform != "linux":
        raise GraderFault(f"grading needs Linux (on Windows, WSL2); isolation on {sys.platform} is not built yet")
    return Isolation("partial", LEVELS["partial"])
