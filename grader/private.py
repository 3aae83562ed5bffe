"""Files that nobody else reads: reports, answers, and what is kept between two runs."""

from __future__ import annotations

import os
from pathlib import Path

_OTHERS = 0o077


def opener(path: str, flags: int) -> int:
    """For `open(..., opener=opener)`: a file that is made is readable and writable by its owner alone."""
    return os.open(path, flags, 0o600)


def is_ours(folder: Path) -> bool:
    """Whether a folder belongs to this user; then it is closed to others from now on.

    Where systems know no owners, it is.
    """
    if not hasattr(os, "geteuid"):
        return True
    try:
        found = os.stat(folder)  # noqa: PTH116
        if found.st_uid != os.geteuid():
            return False
        if found.st_mode & _OTHERS:
            folder.chmod(0o700)
    except OSError:
        return False
    return True


def is_written_by_us(descriptor: int) -> bool:
    """Whether an open file belongs to this user, and nobody else may write into it."""
    found = os.fstat(descriptor)
    return not hasattr(os, "geteuid") or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)
