"""Record what a piece of code does when it trains: losses, gradients, and what changes the parameters, step by step.

`recording` runs code below a mode that sees every torch operation and changes none. Numbers are reported, no verdicts.

A *run* is the training of one set of parameters from one outermost loop: each `backward` (or `autograd.grad`) belongs
to the run of the parameters that it reaches. An *update* is found by comparing parameters, before the next `backward`
or when an optimiser has stepped; so it does not matter how a parameter is changed.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.overrides import TorchFunctionMode

from grader.watch.draws import filled
from grader.watch.kinship import Kinship
from grader.watch.limits import EndOfTime, alarm
from grader.watch.loops import LoopWatch
from grader.watch.no_compiler import no_compiler
from grader.watch.provenance import Provenance
from grader.watch.runs import MODULES, MOST_RUNS, FloatArray, Leaf, Run, encode, most_trained
from grader.watch.tags import TEST, Meeting, tag_of, unwrapped

ENOUGH_UPDATES, ENOUGH_BACKWARDS = 200, 1200
"""After these, the loops that train one set of parameters end."""
_MOST_NODES = 5000
_OPEN = 24
"""How many of the latest runs may go on: models that are trained side by side."""

Tensors = Sequence[torch.Tensor]


class Recorder(TorchFunctionMode):
    """Sees every operation while it is entered, and keeps the runs.

    Args:
        data: pairs of inputs and targets whose rows are followed: the training set, then the test set.
    """

    def __init__(self, data: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> None:
        super().__init__()
        self._provenance = Provenance(list(data), self._meet)
        self._rows = len(data[0][0]) if data else 0
        self._latest: list[Meeting] = []
        self.ended = False
        self._stepping: list[tuple[Run, list[torch.Tensor | None]]] | None = None
        self._inside, self._called = "", list[Run]()
        self.kinship = Kinship()
        self._nested: list[torch.optim.Optimizer] = []
        self.runs: list[Run] = []
        self.loops = LoopWatch(lambda run: run["updates"] >= ENOUGH_UPDATES or run["backwards"] >= ENOUGH_BACKWARDS)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one operation, and note what it does to data or to gradients."""
        kwargs = kwargs or {}
        name = self._provenance.name(func)
        if name == "backward" and args:
            losses = args[0] if isinstance(args[0], list | tuple) else [args[0]]
            weights = args[1] if len(args) > 1 else kwargs.get("gradient", kwargs.get("grad_tensors"))
            weights = weights if isinstance(weights, list | tuple) else [weights] * len(losses)
            return self._backward(losses, weights, lambda: func(*args, **kwargs), keeps=not kwargs.get("create_graph"))
        if name == "grad" and func is torch.autograd.grad:
            return self._grad(func, args, kwargs)
        result = func(*args, **kwargs)
        if self._stepping:
            return result
        self._follow_draws(func, name, (*args, *kwargs.values()), result)
        return self._provenance.follow(name, args, kwargs, result)

    def trace(self) -> FloatArray:
        """What has been recorded until now, as one vector of at most `LARGEST` entries."""
        with torch.no_grad():
            for run in self.runs:
                run.settle()
        networks = [run for run in self.runs if run.path.count("L") > 1]
        kin = {run: self.kinship.above(leaf.tensor for leaf in run.leaves) for run in networks}
        for run in networks:
            run.modules = run.modules or kin[run]
        for bit in (MODULES["container"], MODULES["own"]):
            if not any(run.modules & bit for run in networks):  # nobody called it, but its parts or its `forward`
                for run in networks:
                    run.modules |= bit & kin[run]
        return encode([run for run in self.runs if run.losses], self._rows)

    def _follow_draws(self, func: Callable[..., Any], name: str, args: tuple[Any, ...], result: Any) -> None:
        """Notice parameters that are filled with random numbers: a training begins anew."""
        tensor = filled(func, name, args, result)
        if tensor is not None:
            place = unwrapped(tensor).data_ptr()
            for leaf in (leaf for run in self.runs[-_OPEN:] for leaf in run.leaves):
                leaf.drawn = leaf.drawn or leaf.tensor.data_ptr() == place

    def _meet(self, meeting: Meeting) -> None:
        """A prediction met its targets."""
        if torch.is_grad_enabled():
            self._latest = [meeting]
        if self.runs and len(meeting.x) and bool((meeting.x >= TEST).all()) and len(self.runs[-1].tests) < 5000:
            self.runs[-1].tests.append(meeting.squares() / max(meeting.prediction.numel(), 1))

    def _backward(
        self, losses: Tensors, weights: Sequence[torch.Tensor | None], call: Callable[[], Any], *, keeps: bool
    ) -> Any:
        """Run a backward; its own gradients are told apart from those that were there before.

        Args:
            weights: of the entries of each loss, in the sum that is differentiated; None for ones.
        """
        leaves = _reached(losses)
        if not (parameters := _parameters(leaves)) and leaves:
            return call()  # how a loss depends on the data
        run = self._begin(parameters, losses, weights)
        early: dict[int, torch.Tensor] = {}  # gradients that hooks use up before the backward is over
        watches = [
            leaf.tensor.register_hook(partial(_keep, early, id(leaf)))  # type: ignore[no-untyped-call]
            for leaf in run.leaves
            if leaf.tensor._post_accumulate_grad_hooks
        ]
        before = [leaf.tensor.grad for leaf in run.leaves]
        for leaf in run.leaves:
            if keeps:
                leaf.tensor.grad = None
        try:
            result = call()
        except BaseException:
            run.count("failed")
            for leaf, grad in zip(run.leaves, before, strict=True):
                leaf.tensor.grad = grad
            raise
        finally:
            for watch in watches:
                watch.remove()
        fresh = [leaf.tensor.grad for leaf in run.leaves]
        with torch.no_grad():
            if not keeps:
                fresh = [
                    new if old is None or new is None else new - old for new, old in zip(fresh, before, strict=True)
                ]
            fresh = [None if new is None else new.detach().clone() for new in fresh]
            for leaf, old in zip(run.leaves, before, strict=True):
                if keeps and old is not None:
                    leaf.tensor.grad = old if leaf.tensor.grad is None else old.add_(leaf.tensor.grad)
            left = [None if leaf.tensor.grad is None else leaf.tensor.grad.detach().clone() for leaf in run.leaves]
            used_up = [
                early.get(id(leaf)) if grad is None else None for leaf, grad in zip(run.leaves, left, strict=True)
            ]
            run.after_backward(
                *(
                    [grad if used is None else used for grad, used in zip(some, used_up, strict=True)]
                    for some in (fresh, left)
                )
            )
        return result

    def _grad(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """`autograd.grad`: nothing is accumulated; what may be used is what was computed since the last update."""
        outputs = kwargs.get("outputs", args[0] if args else ())
        inputs = kwargs.get("inputs", args[1] if len(args) > 1 else ())
        losses = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
        leaves = [unwrapped(t) for t in ([inputs] if isinstance(inputs, torch.Tensor) else inputs)]
        if not (parameters := _parameters(leaves)) and leaves:
            return func(*args, **kwargs)
        run = self._begin(parameters, losses)
        try:
            result = func(*args, **kwargs)
        except BaseException:
            run.count("failed")
            raise
        found = dict(zip(map(id, leaves), map(unwrapped, result), strict=True))
        with torch.no_grad(), torch._C._DisableFuncTorch():
            run.after_grad(
                [None if (g := found.get(id(leaf.tensor))) is None else g.detach().clone() for leaf in run.leaves]
            )
        return result

    def _begin(self, leaves: Tensors, losses: Tensors, weights: Sequence[torch.Tensor | None] = ()) -> Run:
        """The run that a backward belongs to, with all that happened in it before."""
        with torch.no_grad(), torch._C._DisableFuncTorch():
            run = self._run_of(leaves)
            self.loops.trained = run
            if self._inside and run not in self._called:
                self._called.append(run)
            run.before_backward(self._inside)
            meetings = [m for loss in losses if (tag := tag_of(loss)) for m in tag.meetings] or self._latest
            total = sum(float(_weighed(*pair)) for pair in itertools.zip_longest(losses, weights[: len(losses)]))
            run.saw(meetings, total, self._provenance.operations)
        self._latest = []
        return run

    def _run_of(self, tensors: Tensors) -> Run:
        """The latest run of these parameters from the same outermost loop, or a new one."""
        loop = self.loops.stack[0] if self.loops.stack else None
        for run in reversed(self.runs[-_OPEN:]):
            known = {id(leaf.tensor) for leaf in run.leaves}
            if run.loop is loop and (any(id(t) in known for t in tensors) or (not tensors and not known)):
                if run.began_anew():
                    run.close()
                    return self._new_run(loop, tensors)
                run.leaves += [Leaf.of(t) for t in tensors if id(t) not in known]
                return run
        if tensors:
            for run in reversed(self.runs[-3:]):
                if run.loop is loop and run["backwards"] and run.continues_in(tensors):
                    for leaf, tensor in zip(run.leaves, tensors, strict=True):
                        leaf.tensor = tensor
                    run.rebinds = True
                    return run
        return self._new_run(loop, tensors)

    def _new_run(self, loop: object, tensors: Tensors) -> Run:
        if len(self.runs) > 4 * MOST_RUNS:
            self.runs = [*most_trained(self.runs[:-_OPEN], MOST_RUNS), *self.runs[-_OPEN:]]
        self.runs.append(Run(loop, [Leaf.of(t) for t in tensors]))
        return self.runs[-1]

    def _before_step(self, optimiser: torch.optim.Optimizer, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """An optimiser is about to step: which runs are its business, and which gradients does it find?"""
        if optimiser in self._nested and not _is_stepping(optimiser):
            self._nested.clear()  # its last step raised
        self._nested.append(optimiser)
        if len(self._nested) > 1:
            return  # one that wraps another: the outermost counts
        if any(callable(a) for a in (*args[1:], *kwargs.values())):
            self._inside, self._called = type(optimiser).__name__, []
            return  # it calls for losses itself, as many as it likes
        held = {id(p) for group in optimiser.param_groups for p in group["params"]}
        self._stepping = []
        with torch.no_grad():
            for run, mine in self._concerned(held):
                run.settle()
                found = [None if leaf.tensor.grad is None else leaf.tensor.grad.clone() for leaf in run.leaves]
                self._stepping.append((run, found))
                empty = not any(leaf.tensor.grad is not None and bool(leaf.tensor.grad.any()) for leaf in mine)
                run.count(
                    "zeroed", int(empty and any(leaf.left is not None and bool(leaf.left.any()) for leaf in mine))
                )
                run.stepped_at = run["backwards"]
        self._stepping = self._stepping or [(run, []) for run in self.runs[-1:]]

    def _concerned(self, held: set[int]) -> list[tuple[Run, list[Leaf]]]:
        """The runs that a step is about, with those of their parameters that the optimiser holds.

        Not one that is over, and whose parameters are trained on in another one; of two networks that share an
        optimiser, not the one without a new gradient.
        """
        found = []
        for run in sorted(self.runs[-_OPEN:], key=lambda run: run.operations, reverse=True):
            mine = [leaf for leaf in run.leaves if id(leaf.tensor) in held]
            held = held - {id(leaf.tensor) for leaf in mine}
            if mine:
                found.append((run, mine))
        return [(run, mine) for run, mine in found if run["backwards"] > run.stepped_at] or found

    def _after_step(self, optimiser: torch.optim.Optimizer, *_: Any) -> None:
        self._nested = self._nested[:-1]
        if self._nested:
            return
        kind = type(optimiser).__name__
        closed = [(run, [leaf.left for leaf in run.leaves]) for run in self._called or self.runs[-1:]]
        with torch.no_grad():
            for run, found in closed if self._stepping is None else self._stepping:
                run.count("optimiser_steps")
                run.optimisers.add(kind)
                if found:
                    run.settle(kind, found)
        self._stepping, self._inside = None, ""

    def _after_module(self, module: nn.Module, _: Any, output: Any) -> None:
        """Note through which kinds of modules a tensor came."""
        for part in output if isinstance(output, tuple | list) else [output]:
            tag = tag_of(part)
            if tag:
                bits = self.kinship.kind(module)
                tag.modules |= bits
                for meeting in tag.meetings:
                    meeting.modules |= bits


@contextmanager
def recording(data: Sequence[tuple[torch.Tensor, torch.Tensor]] = (), seconds: float = 3.0) -> Iterator[Recorder]:
    """Record what the code within the block trains; when its time is over the block is left, and `ended` is set."""
    recorder = Recorder(data)
    hooks = [
        register_optimizer_step_pre_hook(recorder._before_step),
        register_optimizer_step_post_hook(recorder._after_step),
        register_module_forward_hook(recorder._after_module),
        register_module_parameter_registration_hook(recorder.kinship.register),
        register_module_module_registration_hook(recorder.kinship.register),
    ]
    try:
        with no_compiler(), alarm(seconds), recorder:
            yield recorder
    except EndOfTime:
        recorder.ended = True
    finally:
        for hook in hooks:
            hook.remove()


def _parameters(leaves: Tensors) -> list[torch.Tensor]:
    """Those of the leaves of a graph that hold no rows of the data."""
    return [leaf for leaf in leaves if (tag := tag_of(leaf)) is None or tag.shadow is None]


def _keep(early: dict[int, torch.Tensor], key: int, gradient: torch.Tensor) -> None:
    early[key] = gradient.detach().clone()


def _is_stepping(optimiser: torch.optim.Optimizer) -> bool:
    """Whether the code runs below two steps of the same optimiser: that of a class, and `super().step()`."""
    frame: FrameType | None = sys._getframe()
    steps = 0
    while frame is not None:
        first = (frame.f_locals.get("args") or (None,))[0] if frame.f_code.co_name == "wrapper" else None
        steps += first is optimiser
        frame = frame.f_back
    return steps > 1


def _weighed(loss: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    """The sum of the entries of a loss, times their weights where these fit."""
    entries: torch.Tensor = unwrapped(loss).detach().double()
    return (entries if weights is None or weights.shape != entries.shape else entries * weights.detach()).sum()


def _reached(losses: Tensors) -> list[torch.Tensor]:
    """The leaves that a backward from `losses` reaches, each once, in the order of the graph; no loss itself."""
    found: dict[int, torch.Tensor] = {}
    nodes = [loss.grad_fn for loss in losses if loss.grad_fn is not None]
    seen = set(nodes)
    for node in nodes:  # grows
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found[id(leaf)] = leaf
        for following, _ in node.next_functions:
            if following is not None and following not in seen and len(seen) < _MOST_NODES:
                seen.add(following)
                nodes.append(following)
    return list(found.values())
