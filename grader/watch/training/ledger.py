"""A ledger for the parameters of a training: what changed them, and what is in their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from grader.wire.trace import WIDTH, Update

Floats = NDArray[np.float64]
Gradients = Sequence[torch.Tensor | None]
_FAR = 5.0
"""So many times as long as the steps before is a change that begins a training anew."""
_LATEST = 3


@dataclass
class Account:
    """A parameter: what it was at the last backward, the gradient that this left there, and since when it adds up.

    `since` and `used_at` are numbers of backwards: since which the gradient adds up, and after which it was last used.
    `returned` is what `autograd.grad` returned since the last update, which leaves nothing there; `total` the sum of
    all gradients since then.
    """

    tensor: torch.Tensor
    value: torch.Tensor
    start: torch.Tensor
    left: torch.Tensor | None = None
    returned: torch.Tensor | None = None
    total: torch.Tensor | None = None
    since: int = 0
    used_at: int = 0
    moved: bool = False
    mattered: bool = False
    is_cut_off: bool = False

    @classmethod
    def of(cls, tensor: torch.Tensor) -> Account:
        """A parameter as it is when its training begins."""
        value = tensor.detach().clone()
        return cls(tensor, value, value)

    @property
    def has_changed(self) -> bool:
        """Whether it is no longer what it was."""
        return self.value.shape != self.tensor.shape or not torch.equal(self.tensor, self.value)

    @property
    def is_used_again(self) -> bool:
        """Whether `.grad` still holds what an earlier update has used."""
        return self.since <= self.used_at and self.left is not None and bool(self.left.any())


class Ledger:
    """The accounts of all parameters of a training. `backwards` and `updates` count what was entered."""

    def __init__(self, tensors: Sequence[torch.Tensor]) -> None:
        self.accounts = [Account.of(t) for t in tensors]
        self.backwards = self.updates = 0
        self.updated_at = 0
        """The number of backwards at the last update."""
        self._steps: list[Floats] = []

    def add(self, tensors: Sequence[torch.Tensor]) -> None:
        """Open accounts for parameters that have none."""
        known = {id(account.tensor) for account in self.accounts}
        self.accounts += [Account.of(t) for t in tensors if id(t) not in known]

    def cut_off(self, tensors: Sequence[torch.Tensor]) -> None:
        """Parameters belong to the training, though no gradient reaches them."""
        self.add(tensors)
        missed = set(map(id, tensors))
        for account in self.accounts:
            account.is_cut_off = account.is_cut_off or id(account.tensor) in missed

    def holds(self, tensors: Sequence[torch.Tensor]) -> bool:
        """Whether there is an account for one of some parameters."""
        known = {id(account.tensor) for account in self.accounts}
        return any(id(t) in known for t in tensors)

    def expect(self) -> None:
        """A backward is about to begin: see which gradients were reset since the last one."""
        for account in self.accounts:
            grad, left = account.tensor.grad, account.left
            kept = grad is not None and left is not None and bool(left.any()) and torch.equal(grad, left)
            if not kept or not account.since:
                account.since = self.backwards + 1

    def enter_backward(self, fresh: Gradients, left: Gradients) -> None:
        """Enter the gradients of a backward alone, and what is in `.grad` after it."""
        for account, grad in zip(self.accounts, left, strict=True):
            account.left = grad
        self._enter(fresh)

    def enter_returned(self, returned: Gradients) -> None:
        """Enter what `autograd.grad` returned: it is added up until there is an update."""
        for account, new in zip(self.accounts, returned, strict=True):
            if new is not None:
                account.returned = new if account.returned is None else account.returned + new
        self._enter(returned)

    def _enter(self, fresh: Gradients) -> None:
        self.backwards += 1
        for account, new in zip(self.accounts, fresh, strict=True):
            if new is not None:
                account.mattered = account.mattered or bool(new.any())
                account.total = new.clone() if account.total is None else account.total + new

    def enter_update(self) -> None:
        """Enter the change of all parameters as an update."""
        changed = self.changed()
        if not all(changed):
            self._notice_what_is_too_small()
        if all(account.tensor.shape == account.value.shape for account in self.accounts):
            self._steps = [*self._steps[1 - _LATEST :], self._change()]
        self.updates += 1
        self.updated_at = self.backwards
        for account, is_used in zip(self.accounts, changed, strict=True):
            account.used_at = self.updated_at if is_used else account.used_at
        self.absorb(changed)

    def changed(self) -> list[bool]:
        """Of each parameter whether it is no longer what it was."""
        return [account.has_changed for account in self.accounts]

    def absorb(self, changed: Sequence[bool]) -> None:
        """Take the parameters as they are now; those that have changed have moved, once there was a gradient."""
        for account, has_moved in zip(self.accounts, changed, strict=True):
            account.moved = account.moved or (has_moved and self.backwards > 0)
            if has_moved:
                account.value = account.tensor.detach().clone()
            account.total = account.returned = None

    def _notice_what_is_too_small(self) -> None:
        """A parameter that keeps its value moves all the same where a step at the rate of the others is rounded off."""
        rates = [
            float((a.tensor.detach() - a.value).norm() / a.total.norm())
            for a in self.accounts
            if a.has_changed and a.total is not None and a.value.shape == a.tensor.shape and bool(a.total.any())
        ]
        for account in self.accounts:
            if rates and account.total is not None and not account.has_changed:
                rounding = torch.finfo(account.value.dtype).eps * account.value.abs()
                account.moved = account.moved or bool((2 * max(rates) * account.total.abs() <= rounding).all())

    def unmoved(self) -> int:
        """How many parameters had a gradient and never changed."""
        return sum(account.mattered and not account.moved for account in self.accounts)

    def missed(self) -> int:
        """How many parameters no gradient ever reached, though the prediction depends on them."""
        return sum(account.is_cut_off and not (account.mattered or account.moved) for account in self.accounts)

    def _used(self) -> list[torch.Tensor | None]:
        """The gradients that the code's own update used: what is in `.grad`, or what `autograd.grad` returned.

        Where there are both, one of them may have been looked at only: those that the change follows best.
        """
        left, returned = self._gradients()
        if all(gradient is None for gradient in returned):
            return left
        change = self._change()

        def likeness(gradients: Gradients) -> float:
            flat = self._in_one(gradients)
            size = float(np.linalg.norm(flat))
            return abs(float(flat @ change)) / size if size > 0 else -1.0

        return max((left, returned), key=likeness)

    def _change(self) -> Floats:
        return _flat([a.tensor.detach() - _like(a.value, a.tensor) for a in self.accounts])

    def _gradients(self) -> tuple[list[torch.Tensor | None], list[torch.Tensor | None]]:
        """What is in `.grad`, and what `autograd.grad` returned since the last update."""
        return [account.left for account in self.accounts], [account.returned for account in self.accounts]

    def _in_one(self, gradients: Gradients) -> Floats:
        """Gradients of all parameters in one vector, zero where there is none."""
        pairs = zip(gradients, self.accounts, strict=True)
        return _flat([_or_zero(g, account.tensor.detach()) for g, account in pairs])

    def update_in_numbers(self, gradients: Gradients | None, sign: int) -> Update | None:
        """Some entries of the update that is about to be entered; None where parameters have changed their shape.

        Args:
            gradients: what an optimiser found; None where the code made the update itself.
            sign: of the loss: minus one for code that climbs on minus the loss.
        """
        if any(account.tensor.shape != account.value.shape for account in self.accounts):
            return None
        used = self._used() if gradients is None else gradients
        quota = max(1, WIDTH // len(self.accounts))
        columns: list[list[Floats]] = [[], [], [], []]
        for account, grad in zip(self.accounts, used, strict=True):
            now = account.tensor.detach()
            sums = (sign * _or_zero(grad, now), sign * _or_zero(account.total, now))
            for column, value in zip(columns, (account.value, now - account.value, *sums), strict=True):
                flat = value.reshape(-1).double().numpy()
                column.append(flat[np.linspace(0, len(flat) - 1, quota).astype(int)] if len(flat) > quota else flat)
        return Update(*(np.concatenate(column)[:WIDTH] for column in columns))

    # a training that begins anew, or goes on with new tensors

    def is_begun_anew(self) -> bool:
        """Whether the parameters are, after updates, what they were at first, or far from what a gradient leads to."""
        if not self.updates or not any(account.has_changed for account in self.accounts):
            return False
        return all(torch.equal(a.tensor, a.start) for a in self.accounts) or self._is_far()

    def _is_far(self) -> bool:
        """Whether a change is much longer than the steps before it, and no gradient or step explains it."""
        if len(self._steps) < _LATEST or any(a.tensor.shape != a.value.shape for a in self.accounts):
            return False
        change = self._change()
        size = float(np.linalg.norm(change))
        if not size > _FAR * max(float(np.linalg.norm(step)) for step in self._steps):
            return False
        directions = [*self._steps, *(self._in_one(g) for g in (*self._gradients(), self._totals()))]
        rest = _rest(change, directions)
        return rest is not None and rest > 0.5 * size

    def _totals(self) -> list[torch.Tensor | None]:
        return [account.total for account in self.accounts]

    def rebind(self, tensors: Sequence[torch.Tensor]) -> None:
        """New leaves have taken the place of the parameters."""
        for account, tensor in zip(self.accounts, tensors, strict=True):
            account.tensor = tensor

    def continues_in(self, tensors: Sequence[torch.Tensor], *, in_a_loop: bool) -> bool:
        """Whether new tensors are these parameters, one step further: new leaves instead of changed ones.

        Outside of loops only if the step leads along the gradient, or goes on along the step before.
        """
        if [t.shape for t in tensors] != [account.tensor.shape for account in self.accounts]:
            return False
        old = _flat([account.value for account in self.accounts])
        step = _flat([t.detach() for t in tensors]) - old
        if not step.any() or (self.updates and all(map(torch.equal, tensors, (a.start for a in self.accounts)))):
            return False  # another training from the same start
        directions = [self._in_one(gradients) for gradients in self._gradients()]
        before = [last for last in self._steps[-1:] if last.shape == step.shape]
        rest = _rest(step, [*directions, *before])
        if rest is None:
            return False
        size, length = float(np.linalg.norm(old)), float(np.linalg.norm(step))
        if before:
            goes_on = length <= 3 * float(np.linalg.norm(before[0]))  # to begin anew takes a longer step
        else:
            goes_on = size == 0 and any(_are_alike(step, -direction) for direction in directions)  # as of Adam
        return (in_a_loop and length <= 0.3 * size) or goes_on or rest <= 1e-3 * length + 1e-6 * size


def _rest(step: Floats, directions: Sequence[Floats]) -> float | None:
    """How long a step is without its parts along some directions; None where that is no number."""
    basis = np.stack([d for d in directions if d.shape == step.shape], axis=1)
    if not (np.isfinite(basis).all() and np.isfinite(step).all()):
        return None
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(step - basis @ np.linalg.lstsq(basis, step, rcond=None)[0]))


def _flat(tensors: Sequence[torch.Tensor]) -> Floats:
    """All entries in one vector."""
    return torch.cat([t.reshape(-1).double() for t in tensors]).numpy() if tensors else np.zeros(0)


def _or_zero(grad: torch.Tensor | None, like: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(like) if grad is None or grad.shape != like.shape else grad


def _are_alike(step: Floats, other: Floats) -> bool:
    """Whether two directions have a good part in common."""
    return float(step @ other) > 0.3 * float(np.linalg.norm(step) * np.linalg.norm(other))


def _like(value: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return value if value.shape == other.shape else torch.zeros_like(other)
