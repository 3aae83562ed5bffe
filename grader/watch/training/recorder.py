"""Record what a piece of code does when it trains: losses, gradients, and what changes the parameters, step by step.

Three facts are recorded, whatever the functions are called: autograd's graph at each backward (`graph`), the gradient
that arrives at the prediction (`loss`), and what changes each parameter (`ledger`). Nothing that is run is changed.

A *run* is the training of one set of parameters from one outermost loop: each `backward` (or `autograd.grad`) belongs
to the run of the parameters that it reaches. An *update* is found by comparing parameters, before the next `backward`
or when an optimiser has stepped; so it does not matter how a parameter is changed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.overrides import TorchFunctionMode

from grader.watch.no_compiler import no_compiler
from grader.watch.running.limits import EndOfTime, alarm
from grader.watch.running.loops import LoopWatch
from grader.watch.training.graph import Graph, keep, now, unwrapped
from grader.watch.training.kinship import Kinship
from grader.watch.training.ledger import Account, Gradients, Ledger
from grader.watch.training.row_use import RowUse
from grader.watch.training.rows import Codes, Rows
from grader.watch.training.runs import MEASURED, Run, most_trained, total
from grader.watch.training.sight import Sight
from grader.watch.training.steps import Steps
from grader.wire.trace import CONTAINER, MOST_RUNS, OWN, TEST, Array, Trace, encode

ENOUGH_UPDATES, ENOUGH_BACKWARDS = 200, 1200
"""After these, the loops that train one set of parameters end."""
_OPEN = 24
"""How many of the latest runs may go on: models that are trained side by side."""
_MOST_TESTS = 5000

Tensors = Sequence[torch.Tensor]


class Recorder(TorchFunctionMode):
    """Sees every operation while it is entered, and keeps the runs.

    Args:
        data: pairs of inputs and targets whose rows are known: the training set, then the test set.
    """

    def __init__(self, data: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> None:
        super().__init__()
        self._rows = Rows(data)
        self._given = len(data[0][0]) if data else 0
        self._every_target = np.sort(np.array(list(self._rows.targets.values()), np.float64))
        self._held_out: set[int] = set()
        self._data: dict[int, weakref.ref[torch.Tensor]] = {}
        self._measured: tuple[Run, Codes] | None = None
        self.kinship = Kinship()
        self.steps = Steps(lambda: self.runs[-_OPEN:])
        self.runs: list[Run] = []
        self.ended = False
        self.loops = LoopWatch(
            lambda run: run.ledger.updates >= ENOUGH_UPDATES or run.ledger.backwards >= ENOUGH_BACKWARDS
        )

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one operation, and keep what it tells."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "backward" and args:
            losses = args[0] if isinstance(args[0], list | tuple) else [args[0]]
            weights = args[1] if len(args) > 1 else kwargs.get("gradient", kwargs.get("grad_tensors"))
            weights = weights if isinstance(weights, list | tuple) else [weights] * len(losses)
            return self._backward(losses, weights, lambda: func(*args, **kwargs), keeps=not kwargs.get("create_graph"))
        if name == "grad" and func is torch.autograd.grad:
            return self._grad(func, args, kwargs)
        result = func(*args, **kwargs)
        if name != "__get__" and not self.steps.are_taken:
            given = list(_tensors((*args, *kwargs.values())))
            keep((*given, *_tensors((result,))))
            tables = [t for t in given if t.dim() == 2 and t.shape[1] > 1 and not t.requires_grad]
            if (tables or self._measured) and self._given and not torch._C._functorch.maybe_current_level():
                self._rows.follow(tables)
                self._look(given, tables)
        return result

    def trace(self) -> Array:
        """What has been recorded until now, as one vector of at most `grader.wire.trace.LARGEST` entries."""
        with torch.no_grad():
            for run in self.runs:
                run.settle()
        networks = [run for run in self.runs if run.path.count("L") > 1]
        kin = {run: self.kinship.above(account.tensor for account in run.ledger.accounts) for run in networks}
        for run in networks:
            run.modules = run.modules or kin[run]
        for bit in (CONTAINER, OWN):
            if not any(run.modules & bit for run in networks):  # nobody called it, but its parts or its `forward`
                for run in networks:
                    run.modules |= bit & kin[run]
        told = most_trained([run for run in self.runs if run.losses.values])
        rows = max((len(run.rows.distinct) for run in self.runs), default=0)
        return encode(Trace(rows, self._given, tuple(run.told() for run in told)))

    def hold_out(self, inputs: Any) -> None:
        """The script itself has put rows aside, to test with."""
        with suppress(TypeError, ValueError, RuntimeError):
            table = torch.as_tensor(inputs)
            if table.dim() == 2 and table.is_floating_point():
                self._held_out |= set(self._rows.codes(table).tolist())

    # what is predicted without a gradient

    def _look(self, given: Tensors, tables: Tensors) -> None:
        """Notice that a trained model predicts, and how far it is from the targets of the test set."""
        if self._measured and len(given) > 1:
            self._measure(*self._measured, given)
        if self.runs and tables and len(tables[0]) > 1 and tables[0].is_floating_point():
            run = next((run for run in reversed(self.runs[-_OPEN:]) if run.ledger.holds(given)), None)
            if run is not None:
                self._predict(run, unwrapped(tables[0]))

    def _predict(self, run: Run, table: torch.Tensor) -> None:
        is_test = int(self._rows.codes(table[:1])[0]) >= TEST
        if is_test or not torch.is_grad_enabled():
            codes = self._rows.codes(table)
            if not torch.is_grad_enabled():
                run.rows.measure(codes, run.ledger.updates)
            if is_test and (codes >= TEST).all():
                self._measured = run, codes  # until its errors are met

    def _measure(self, run: Run, codes: Codes, given: Tensors) -> None:
        targets = self._rows.targets_of(codes)
        for one, other in ((given[0], given[1]), (given[1], given[0])):
            if targets is None or one.numel() != len(targets) or other.numel() != len(targets):
                continue
            if np.allclose(one.detach().double().reshape(-1).numpy(), targets, atol=1e-6):
                errors = other.detach().double().reshape(-1).numpy() - targets
                if len(run.tests) < _MOST_TESTS:
                    run.tests.append(float(np.mean(errors**2)))
                self._measured = None
                return

    # gradients

    def _backward(
        self, losses: Tensors, weights: Sequence[torch.Tensor | None], call: Callable[[], Any], *, keeps: bool
    ) -> Any:
        """Run a backward; its own gradients are told apart from those that were there before.

        Args:
            weights: of the entries of each loss, in the sum that is differentiated; None for ones.
        """
        graph = Graph(losses, self._is_data)
        if graph.is_of_data_alone:
            return call()  # how a loss depends on the data
        run, sight = self._begin(graph, graph.leaves, losses, weights)
        accounts = run.ledger.accounts
        early: dict[int, torch.Tensor] = {}  # gradients that hooks use up before the backward is over
        watches = [
            a.tensor.register_hook(partial(_keep, early, id(a)))  # type: ignore[no-untyped-call]
            for a in accounts
            if a.tensor._post_accumulate_grad_hooks
        ]
        before = [account.tensor.grad for account in accounts]
        for account in accounts:
            if keeps:
                account.tensor.grad = None
        try:
            result = call()
        except BaseException:
            run.counts["failed"] += 1
            for account, grad in zip(accounts, before, strict=True):
                account.tensor.grad = grad
            raise
        finally:
            sight.end()
            for watch in watches:
                watch.remove()
        with torch.no_grad():
            fresh = _fresh(accounts, before, keeps=keeps)
            left = [None if a.tensor.grad is None else a.tensor.grad.detach().clone() for a in accounts]
            used_up = [early.get(id(a)) if grad is None else None for a, grad in zip(accounts, left, strict=True)]
            fresh, left = (
                [grad if used is None else used for grad, used in zip(some, used_up, strict=True)]
                for some in (fresh, left)
            )
            run.ledger.enter_backward(fresh, left)
            self._end(run, sight)
        return result

    def _grad(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """`autograd.grad`: nothing is accumulated; what may be used is what was computed since the last update."""
        outputs = kwargs.get("outputs", args[0] if args else ())
        inputs = kwargs.get("inputs", args[1] if len(args) > 1 else ())
        losses = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
        leaves = [unwrapped(t) for t in ([inputs] if isinstance(inputs, torch.Tensor) else inputs)]
        graph = Graph(losses, self._is_data)
        parameters = [leaf for leaf in leaves if not self._is_data(leaf)]
        if not parameters and leaves:
            return func(*args, **kwargs)
        run, sight = self._begin(graph, parameters, losses)
        try:
            result = func(*args, **kwargs)
        except BaseException:
            run.counts["failed"] += 1
            raise
        finally:
            sight.end()
        found = dict(zip(map(id, leaves), map(unwrapped, result), strict=True))
        with torch.no_grad(), torch._C._DisableFuncTorch():
            accounts = run.ledger.accounts
            run.ledger.enter_returned(
                [None if (g := found.get(id(a.tensor))) is None else g.detach().clone() for a in accounts]
            )
            self._end(run, sight)
        return result

    def _begin(
        self, graph: Graph, leaves: Tensors, losses: Tensors, weights: Sequence[torch.Tensor | None] = ()
    ) -> tuple[Run, Sight]:
        """The run that a backward belongs to, with all that happened in it before; and what is seen of its graph."""
        with torch.no_grad(), torch._C._DisableFuncTorch():
            run = self._run_of(leaves)
            ledger = run.ledger
            self._measured = None
            self.loops.trained = run
            self.steps.note(run)
            run.settle(self.steps.inside)
            ledger.expect()
            run.losses.values.append(total([unwrapped(loss) for loss in losses], weights))
            run.counts["looped"] += run.loop is not None
            ledger.cut_off(cut := self._cut_off(graph))
            run.modules |= self.kinship.called(account.tensor for account in ledger.accounts)
            run.counts["old_forward"] += graph.born() < run.read_at and ledger.updated_at == ledger.backwards > 0
            run.read_at = now()
            closely = run.losses.measured < MEASURED
            sight = Sight(graph, self._rows, below="LT" if cut else "", closely=closely)
            if len(sight.codes) and run.rows.train(sight.codes):
                run.tested_at = ledger.backwards + 1
        return run, sight

    def _cut_off(self, graph: Graph) -> Tensors:
        """The parameters of a first layer that the graph of a network does not lead to."""
        first = graph.first_layers
        return self.kinship.cut_off(first[0].table, graph.leaves) if len(first) == 1 else []

    def _end(self, run: Run, sight: Sight) -> None:
        """A backward has been entered into the ledger."""
        if not run.ledger.accounts:
            run.ledger.backwards -= 1
            run.counts["failed"] += 1
        sight.enter(run, run.losses.values[-1], self._every_target)

    def _is_data(self, leaf: torch.Tensor) -> bool:
        """Whether a leaf of a graph holds rows of the data. It is remembered: whoever wants its gradient moves it."""
        leaf = unwrapped(leaf)
        known = self._data.get(id(leaf))
        if known is not None and known() is leaf:
            return True
        if isinstance(leaf, torch.nn.Parameter) or not self._rows.are_known(leaf):
            return False
        self._data[id(leaf)] = weakref.ref(leaf)
        return True

    # runs

    def _run_of(self, tensors: Tensors) -> Run:
        """The latest run of these parameters from the same outermost loop, or a new one."""
        loop = self.loops.stack[0] if self.loops.stack else None
        for run in reversed(self.runs[-_OPEN:]):
            ledger = run.ledger
            if run.loop is loop and (ledger.holds(tensors) or (not tensors and not ledger.accounts)):
                if ledger.is_begun_anew():
                    ledger.absorb(ledger.changed())  # stop tracking: later changes belong to another run
                    return self._new_run(loop, tensors)
                ledger.add(tensors)
                return run
        if tensors:
            for run in reversed(self.runs[-3:]):
                goes_on = run.loop is loop and run.ledger.backwards
                if goes_on and run.ledger.continues_in(tensors, in_a_loop=loop is not None):
                    run.ledger.rebind(tensors)
                    return run
        return self._new_run(loop, tensors)

    def _new_run(self, loop: object, tensors: Tensors) -> Run:
        if len(self.runs) > 4 * MOST_RUNS:
            self.runs = [*most_trained(self.runs[:-_OPEN]), *self.runs[-_OPEN:]]
        self.runs.append(Run(loop, Ledger(tensors), RowUse(self._held_out)))
        return self.runs[-1]


@contextmanager
def recording(data: Sequence[tuple[torch.Tensor, torch.Tensor]] = (), seconds: float = 3.0) -> Iterator[Recorder]:
    """Record what the code within the block trains; when its time is over the block is left, and `ended` is set."""
    recorder = Recorder(data)
    hooks = [
        register_optimizer_step_pre_hook(recorder.steps.before),
        register_optimizer_step_post_hook(recorder.steps.after),
        register_module_forward_hook(recorder.kinship.call),
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


def _fresh(accounts: Sequence[Account], before: Gradients, *, keeps: bool) -> list[torch.Tensor | None]:
    """The gradients of a backward alone; `.grad` holds afterwards what it would have held.

    Args:
        before: what it held before the backward.
        keeps: it was emptied for the backward.
    """
    fresh = [account.tensor.grad for account in accounts]
    if not keeps:
        fresh = [new if old is None or new is None else new - old for new, old in zip(fresh, before, strict=True)]
    fresh = [None if new is None else new.detach().clone() for new in fresh]
    for account, old in zip(accounts, before, strict=True):
        if keeps and old is not None:
            account.tensor.grad = old if account.tensor.grad is None else old.add_(account.tensor.grad)
    return fresh


def _tensors(values: Sequence[Any]) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, torch.Tensor))


def _keep(early: dict[int, torch.Tensor], key: int, gradient: torch.Tensor) -> None:
    early[key] = gradient.detach().clone()
