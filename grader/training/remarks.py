"""What is said of trainings and costs no points. Pure: numbers in, facts or words out.

Those of a training loop that a submission brings besides what is graded come from `grader.watch.own_training`, which
reports one only where it is proved. They come from the process of the submission all the same, which could put anything
into them; so few digits of them are told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from grader.records import AnyArray
from grader.wire.facts import Fact
from grader.wire.trace import decode

PROBE = "own training"
"""The name of the probe that runs the loop."""
_COUNTS = {"updates", "stale", "uphill", "spread", "predictions", "skipped", "shared"}
_LARGEST, _TOLD = 100_000, 1000
"""A count beyond the first is none; one beyond the second is not told."""


def remarks_on_trace(array: AnyArray) -> Iterator[Fact]:
    """What is worth knowing of a recorded training that is right."""
    try:
        runs = decode(array).runs
    except ValueError:
        return
    halved = sum(run.counts.halved for run in runs if 2 * run.counts.halved > run.counts.measured)
    if halved:
        yield Fact("loss-halved", {"losses": halved})


def remarks_on_training(arrays: Mapping[str, AnyArray], *, right: bool) -> Iterator[str]:
    """One remark for each mistake.

    Args:
        arrays: what the probe reported: `stale` of `updates` used a gradient again; all of `uphill` updates added
            `rate` times the gradient, while the loss went from `first loss` to `last loss`; in `spread` losses each of
            `predictions` met every target; `skipped` gradients passed a bend unchanged; `shared` contexts served twice.
        right: nothing that is graded is wrong. Else a gradient may point anywhere, and no step is called uphill.
    """
    facts = {
        name: float(array.reshape(-1)[0])
        for name, array in arrays.items()
        if array.size == 1 and array.dtype.kind in "iuf"
    }
    seen = {name: value for name, value in facts.items() if _is_possible(name, value)}
    if {"stale", "updates"} <= seen.keys():
        yield _told(
            f"at {_count(seen['stale'])} of {_count(seen['updates'])} updates the gradients still held what an"
            " earlier update had used.",
            "A backward adds to what is there: reset the gradients to zero after each update.",
        )
    if right and {"uphill", "rate", "first loss", "last loss"} <= seen.keys():
        first, last = f"{seen['first loss']:.2g}", f"{seen['last loss']:.2g}"
        yield _told(
            f"each of {_count(seen['uphill'])} updates adds {seen['rate']:.2g} times the gradient to the parameters,"
            f" and the loss rises {f'from {first} to {last}' if first != last else f'a little from {first}'}.",
            "The gradient points uphill: subtract it.",
        )
    if {"spread", "predictions"} <= seen.keys():
        n = _count(seen["predictions"])
        yield _told(
            f"predictions and targets differ in shape, as ({n}, 1) and ({n},) do, so each of {n} predictions is"
            f" compared with all {n} targets.",
            "Give both the same shape.",
        )
    if "skipped" in seen:
        yield _told(
            "the gradient goes from one Linear to the one before it as it is, although an activation stands between"
            " them.",
            "The way back passes through all functions of the way forth, in reverse order.",
        )
    if "shared" in seen:
        yield _told(
            "two Linear layers use one Context, and the second layer's forward replaces what the first one saved.",
            "Give each layer a Context of its own.",
        )


def _is_possible(name: str, value: float) -> bool:
    if name in _COUNTS and not (value.is_integer() and value <= _LARGEST):
        return False
    return math.isfinite(value) and value > 0


def _count(value: float) -> str:
    return f"more than {_TOLD}" if value > _TOLD else f"{value:.0f}"


def _told(what: str, advice: str) -> str:
    return (
        f"In your own training loop, {what}\n{advice} No points are lost.\n"
        "(Some steps of it were run; random numbers stood for data sets that are not here.)"
    )
