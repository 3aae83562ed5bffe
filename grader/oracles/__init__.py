"""Three independent ways to a gradient, and the rule that they must agree before anybody is judged by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np
import torch

from grader.errors import OracleDisagreement
from grader.oracles.autograd import autograd
from grader.oracles.complex_step import complex_step
from grader.oracles.finite_difference import finite_difference
from grader.oracles.problem import Problem
from grader.records import Estimate, Network
from grader.tolerance import agrees, loss

__all__ = ["ORACLES", "Problem", "consensus", "estimate"]

Oracle = Callable[[Problem], dict[str, Estimate]]

ORACLES: dict[str, Oracle] = {
    "complex step": complex_step,
    "autograd": autograd,
    "finite differences": finite_difference,
}


def estimate(problem: Problem) -> dict[str, Estimate]:
    """The gradient on which all oracles agree.

    Raises:
        OracleDisagreement: two of them differ by more than their error bars, or the exercise's own scalar is not the
            loss of the network that it declares.
    """
    if problem.network:
        _same_forward(problem, problem.network)
    return consensus({name: oracle(problem) for name, oracle in ORACLES.items()})


def consensus(estimates: Mapping[str, Mapping[str, Estimate]]) -> dict[str, Estimate]:
    """Of each quantity, the estimate with the smallest worst error, once all of them agree pairwise.

    Args:
        estimates: oracle -> quantity -> estimate. An oracle that does not apply to a problem tells nothing at all.

    Raises:
        OracleDisagreement: names the oracles, the quantity, the entry and the gap; or fewer than two tell anything.
    """
    telling = {oracle: told for oracle, told in estimates.items() if told}
    if len(telling) < 2:
        raise OracleDisagreement(f"only {', '.join(telling) or 'none'} of the oracles applies; at least two must agree")
    agreed: dict[str, Estimate] = {}
    for quantity in next(iter(telling.values())):
        for (first, a), (second, b) in combinations(((o, e[quantity]) for o, e in telling.items()), 2):
            _same(quantity, first, a, second, b)
        agreed[quantity] = min((e[quantity] for e in telling.values()), key=lambda e: float(np.max(e.error, initial=0)))
    return agreed


def _same(quantity: str, first: str, a: Estimate, second: str, b: Estimate) -> None:
    if a.value.shape != b.value.shape:
        raise OracleDisagreement(f"{quantity}: {first} gives shape {a.value.shape}, {second} {b.value.shape}")
    bar = a.error + b.error
    outside = ~agrees(a.value, Estimate(b.value, bar))
    if outside.any():
        at = np.unravel_index(np.argmax(np.where(outside, np.abs(a.value - b.value), -1)), outside.shape)
        index = ", ".join(str(int(i)) for i in at)
        raise OracleDisagreement(
            f"d/d{quantity} at [{index}]: {first} gives {a.value[at]:.12g}, {second} {b.value[at]:.12g}; they differ by"
            f" {abs(a.value[at] - b.value[at]):.3g}, their error bars allow {bar[at]:.3g}"
        )


def _same_forward(problem: Problem, network: Network) -> None:
    """The oracles share a forward pass of a network: so its value is compared with the exercise's own."""
    with torch.no_grad():
        theirs = float(problem.scalar({name: torch.tensor(value) for name, value in problem.point.items()}))
    ours = loss(network)
    if not abs(theirs - ours) <= 1e-9 * max(1.0, abs(ours)):
        raise OracleDisagreement(f"the exercise's loss is {theirs:.12g}, that of the network it declares {ours:.12g}")
