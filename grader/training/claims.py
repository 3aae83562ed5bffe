"""What can be claimed of a recorded training. Pure: a trace in, facts that speak against a claim out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.training.replay import is_replayed
from grader.training.rules import update_objection
from grader.wire.facts import Fact
from grader.wire.trace import CONTAINER, OWN, Trace, Training, decode

Objection = Callable[[Training], Fact | None]
Claim = Callable[[Trace], Fact | None]
_LONG = 10
"""Updates of a training in which a single move of another kind is no sign of a habit."""
SIZES, UNKNOWN = ("batch", "stochastic", "mini-batch"), "unknown"
_NO_GRADIENT = Fact("training-no-gradient")
_LETTERS = {"L": "linear", "T": "tanh", "X": "other"}
NOT_ATTEMPTED = frozenset(["no-linear-model", "no-network"])
"""Kinds of facts that say that there is no training to judge."""


def squared_error(run: Training) -> Fact | None:
    """The loss is the mean of the squared errors, or half of it, each prediction against its own target."""
    n = run.counts
    wrong = {name: getattr(n, name) for name in ("spread", "summed", "rooted", "absolute", "unlike")}
    if sum(wrong.values()) <= max(n.averaged + n.halved, n.measured / 2):  # another loss is met by chance
        return None
    name = max(wrong, key=wrong.__getitem__)
    if name == "spread" and n.outputs > 1:
        return Fact("several-outputs", {"outputs": n.outputs, "losses": n.spread})
    return Fact(f"loss-{name}", {"losses": wrong[name], "of": n.measured})


def aligned(run: Training) -> Fact | None:
    """Each prediction meets the target of its own row."""
    n = run.counts
    return Fact("rows-misaligned", {"losses": n.misaligned}) if 2 * n.misaligned > n.measured else None


def reset(run: Training) -> Fact | None:
    """Gradients are reset between updates."""
    n = run.counts
    if not n.backwards:
        return _NO_GRADIENT
    if n.stale > (n.updates > _LONG):
        return Fact("gradients-stale", {"stale": n.stale, "updates": n.updates})
    return None


def anew(run: Training) -> Fact | None:
    """Each gradient is that of a prediction made with the present parameters."""
    old = run.counts.old_forward
    return Fact("prediction-old", {"gradients": old}) if old else None


def update(run: Training) -> Fact | None:
    """Each update is -lr times the gradient, or what a better rule makes of it."""
    n = run.counts
    if not n.backwards:
        return _NO_GRADIENT
    if n.zeroed:
        return Fact("update-lost", {"steps": n.zeroed})
    if not n.updates:
        return Fact("update-missing", {"gradients": n.backwards})
    if n.updates == 1 and n.backwards >= 10 and not n.failed:
        return Fact("update-once", {"gradients": n.backwards})
    if n.unmoved and n.updates >= 3:
        return Fact("update-partial", {"unmoved": n.unmoved, "parameters": n.leaves})
    return None if n.optimiser_steps else update_objection(run.updates)


def advances(run: Training) -> Fact | None:
    """The rows are not the same each time."""
    n = run.counts
    if n.updates >= 3 and n.distinct_rows <= n.median_rows:
        kind = "row-always-same" if n.distinct_rows == 1 else "rows-always-same"
        return Fact(kind, {"rows": n.distinct_rows, "updates": n.updates})
    return None


def reaches(run: Training, rows: int) -> Fact | None:
    """Windows that move by less than their width come to the end of the data, too."""
    n = run.counts
    used_often = n.updates * n.median_rows >= 3 * rows
    if n.overlap >= 50 and used_often and 2 * n.distinct_rows < rows:
        return Fact("windows-overlap", {"reached": n.distinct_rows, "rows": rows})
    return None


def moved(run: Training) -> Fact | None:
    """Every parameter with a gradient changes."""
    n = run.counts
    cut = n.leaves if n.unmoved == n.leaves < run.path.count("L") else n.missed  # the former: a prediction alone
    if cut:
        return Fact("parameters-cut-off", {"missed": cut, "parameters": n.leaves})
    if n.unmoved and (n.updates or not n.zeroed):
        return Fact("parameters-unmoved", {"unmoved": n.unmoved, "parameters": n.leaves})
    return None


def optimised(run: Training) -> Fact | None:
    """An optimiser steps, with the gradient of the present loss alone."""
    n = run.counts
    if not n.optimiser_steps:
        return Fact("optimiser-missing")
    if n.zeroed:
        return Fact("optimiser-finds-nothing", {"steps": n.zeroed})
    if n.optimiser_steps == 1 and n.backwards >= 10 and not n.failed:
        return Fact("optimiser-once", {"gradients": n.backwards})
    return reset(run) or anew(run)


def untouched(run: Training) -> Fact | None:
    """No gradient of test rows changes a parameter."""
    tested = run.counts.tested
    return Fact("test-set-trains", {"updates": tested}) if tested else None


def architecture(run: Training) -> Fact | None:
    """Linear, tanh, linear."""
    if run.path in ("LTL", ""):
        return None
    return Fact("layers-differ", {"layers": " - ".join(_LETTERS[letter] for letter in run.path)})


def size(run: Training, rows: int) -> str:
    """Whether an update uses one row, some, or all of those that the script trains on."""
    n = run.counts
    if n.median_rows >= max(2, rows / 2) and n.distinct_rows == n.median_rows:
        return "batch"
    return {0: UNKNOWN, 1: "stochastic"}.get(n.median_rows, "mini-batch")


def _kinds(trace: Trace, runs: Sequence[Training]) -> Iterator[list[Training]]:
    """Runs that do the same thing; where one was tried in several ways, the best counts."""
    kinds: dict[object, list[Training]] = {}
    for run in runs:
        key = run.counts.modules & CONTAINER if run.is_network else size(run, trace.rows)
        kinds.setdefault(key, []).append(run)
    yield from kinds.values()


def failing(trace: Trace, objection: Objection, *, network: bool) -> list[Training]:
    """The runs of those kinds in which none is without objection."""
    runs = trace.networks() if network else trace.linear()
    return [run for alike in _kinds(trace, runs) if all(objection(r) for r in alike) for run in alike]


def _of(runs: Callable[[Trace], list[Training]], claim: Callable[[Trace, list[Training]], Fact | None]) -> Claim:
    """A claim about some trainings; where there are none the question is not attempted."""
    nothing = Fact("no-network" if runs is Trace.networks else "no-linear-model")
    return lambda trace: claim(trace, found) if (found := runs(trace)) else nothing


def _everywhere(objection: Objection, *, network: bool) -> Claim:
    """Of each kind of run there is one without objection, and there is a run at all."""

    def claim(trace: Trace, _: list[Training]) -> Fact | None:
        wrong = failing(trace, objection, network=network)
        return objection(wrong[-1]) if wrong else None

    return _of(Trace.networks if network else Trace.linear, claim)


def _never(objection: Objection, *, network: bool) -> Claim:
    """There is a run, and none with an objection."""

    def claim(_: Trace, runs: list[Training]) -> Fact | None:
        return next((fact for run in runs if (fact := objection(run))), None)

    return _of(Trace.networks if network else Trace.linear, claim)


def _updates_by(wanted: str, *objections: Objection) -> Claim:
    """A linear model is trained with one row, some or all rows an update, and nothing speaks against the rows.

    Trainings whose rows could not be followed stand for those that are missing, one for each: code that nobody
    understands is no mistake.
    """

    def claim(trace: Trace, trained: list[Training]) -> Fact | None:
        sizes = [size(run, trace.rows) for run in trained]
        runs = [run for run, found in zip(trained, sizes, strict=True) if found == wanted]
        missing = [each for each in SIZES if each not in sizes]
        if not runs and missing.index(wanted) < sizes.count(UNKNOWN):
            return None  # trained with rows that could not be followed: perhaps these
        if not runs:
            return Fact("descent-not-seen", {"seen": ", ".join(sorted(set(sizes)))})
        found = [
            reaches(run, trace.rows if run.counts.own_data else max(trace.rows, trace.given))
            if wanted == "mini-batch" and not any(objection(run) for objection in objections)
            else next((fact for objection in objections if (fact := objection(run))), None)
            for run in runs
        ]
        return found[-1] if all(found) else None

    return _of(Trace.linear, claim)


def _network(wanted: Callable[[Training], bool], missing: str) -> Claim:
    """A network of the right layers, made in a certain way, is trained."""

    def claim(_: Trace, trained: list[Training]) -> Fact | None:
        runs = [run for run in trained if wanted(run)]
        objections = [architecture(run) for run in runs]
        if not runs:
            return Fact(missing)
        return objections[-1] if all(objections) else None

    return _of(Trace.networks, claim)


def is_of_modules(run: Training) -> bool:
    """Whether it is in a class of its own, or of modules that stand in no container."""
    return bool(run.counts.modules & OWN) or 0 < run.counts.modules < CONTAINER


def is_in_a_container(run: Training) -> bool:
    """Whether a container holds its layers."""
    return bool(run.counts.modules & CONTAINER)


CLAIMS: Mapping[str, Claim] = {
    "linear: the loss is the mean squared error": _everywhere(squared_error, network=False),
    "linear: gradients are reset": _everywhere(reset, network=False),
    "linear: the loss is computed anew": _everywhere(anew, network=False),
    "linear: updates follow the gradient": _everywhere(update, network=False),
    "linear: all rows an update": _updates_by("batch", aligned),
    "linear: one row an update": _updates_by("stochastic", aligned, advances),
    "linear: some rows an update": _updates_by("mini-batch", aligned, advances),
    "linear: the test set never trains": _never(untouched, network=False),
    "network: modules": _network(is_of_modules, "modules-not-seen"),
    "network: a container": _network(is_in_a_container, "container-not-seen"),
    "network: the loss is the mean squared error": _everywhere(
        lambda run: squared_error(run) or aligned(run), network=True
    ),
    "network: every parameter changes": _everywhere(moved, network=True),
    "network: an optimiser steps": _everywhere(optimised, network=True),
    "network: the test set never trains": _never(untouched, network=True),
}  # fmt: skip
"""What an exercise can claim of a trace, by name."""


def objection(
    claim: str, array: NDArray[np.generic], inputs: Mapping[str, NDArray[np.float64]] | None = None
) -> Fact | None:
    """What speaks against a claim; None if nothing does.

    Args:
        array: an encoded trace.
        inputs: the data of the probe, `datax`, `datay`, `testx` and `testy`; numbers that are said to be of these must
            be so.

    Raises:
        KeyError: there is no such claim.
    """
    claimed = CLAIMS[claim]
    try:
        trace = decode(array)
    except ValueError:
        return Fact("trace-unreadable")
    return Fact("trace-of-other-data") if is_replayed(trace, inputs or {}) else claimed(trace)
