"""What can be claimed of a recorded training. Pure: a trace in, objections in words out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.training.trace import CONTAINER, OWN, Trace, Training, decode
from grader.training.updates import update_objection
from grader.wire.facts import Fact

Claim = Callable[[Trace], str | None]
_LONG = 10
"""Updates of a training in which a single move of another kind is no sign of a habit."""
SIZES, UNKNOWN = ("batch", "stochastic", "mini-batch"), "unknown"
_NO_GRADIENT = "cannot be seen: a training computed no gradient"


def squared_error(run: Training) -> str | None:
    """The loss is the mean of the squared errors, each prediction against its own target."""
    if run.spread:
        return (
            f"compares every prediction with every target in {run.spread} losses: the shapes of predictions and targets"
            " differ, as (N, 1) and (N,) do"
        )
    usual = max(run.averaged, run.measured / 2)  # values of another loss are met by chance, and at 1 they are the same
    if run.summed > usual:
        return f"is the sum of the squared errors in {run.summed} of {run.measured} losses, not their mean"
    if run.rooted > usual:
        return f"is the root of the mean of the squared errors in {run.rooted} of {run.measured} losses"
    if run.absolute > usual:
        return f"is the mean of the absolute errors in {run.absolute} of {run.measured} losses, not of their squares"
    return None


def reset(run: Training) -> str | None:
    """Gradients are reset between updates."""
    if not run.backwards:
        return _NO_GRADIENT
    if run.stale > (run.updates > _LONG):
        return f"are not: at {run.stale} of {run.updates} updates, .grad still held what an earlier update had used"
    return None


def anew(run: Training) -> str | None:
    """Each gradient is that of a prediction made with the present parameters."""
    if run.old_forward:
        return f"is not: {run.old_forward} gradients came from a prediction made before the last update"
    return None


def update(run: Training) -> str | None:
    """Each update is -lr times the gradient, or what a better rule makes of it."""
    if not run.backwards:
        return _NO_GRADIENT
    if run.zeroed:
        return f"is lost: at {run.zeroed} steps the gradient had just been reset"
    if not run.updates:
        return f"does not happen: after {run.backwards} gradients, the tensors that they are of have not changed"
    if run.updates == 1 and run.backwards >= 10 and not run.failed:
        return f"happens once only, after {run.backwards} gradients: it stands outside the loop"
    if run.unmoved and run.updates >= 3:
        return f"leaves {run.unmoved} of {run.leaves} parameters as they were, though each has a gradient"
    return None if run.optimiser_steps else update_objection(run.details)


def aligned(run: Training) -> str | None:
    """Each prediction meets the target of its own row."""
    if run.misaligned:
        return f"compares predictions with the targets of other rows, in {run.misaligned} losses"
    return None


def advances(run: Training) -> str | None:
    """The rows are not the same each time."""
    if run.updates >= 3 and run.distinct_rows <= run.median_rows:
        what = "row" if run.distinct_rows == 1 else f"{run.distinct_rows} rows"
        return f"uses the same {what} at each of {run.updates} updates"
    return None


def moved(run: Training) -> str | None:
    """Every parameter with a gradient changes."""
    if run.unmoved == run.leaves < run.path.count("L"):  # what is there are no parameters, but a prediction
        return "do not: no gradient reaches them, the prediction is cut off from them"
    if run.unmoved and (run.updates or not run.zeroed):
        return f"do not: {run.unmoved} of {run.leaves} never change"
    return None


def optimised(run: Training) -> str | None:
    """An optimiser steps, with the gradient of the present loss alone."""
    if not run.optimiser_steps:
        return "is missing: no optimiser of torch.optim took a step in this loop"
    if run.zeroed:
        return f"finds nothing at {run.zeroed} of its steps: the gradient had just been reset"
    if run.optimiser_steps == 1 and run.backwards >= 10 and not run.failed:
        return f"steps once only, after {run.backwards} gradients: the step stands outside the loop"
    return reset(run) or anew(run)


def untouched(run: Training) -> str | None:
    """No gradient of test rows changes a parameter."""
    return f"trains: {run.tested} updates used a gradient of its rows" if run.tested else None


def architecture(run: Training) -> str | None:
    """Linear, tanh, linear."""
    if run.path in ("LTL", ""):
        return None
    layers = " - ".join({"L": "linear", "T": "tanh", "X": "another function"}[letter] for letter in run.path)
    return f"is {layers}, must be linear - tanh - linear"


def size(run: Training, rows: int) -> str:
    """Whether an update uses one row, some, or all."""
    if run.median_rows >= max(2, rows / 2) and run.distinct_rows == run.median_rows:
        return "batch"
    return {0: UNKNOWN, 1: "stochastic"}.get(run.median_rows, "mini-batch")


def _kinds(trace: Trace, runs: Sequence[Training]) -> Iterator[list[Training]]:
    """Runs that do the same thing; where one was tried in several ways, the best counts."""
    kinds: dict[object, list[Training]] = {}
    for run in runs:
        key = run.modules & CONTAINER if run.is_network else size(run, trace.rows)
        kinds.setdefault(key, []).append(run)
    yield from kinds.values()


def failing(trace: Trace, objection: Callable[[Training], str | None], *, network: bool) -> list[Training]:
    """The runs of those kinds in which none is without objection."""
    runs = trace.networks() if network else trace.linear()
    return [run for alike in _kinds(trace, runs) if all(objection(r) for r in alike) for run in alike]


def _everywhere(objection: Callable[[Training], str | None], *, network: bool) -> Claim:
    """Of each kind of run there is one without objection, and there is a run at all."""

    def claim(trace: Trace) -> str | None:
        runs = trace.networks() if network else trace.linear()
        if not runs:
            return _nothing(network)
        wrong = failing(trace, objection, network=network)
        return objection(wrong[-1]) if wrong else None

    return claim


def _never(objection: Callable[[Training], str | None], *, network: bool) -> Claim:
    """There is a run, and none with an objection."""

    def claim(trace: Trace) -> str | None:
        runs = trace.networks() if network else trace.linear()
        if not runs:
            return _nothing(network)
        return next((words for run in runs if (words := objection(run))), None)

    return claim


def _nothing(network: bool) -> str:
    return f"cannot be seen: no loop trains a {'network' if network else 'linear model'}"


def _updates_by(wanted: str, *objections: Callable[[Training], str | None]) -> Claim:
    """A linear model is trained with one row, some or all rows an update, and nothing speaks against the rows.

    Trainings whose rows could not be followed stand for those that are missing, one for each: code that nobody
    understands is no mistake.
    """

    def claim(trace: Trace) -> str | None:
        sizes = [size(run, trace.rows) for run in trace.linear()]
        runs = [run for run, found in zip(trace.linear(), sizes, strict=True) if found == wanted]
        missing = [each for each in SIZES if each not in sizes]
        if not runs and missing.index(wanted) < sizes.count(UNKNOWN):
            return None  # trained with rows that could not be followed: perhaps these
        if not runs:
            return f"was not seen; seen were: {', '.join(sorted(set(sizes))) or 'none'}"
        found = [next((words for o in objections if (words := o(run))), None) for run in runs]
        return found[-1] if all(found) else None

    return claim


def _network(wanted: Callable[[Training], bool], what: str) -> Claim:
    """A network of the right layers, made in a certain way, is trained."""

    def claim(trace: Trace) -> str | None:
        runs = [run for run in trace.networks() if wanted(run)]
        objections = [architecture(run) for run in runs]
        if not runs:
            return f"was not seen: no loop trains a network made of {what}"
        return objections[-1] if all(objections) else None

    return claim


def is_of_modules(run: Training) -> bool:
    """Whether it is in a class of its own, or of modules that stand in no container."""
    return bool(run.modules & OWN) or 0 < run.modules < CONTAINER


CLAIMS: Mapping[str, Claim] = {
    "linear: the loss is the mean squared error": _everywhere(squared_error, network=False),
    "linear: gradients are reset": _everywhere(reset, network=False),
    "linear: the loss is computed anew": _everywhere(anew, network=False),
    "linear: updates follow the gradient": _everywhere(update, network=False),
    "linear: all rows an update": _updates_by("batch", aligned),
    "linear: one row an update": _updates_by("stochastic", aligned, advances),
    "linear: some rows an update": _updates_by("mini-batch", aligned, advances),
    "linear: the test set never trains": _never(untouched, network=False),
    "network: modules": _network(is_of_modules, "modules"),
    "network: a container": _network(lambda run: bool(run.modules & CONTAINER), "a container"),
    "network: the loss is the mean squared error": _everywhere(
        lambda run: squared_error(run) or aligned(run), network=True
    ),
    "network: every parameter changes": _everywhere(moved, network=True),
    "network: an optimiser steps": _everywhere(optimised, network=True),
    "network: the test set never trains": _never(untouched, network=True),
}  # fmt: skip
"""What an exercise can claim of a trace, by name."""


def objection(claim: str, array: NDArray[np.generic]) -> Fact | None:
    """What speaks against a claim; None if nothing does.

    Raises:
        KeyError: there is no such claim.
    """
    claimed = CLAIMS[claim]
    try:
        trace = decode(array)
    except ValueError:
        return Fact("no-trace")
    words = claimed(trace)
    return Fact("claim", {"words": words}) if words else None
