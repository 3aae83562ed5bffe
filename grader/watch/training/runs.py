"""The training of one set of parameters: its ledger, its losses, its rows; and which trainings are told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.ma  # np.median imports it at its first call
import torch

from grader.watch.training.ledger import Gradients, Ledger
from grader.watch.training.loss import AVERAGED, HALVED, SPREAD, UNLIKE, Earlier, Floats, Kind, Met, earlier, kind_of
from grader.watch.training.row_use import RowUse
from grader.wire.trace import MOST_MEETINGS, MOST_RUNS, MOST_UPDATES, ROWS, Counts, Meeting, Training, Update, path_code

MEASURED = 30
"""Losses of a training that are looked at closely."""


class Losses:
    """What the losses of a training are, told where they meet their targets."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.kinds: Counter[str] = Counter()
        self.meetings: list[Meeting] = []
        self.sign = 1
        self.outputs = self.misaligned = 0
        self._waiting: list[Kind] = []
        self._earlier: dict[int, Earlier] = {}

    @property
    def measured(self) -> int:
        """Of how many losses it is known what they are."""
        return sum(self.kinds.values()) + len(self._waiting)

    def meet(self, met: Met, targets: Floats | None, every_target: Floats) -> Kind | None:
        """A prediction met its targets, at a finite loss."""
        kind = kind_of(met, targets, every_target, self._earlier)
        if targets is None:
            self._earlier = earlier(met) | self._earlier
        return kind

    def enter(self, kind: Kind, met: Met) -> None:
        """Keep what a loss is."""
        self._waiting.append(kind)
        self.sign = -1 if kind.factor < 0 else 1
        if kind.name == SPREAD:
            self.outputs = max(self.outputs, met.outputs)
        self.misaligned += not kind.aligned
        if (
            kind.given
            and kind.name in (AVERAGED, HALVED)
            and len(self.meetings) < MOST_MEETINGS
            and len(met.rows) <= ROWS
        ):
            slope = met.slope * met.sizes / kind.factor
            self.meetings.append(Meeting(met.rows.astype(np.float64), met.prediction, slope))

    def update(self) -> None:
        """The parameters were updated: of k gradients that were added up, each may be that of a k-th of the mean."""
        shares = len(self._waiting)
        for kind in self._waiting:
            is_share = shares > 1 and abs(abs(kind.factor) * shares - 1) <= 0.01 and kind.name in (HALVED, UNLIKE)
            self.kinds[AVERAGED if is_share else kind.name] += 1
        self._waiting.clear()


@dataclass(eq=False)
class Run:
    """The training of one set of parameters, started from one outermost loop (None: from no loop)."""

    loop: object
    ledger: Ledger
    rows: RowUse
    losses: Losses = field(default_factory=Losses)
    counts: Counter[str] = field(default_factory=Counter)
    optimisers: set[str] = field(default_factory=set)
    tests: list[float] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    path: str = ""
    modules: int = 0
    read_at: int = 0
    stepped_at: int = 0
    tested_at: int = 0

    def settle(self, by: str = "", used: Gradients | None = None) -> None:
        """Note an update if a parameter has changed since the last one.

        Where an optimiser steps, what else changes parameters is no update: the best weights are put back, or clamped.

        Args:
            by: the optimiser; empty where the code did it itself.
            used: the gradients that an optimiser found.
        """
        ledger = self.ledger
        changed = ledger.changed()
        if not any(changed):
            return
        if not ledger.backwards or (not by and self.optimisers):
            ledger.absorb(changed)
            return
        moved = (account for account, has_moved in zip(ledger.accounts, changed, strict=True) if has_moved)
        self.counts["stale"] += bool(ledger.updates) and any(account.is_used_again for account in moved)
        self.counts["tested"] += self.tested_at > 0 and any(a.since <= self.tested_at for a in ledger.accounts)
        self.tested_at = 0
        self.optimisers |= {by} - {""}
        if len(self.updates) < MOST_UPDATES and (told := ledger.update_in_numbers(used, self.losses.sign)):
            self.updates.append(told)
        ledger.enter_update()
        self.rows.update()
        self.losses.update()

    def kind(self) -> object:
        """What it has in common with other trainings that do the same."""
        rows = int(np.median(self.rows.sizes))
        return self.path, self.modules, bool(self.optimisers), min(rows, 2), rows == len(self.rows.distinct)

    def told(self) -> Training:
        """What is told of it."""
        self.losses.update()
        sizes, kinds = self.rows.sizes, self.losses.kinds
        counts = Counts(
            path=path_code(self.path),
            modules=self.modules,
            leaves=len(self.ledger.accounts),
            unmoved=self.ledger.unmoved(),
            missed=self.ledger.missed(),
            updates=self.ledger.updates,
            backwards=self.ledger.backwards,
            median_rows=int(np.median(sizes)),
            most_rows=max(sizes),
            distinct_rows=len(self.rows.distinct) or max(sizes),
            overlap=self.rows.overlap,
            own_data=int(self.rows.are_own or not self.losses.meetings),
            measured=sum(kinds.values()),
            outputs=self.losses.outputs,
            misaligned=self.losses.misaligned,
            **{name: int(count) for name, count in (kinds | self.counts).items()},
        )
        return Training(
            counts, tuple(self.losses.values), tuple(self.tests), tuple(self.updates), tuple(self.losses.meetings)
        )


def most_trained(runs: Sequence[Run], count: int = MOST_RUNS) -> list[Run]:
    """The runs with the most gradients, of equals the later ones; in their order.

    Of each kind in turn: many trainings of one kind, as in a search, do not displace the others.
    """
    order = sorted(range(len(runs)), key=lambda number: (runs[number].ledger.backwards, number), reverse=True)
    kinds: Counter[object] = Counter()
    turns = {}
    for number in order:
        turns[number] = kinds[runs[number].kind()]
        kinds[runs[number].kind()] += 1
    best = sorted(order, key=lambda number: turns[number])[:count]  # stable
    return [runs[number] for number in sorted(best)]


def total(losses: Sequence[torch.Tensor], weights: Sequence[torch.Tensor | None]) -> float:
    """The sum of all entries of losses, times their weights where these fit."""
    result = 0.0
    for number, loss in enumerate(losses):
        entries, weight = loss.detach().double(), weights[number] if number < len(weights) else None
        result += float(
            (entries if weight is None or weight.shape != entries.shape else entries * weight.detach()).sum()
        )
    return result
