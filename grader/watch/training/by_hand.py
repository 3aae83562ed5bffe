"""Watch loops that call backward functions by hand. Only what is proved by their own numbers is told."""

from __future__ import annotations

import contextlib
import functools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.autograd.function import BackwardCFunction

from grader.kit.arguments import order
from grader.kit.calling import argument_order, as_tuple
from grader.kit.two_layers import BACKWARD, PARAMETERS, role
from grader.watch.training.proofs import Facts, is_loss_of, is_spread, multiple, uphill

Array = NDArray[np.float64]
_MOST = 64
"""Contexts, and gradients without a step, that are kept."""


def _array(value: Any) -> Array:
    """A copy, in double precision."""
    return torch.as_tensor(value).detach().double().numpy().copy()


class TwoLayersByHand:
    """Watches `backward_pass`, which adds to tensors that the loop is to reset, and the weights that it is given."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._name = getattr(names.get("backward_pass"), "__name__", "")
        self.updates = self._stale = self._downhill = self._uphill = 0
        self._rate = 0.0
        self._weights: list[Array] = []
        self._totals: list[Array] = []
        self._held: Sequence[Array] | None = None
        self._errors: list[float] = []
        self._losses: list[float] = []
        self.trained: Callable[[], None] = lambda: None

    def wrap(self, made: Any) -> Any:
        """`backward_pass`, watched; everything else as it is."""
        if getattr(made, "__name__", "") != self._name or isinstance(made, type):
            return made
        places = [told for _, told in order(made, BACKWARD, role)]

        @functools.wraps(made)
        def watched(*args: Any, **kwargs: Any) -> Any:
            values = dict(zip(places, args, strict=False))
            with contextlib.suppress(Exception), torch._C.DisableTorchFunction():  # who watches is not watched
                self._before(values)
            held = self._held
            result = made(*args, **kwargs)
            with contextlib.suppress(Exception), torch._C.DisableTorchFunction():
                self._totals = [_array(values[f"dl_d{name}"]) for name in PARAMETERS]
                if held:
                    self._stale += self._adds(made, places, args, held)
            self.trained()
            return result

        return watched

    def _adds(
        self, function: Callable[..., Any], places: Sequence[str], args: Sequence[Any], held: Sequence[Array]
    ) -> bool:
        """Whether a call added to what its tensors held: it may also begin by resetting them."""
        fresh = [torch.zeros_like(a) if told in _IN_ORDER else a for told, a in zip(places, args, strict=True)]
        function(*fresh)
        added = [_array(fresh[places.index(name)]) for name in _IN_ORDER]
        return all(
            np.abs(old + more - now).max() <= 1e-3 * np.abs(old).max()
            for old, more, now in zip(held, added, self._totals, strict=True)
        )

    def _before(self, values: Mapping[str, Any]) -> None:
        self._held = None
        weights, totals = [_array(values[name]) for name in PARAMETERS], [_array(values[name]) for name in _IN_ORDER]
        before, used = self._weights, self._totals
        self._weights = weights
        if [w.shape for w in before] == [w.shape for w in weights] and len(used) == len(weights):
            changes = [now - old for now, old in zip(weights, before, strict=True)]
            if any(change.any() for change in changes):
                self._update(changes, before, used, totals)
        self._errors.append(float(((_array(values["x2"]) - _array(values["t"])) ** 2).sum()))

    def _update(
        self, changes: Sequence[Array], values: Sequence[Array], used: Sequence[Array], totals: Sequence[Array]
    ) -> None:
        """The weights are no longer what they were at the last call."""
        self.updates += 1
        self._losses.append(sum(self._errors) / max(1, len(self._errors)))
        self._errors = []
        rates = [
            multiple(c, g.reshape(c.shape), v)
            for c, g, v in zip(changes, used, values, strict=True)
            if c.any() or g.any()
        ]
        steps = [rate for rate in rates if rate is not None]
        if len(steps) < len(rates) or not steps or min(steps) * max(steps) <= 0:
            return
        self._uphill += steps[0] > 0
        self._downhill += steps[0] < 0
        self._rate = self._rate or steps[0]
        if all(now.any() and np.array_equal(now, old) for now, old in zip(totals, used, strict=True)):
            self._held = totals

    def facts(self) -> Facts:
        """What was seen."""
        found: Facts = {}
        if self._stale >= 3 and 2 * self._stale > self.updates:
            found |= {"stale": self._stale, "updates": self.updates}
        if self._uphill == self.updates:
            found |= uphill(self.updates, self._rate, self._losses)
        return found


_IN_ORDER = tuple(f"dl_d{name}" for name in PARAMETERS)


@dataclass
class _Forward:
    """One call of a forward; `weights` as they were."""

    entry: str
    inputs: tuple[Any, ...]
    output: Any
    weights: torch.Tensor | None = None


@dataclass
class _Kept:
    """What was put into one context since its last use: the forwards, and how often a backward read it."""

    context: Any
    forwards: list[_Forward] = field(default_factory=list)
    backwards: int = 0
    was_right: bool = False


class FunctionsByHand:
    """Watches `forward` and `backward` of MSE, Linear, Tanh and ReLU, called with contexts and without autograd.

    Args:
        names: the entry points.
        affine, shapes: by which the order is found in which Linear takes x, w, b.
    """

    def __init__(self, names: Mapping[str, Any], affine: Callable[..., Any], shapes: Any) -> None:
        self._entries = {getattr(names.get(e), "__name__", e): e for e in ("MSE", "Linear", "Tanh", "ReLU")}
        self._affine, self._shapes = affine, shapes
        self._order: tuple[int, ...] = (0, 1, 2)
        self._contexts: OrderedDict[int, _Kept] = OrderedDict()
        self._bends: list[_Forward] = []
        self._returned: list[tuple[_Forward, tuple[Any, ...]]] = []
        self._steps: list[tuple[Array, Array]] = []
        self._losses: list[float] = []
        self.updates = self._uphill = self._spread = self._predictions = self._skipped = self._shared = 0
        self._rate = 0.0
        self._upright = True
        self.trained: Callable[[], None] = lambda: None

    def wrap(self, made: Any) -> Any:
        """One of the four classes, whose two functions are watched; everything else as it is."""
        entry = self._entries.get(getattr(made, "__name__", ""))
        own = vars(made) if isinstance(made, type) else {}
        if entry and not {"forward", "backward"} - own.keys() and "setup_context" not in own:
            with contextlib.suppress(Exception):
                if entry == "Linear":
                    self._order = argument_order(made, self._affine, self._shapes)
                for name, after in (("forward", self._after_forward), ("backward", self._after_backward)):
                    setattr(made, name, staticmethod(self._watched(getattr(made, name), entry, after)))
        return made

    def _watched(self, function: Callable[..., Any], entry: str, after: Callable[..., None]) -> Callable[..., Any]:
        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            try:
                result = function(*args, **kwargs)
            except Exception:
                look(args, None)
                raise  # where the time is over instead, nothing is known of the call
            look(args, result)
            return result

        def look(args: tuple[Any, ...], result: Any) -> None:
            with contextlib.suppress(Exception), torch.no_grad(), torch._C.DisableTorchFunction():
                after(entry, args[0], args[1:], result)

        return watched

    def _after_forward(self, entry: str, context: Any, inputs: tuple[Any, ...], output: Any) -> None:
        made = _Forward(entry, inputs, output)
        if entry == "MSE" and output is not None:
            self._losses.append(float(torch.as_tensor(output).sum()))
            if is_spread(*inputs) and is_loss_of(torch.as_tensor(output), *inputs):
                self._spread, self._predictions = self._spread + 1, len(inputs[0])
        if isinstance(context, BackwardCFunction):
            return  # autograd goes back
        if entry == "Linear":
            made.weights = self._linear(inputs)[1].detach().clone()
            self._step(_array(made.weights))
        elif entry in _SLOPES:
            self._bends = [*self._bends[1 - _MOST :], made]
        kept = self._contexts.setdefault(id(context), _Kept(context))
        if kept.backwards:
            kept = self._contexts[id(context)] = _Kept(context)
        kept.forwards.append(made)
        while len(self._contexts) > _MOST:
            self._contexts.popitem(last=False)

    def _linear(self, values: Sequence[Any]) -> list[Any]:
        """What is given in the order of the class, in the order x, w, b."""
        return [values[self._order.index(place)] for place in range(3)]

    def _step(self, weights: Array) -> None:
        """See whether weights are some that a gradient was computed for, one step further."""
        alike = [(number, pair) for number, pair in enumerate(self._steps) if pair[0].shape == weights.shape]
        if not alike or any(np.array_equal(old, weights) for _, (old, _) in alike):
            return
        self.updates += 1
        for number, (old, gradient) in alike:
            rate = multiple(weights - old, gradient, old)
            if rate is not None:
                del self._steps[number]
                self._uphill += rate > 0
                self._rate = self._rate or rate
                return

    def _after_backward(self, entry: str, context: Any, upstream: tuple[Any, ...], result: Any) -> None:
        kept = self._contexts.get(id(context))
        if entry == "MSE":
            self.trained()
            self._upright = self._upright and bool((torch.as_tensor(upstream[0]) > 0).all())
        if entry != "Linear" or kept is None:
            return
        kept.backwards += 1
        mine = [forward for forward in kept.forwards if forward.entry == "Linear"]
        gradients = () if result is None else as_tuple(result)
        if len(mine) == 1:
            self._alone(mine[0], upstream[0], gradients)
        elif len(mine) == 2:
            self._both(kept, mine, upstream[0], gradients)

    def _alone(self, forward: _Forward, upstream: Any, gradients: tuple[Any, ...]) -> None:
        """A layer with a context of its own."""
        if forward.weights is not None:
            gradient = _array(self._linear(gradients)[1])
            self._steps = [*self._steps[1 - _MOST :], (_array(forward.weights), gradient)]
        self._skipped += any(
            self._between(forward, after, upstream)
            for after, returned in self._returned
            if any(_same(value, upstream) for value in returned)
        )
        self._returned = [*self._returned[-3:], (forward, gradients)]

    def _between(self, first: _Forward, second: _Forward, upstream: torch.Tensor) -> bool:
        """Whether a bend stands between two layers that changes a gradient, so that it cannot be the same in both."""
        x = self._linear(second.inputs)[0]
        for bend in self._bends:
            if bend.output is x and bend.inputs[0] is first.output:
                after = upstream * _SLOPES[bend.entry](bend.inputs[0])
                return bool((after - upstream).abs().max() > 1e-3 * upstream.abs().max())
        return False

    def _both(self, kept: _Kept, mine: Sequence[_Forward], upstream: torch.Tensor, gradients: tuple[Any, ...]) -> None:
        """Two layers put something into one context; what the first one kept is not there when it is needed."""
        first, second = mine
        if first.weights is None or second.weights is None or first.output is None:
            return
        if first.weights.shape == second.weights.shape and torch.equal(first.weights, second.weights):
            return
        if kept.backwards == 1:
            kept.was_right = _holds(gradients, self._linear(second.inputs)[0].T @ upstream)
        elif kept.backwards == 2 and kept.was_right and upstream.shape == first.output.shape:
            self._shared += not _holds(gradients, self._linear(first.inputs)[0].T @ upstream)

    def facts(self) -> Facts:
        """What was seen."""
        found: Facts = {"skipped": self._skipped, "shared": self._shared}
        found |= {"spread": self._spread, "predictions": self._predictions} if self._spread else {}
        if self._upright and self._uphill == self.updates:
            found |= uphill(self.updates, self._rate, self._losses)
        return found


_SLOPES: Mapping[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "Tanh": lambda x: 1 - torch.tanh(x) ** 2,
    "ReLU": lambda x: (x > 0).to(x.dtype),
}


def _same(value: Any, other: Any) -> bool:
    tensors = isinstance(value, torch.Tensor) and isinstance(other, torch.Tensor)
    return tensors and value.shape == other.shape and bool(other.any()) and torch.equal(value, other)


def _holds(gradients: Sequence[Any], wanted: torch.Tensor) -> bool:
    """Whether one of some gradients has certain values, which are not all zero."""
    allowed = 1e-4 * wanted.abs().max()
    return any(
        isinstance(g, torch.Tensor)
        and g.shape == wanted.shape
        and bool(allowed > 0)
        and bool(((g - wanted).abs() <= allowed).all())
        for g in gradients
    )
