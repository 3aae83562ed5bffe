"""The pool of one command: its own, or in a process that stays ready the one that is kept for the next command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.records import Isolation
from grader.sandbox import pool
from grader.sandbox.jobs import Setup, archive


class KeptPool(pool.Pool):
    """A pool for many commands: what is said again is not told to the servers again."""

    _told: tuple[bytes, int] | None = None

    def prepare(self, setup: Setup) -> None:
        """Tell all servers what jobs are about, unless it is what they know, of an exercise that did not change."""
        told = archive(setup), setup.exercise.stat().st_mtime_ns
        if told != self._told or self.setup is None:
            super().prepare(setup)
            self._told = told


class Keeper:
    """Keeps one pool, that of the last command."""

    def __init__(self) -> None:
        self._pool: KeptPool | None = None
        self._for: tuple[Isolation, tuple[Path, ...]] | None = None

    def pool(self, isolation: Isolation, visible: Sequence[Path]) -> KeptPool:
        """The pool for some isolation and visible folders; one for others is closed."""
        wanted = isolation, tuple(visible)
        if self._pool is None or self._for != wanted:
            self.close()
            self._pool, self._for = KeptPool(isolation, visible, servers=1), wanted
        return self._pool

    def close(self) -> None:
        """End the pool."""
        if self._pool:
            self._pool.close()
        self._pool = None


_keepers: list[Keeper] = []


def keep_pools() -> Keeper:
    """From now on, pools of this process are kept."""
    _keepers.append(Keeper())
    return _keepers[-1]


@contextmanager
def opened(isolation: Isolation, visible: Sequence[Path]) -> Iterator[pool.Pool]:
    """A pool for one submission after the other; closed at the end unless pools are kept."""
    if _keepers:
        yield _keepers[-1].pool(isolation, visible)
        return
    with pool.Pool(isolation, visible) as own:
        yield own
