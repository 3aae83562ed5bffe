"""What optimisers do: which trainings a step belongs to, and which gradients it finds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

import torch

from grader.watch.training.ledger import Account, Gradients
from grader.watch.training.runs import Run


class Steps:
    """The steps of optimisers; of one that wraps another, the outermost counts.

    Args:
        runs: gives those that may go on, the latest last.
    """

    def __init__(self, runs: Callable[[], Sequence[Run]]) -> None:
        self._runs = runs
        self._nested: list[torch.optim.Optimizer] = []
        self._stepping: list[tuple[Run, Gradients]] | None = None
        self._called: list[Run] = []
        self.inside = ""
        """The optimiser that calls for losses itself, within its step."""

    @property
    def are_taken(self) -> bool:
        """Whether an optimiser is computing its step."""
        return bool(self._stepping)

    def note(self, run: Run) -> None:
        """A gradient of a run was asked for."""
        if self.inside and run not in self._called:
            self._called.append(run)

    def before(self, optimiser: torch.optim.Optimizer, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """An optimiser is about to step: which runs are its business, and which gradients does it find?"""
        if optimiser in self._nested and not _is_stepping(optimiser):
            self._nested.clear()  # its last step raised
        self._nested.append(optimiser)
        if len(self._nested) > 1:
            return
        if any(callable(a) for a in (*args[1:], *kwargs.values())):
            self.inside, self._called = type(optimiser).__name__, []
            return
        held = {id(p) for group in optimiser.param_groups for p in group["params"]}
        self._stepping = []
        with torch.no_grad():
            for run, mine in self._concerned(held):
                run.settle()
                grads = [account.tensor.grad for account in run.ledger.accounts]
                self._stepping.append((run, [None if grad is None else grad.clone() for grad in grads]))
                empty = not any(a.tensor.grad is not None and bool(a.tensor.grad.any()) for a in mine)
                run.counts["zeroed"] += empty and any(a.left is not None and bool(a.left.any()) for a in mine)
                run.stepped_at = run.ledger.backwards
        self._stepping = self._stepping or [(run, []) for run in self._runs()[-1:]]

    def after(self, optimiser: torch.optim.Optimizer, *_: Any) -> None:
        """An optimiser has stepped."""
        self._nested = self._nested[:-1]
        if self._nested:
            return
        kind = type(optimiser).__name__
        closed: list[tuple[Run, Gradients]] = [
            (run, [account.left for account in run.ledger.accounts]) for run in self._called or self._runs()[-1:]
        ]
        with torch.no_grad():
            for run, found in closed if self._stepping is None else self._stepping:
                run.counts["optimiser_steps"] += 1
                run.optimisers.add(kind)
                if found:
                    run.settle(kind, found)
        self._stepping, self.inside = None, ""

    def _concerned(self, held: set[int]) -> list[tuple[Run, list[Account]]]:
        """The runs that a step is about, with those of their parameters that the optimiser holds.

        Not one that is over, and whose parameters are trained on in another one; of two networks that share an
        optimiser, not the one without a new gradient.
        """
        found = []
        for run in sorted(self._runs(), key=lambda run: run.read_at, reverse=True):
            mine = [account for account in run.ledger.accounts if id(account.tensor) in held]
            held = held - {id(account.tensor) for account in mine}
            if mine:
                found.append((run, mine))
        return [(run, mine) for run, mine in found if run.ledger.backwards > run.stepped_at] or found


def _is_stepping(optimiser: torch.optim.Optimizer) -> bool:
    """Whether the code runs below two steps of the same optimiser: that of a class, and `super().step()`."""
    frame: FrameType | None = sys._getframe()
    steps = 0
    while frame is not None:
        first = (frame.f_locals.get("args") or (None,))[0] if frame.f_code.co_name == "wrapper" else None
        steps += first is optimiser
        frame = frame.f_back
    return steps > 1
