"""`gradebook.csv` follows what people decide, as long as nobody but this program has written into it.

A file beside it keeps a digest of what was written; who writes holds that file, so two who decide at once do not mix.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from grader.private import opener
from grader.report_folder import TABLE, ReportFolder, write_whole

_DIGEST = ".gradebook.sha256"


def write_table(folder: ReportFolder, lines: Iterable[str]) -> None:
    """Write the table, which is this program's own from now on.

    Raises:
        OSError: it cannot be written.
    """
    with _held(folder) as kept:
        write_whole(folder.path / TABLE, lines, encoding="utf-8-sig")
        kept.truncate(0)
        kept.write(_digest(folder))


def is_as_written(folder: ReportFolder) -> bool:
    """Whether the table is there, and is what this program wrote; a column that a person added makes it theirs."""
    try:
        with _held(folder) as kept:
            return kept.read() == _digest(folder)
    except OSError:
        return False


@contextmanager
def _held(folder: ReportFolder) -> Iterator[TextIO]:
    with open(folder.path / _DIGEST, "a+", encoding="ascii", opener=opener) as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        yield kept


def _digest(folder: ReportFolder) -> str:
    return hashlib.sha256((folder.path / TABLE).read_bytes()).hexdigest()
