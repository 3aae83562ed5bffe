"""What is said of trainings and costs no points. Pure: numbers in, facts out.

Those of a training loop that a submission brings besides what is graded come from `own_training`, which
reports one only where it is proved. They come from the process of the submission all the same, which could put anything
into them; so few digits of them are told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from grader.records import AnyArray
from grader.wire.facts import Fact, Value
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


def remarks_on_training(arrays: Mapping[str, AnyArray], *, right: bool) -> Iterator[Fact]:
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
        yield Fact("own-training: stale", {"stale": _count(seen["stale"]), "updates": _count(seen["updates"])})
    if right and {"uphill", "rate", "first loss", "last loss"} <= seen.keys():
        first, last = (float(f"{seen[name]:.2g}") for name in ("first loss", "last loss"))
        values: dict[str, Value] = {
            "updates": _count(seen["uphill"]),
            "rate": float(f"{seen['rate']:.2g}"),
            "first": first,
            "last": last,
        }
        yield Fact("own-training: uphill" if first != last else "own-training: a little uphill", values)
    if {"spread", "predictions"} <= seen.keys():
        yield Fact("own-training: spread", {"n": _count(seen["predictions"])})
    if "skipped" in seen:
        yield Fact("own-training: activation skipped")
    if "shared" in seen:
        yield Fact("own-training: one context")


def _is_possible(name: str, value: float) -> bool:
    if name in _COUNTS and not (value.is_integer() and value <= _LARGEST):
        return False
    return math.isfinite(value) and value > 0


def _count(value: float) -> Fact:
    return Fact("more-than", {"n": _TOLD}) if value > _TOLD else Fact("count", {"n": int(value)})
