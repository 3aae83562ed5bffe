"""Run the training loop that a submission brings, and report what can be proved to be wrong with it. Earns no points.

Put its probe last: the stand-ins of a script stay in place, and the script may end the process.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch.overrides import TorchFunctionMode

from grader.kit.part import Part
from grader.watch.running.limits import Waiting, patience
from grader.watch.running.loops import BEGIN, EACH, LoopWatch
from grader.watch.training.proofs import Facts, is_loss_of, is_spread, multiple, uphill
from grader.watch.training.recorder import recording
from grader.watch.training.runs import Run

PROCESSOR_SECONDS, SECONDS = 0.5, 2.0
"""How long the script may run."""
FACTS = (
    "updates", "stale", "uphill", "rate", "first loss", "last loss", "spread", "predictions", "skipped", "shared",
)  # fmt: skip
"""What is reported; `grader.training.remarks` says what the numbers mean."""
ENOUGH = 150
_SQUARES = {"mse_loss", "sub", "__sub__", "__rsub__", "rsub", "subtract"}


class ByHand(Protocol):
    """Watches a loop that calls backward functions by itself."""

    updates: int
    trained: Callable[[], None]
    """Is to be called whenever a gradient was computed."""

    def wrap(self, made: Any) -> Any:
        """What is to stand for a function or class of the submission."""

    def facts(self) -> Facts:
        """What was seen."""


class OwnTraining(Part):
    """The part of an exercise.

    Args:
        by_hand: given the entry points and the watched loops, makes what watches a loop that uses no autograd.
        modules: what a script finds in modules that are not there, by the name of the module: small data sets.
    """

    needs = ()
    calls_autograd = runs_script = True

    def __init__(
        self,
        by_hand: Callable[[Mapping[str, Any]], ByHand] | None = None,
        modules: Callable[[], Mapping[str, dict[str, Any]]] = dict,
    ) -> None:
        self._by_hand, self._modules = by_hand, modules

    @staticmethod
    def probe(part: str) -> dict[str, Any]:
        """Its probe: what the part is called in the exercise."""
        told = {"name": "own training", "title": "the training loop of the file", "part": part}
        return told | {"inputs": {}, "dtype": "float32", "graded": False}

    def quantities(self, _: object) -> Iterator[tuple[str, str, str]]:
        """Nothing is expected."""
        yield from ()

    def extras(self, _: object) -> Iterator[tuple[str, int]]:
        """Numbers that remarks are made of."""
        yield from ((name, 1) for name in FACTS)

    def observe(self, names: Mapping[str, Any], _: object, report: Callable[..., None]) -> None:
        """Run the script, if there is a loop in it; however it ends."""
        script = names.get("script")
        if script is None or not script.loops():
            return
        watch = self._by_hand(names) if self._by_hand else None
        spread = Spread()
        runs: Sequence[Run] = ()
        with (
            contextlib.suppress(BaseException),  # whatever it raises is no matter
            _silence(),
            patience(SECONDS, Waiting()),
            recording((), PROCESSOR_SECONDS) as recorder,
            spread,
        ):
            runs = recorder.runs
            given = {EACH: recorder.loops.each, BEGIN: recorder.loops.begin, "__grader_modules__": self._modules()}
            if watch:
                _tell(watch, recorder.loops)
                given["__grader_wrap__"] = watch.wrap
            script(given)
        facts: Facts = {}
        for found in (*map(of_autograd, runs), watch.facts() if watch else {}, spread.facts()):
            facts |= {name: value for name, value in found.items() if value}
        for name, value in facts.items():
            report(name, value)


def of_autograd(run: Run) -> Facts:
    """What is wrong with one run that autograd took part in; nothing where that is not certain."""
    found: Facts = {}
    stale, updates, losses = run.counts["stale"], run.ledger.updates, run.losses.values
    if stale >= 3 and 2 * stale > updates:
        found |= {"stale": stale, "updates": updates}
    accounts = run.ledger.accounts
    moved = [account for account in accounts if account.moved]
    rates = [multiple(u.change, u.gradient, u.value) for u in run.updates]
    trained = (
        len(moved) == len(accounts) > 1 and not run.counts["optimiser_steps"]
    )  # else an input may be what is moved
    if trained and losses and min(losses) >= 0 and all(rate is not None and rate > 0 for rate in rates):
        found |= uphill(len(rates), rates[0] or 0, losses)
    return found


class Spread(TorchFunctionMode):
    """Looks for losses in which every prediction met every target."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._count = self._predictions = 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one operation; keep what was compared, until the loss shows whether that is all of it."""
        name = getattr(func, "__name__", "")
        if name in _SQUARES:
            pair = [value for value in (*args, *(kwargs or {}).values()) if isinstance(value, torch.Tensor)]
            if len(pair) == 2 and is_spread(*pair):
                self._latest = [*self._latest[-3:], (pair[0], pair[1])]
        elif name == "backward" and args and isinstance(args[0], torch.Tensor):
            self._meet(args[0])
        return func(*args, **(kwargs or {}))

    def _meet(self, loss: torch.Tensor) -> None:
        """See whether a loss is that of one of the pairs, each prediction with each target."""
        with torch.no_grad():
            for prediction, target in self._latest:
                if is_loss_of(loss, prediction, target):
                    self._count, self._predictions = self._count + 1, len(prediction)
                    break
        self._latest = []

    def facts(self) -> Facts:
        """How many losses, and of how many predictions."""
        return {"spread": self._count, "predictions": self._predictions}


def _tell(watch: ByHand, loops: LoopWatch) -> None:
    """Let the loops know what is trained by hand."""
    before = loops.enough

    def trained() -> None:
        loops.trained = watch

    watch.trained = trained
    loops.enough = lambda what: watch.updates >= ENOUGH if what is watch else before(what)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """What the script prints was not asked for."""

    class Sink(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    with contextlib.redirect_stdout(Sink()), contextlib.redirect_stderr(Sink()):
        yield
