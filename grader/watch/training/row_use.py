"""Which rows a training uses, and which it measures on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from grader.wire.trace import TEST, UNKNOWN

Codes = NDArray[np.int64]
_OFTEN, _EPOCHS = 3, 3
"""How often rows must have been measured, and how often on average the others used, before that is a habit."""
_MOST_MEASURED = 200


class RowUse:
    """The rows of one training, update by update.

    Args:
        held_out: rows that the script itself has put aside.
    """

    def __init__(self, held_out: Iterable[int] = ()) -> None:
        self.per_update: list[int] = []
        self.distinct: set[int] = set()
        self._held = set(held_out)
        self._since: set[int] = set()
        self._each: list[int] = []
        self._before: set[int] = set()
        self._shared: list[float] = []
        self._measured: dict[frozenset[int], set[int]] = {}

    def train(self, codes: Codes) -> bool:
        """A gradient of these rows was computed; returns whether some are of a test set."""
        rows = set(codes.tolist())
        tests = {row for row in rows if row >= TEST} | rows & self._put_aside()
        self._since |= rows - tests
        self._each.append(len(rows - tests))
        return bool(tests)

    def update(self) -> None:
        """The parameters were updated."""
        if self._since:
            self.per_update.append(len(self._since))
            self.distinct |= self._since
            self._shared.append(len(self._since & self._before) / len(self._since))
        self._before, self._since = self._since, set()
        self._each.clear()

    def measure(self, codes: Codes, updates: int) -> None:
        """A prediction was made of these rows, and no gradient."""
        rows = frozenset(codes.tolist())
        if len(rows) > 1 and len(self._measured) < _MOST_MEASURED and not rows & self.distinct:
            self._measured.setdefault(rows, set()).add(updates)

    def _put_aside(self) -> set[int]:
        """Rows that were measured again and again, while all others were used several times."""
        if not self._measured or sum(self.per_update) < _EPOCHS * len(self.distinct):
            return self._held
        often = [rows for rows, when in self._measured.items() if len(when) >= _OFTEN and not rows & self.distinct]
        self._held |= {row for rows in often for row in rows}
        return self._held

    @property
    def sizes(self) -> list[int]:
        """Rows of each update; of each gradient, where there was no update."""
        return self.per_update or self._each or [0]

    @property
    def overlap(self) -> int:
        """The usual percentage of the rows of an update that the update before had used."""
        return int(100 * float(np.median(self._shared[1:]))) if len(self._shared) > 1 else 0

    @property
    def are_own(self) -> bool:
        """Whether some rows are the script's own."""
        return any(UNKNOWN <= row < TEST for row in self.distinct)
