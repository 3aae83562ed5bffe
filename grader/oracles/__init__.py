"""Three independent ways to a gradient, and the rule that they must agree before anybody is judged by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np

from grader.errors import OracleDisagreement
from grader.oracles.autograd import autograd
from grader.oracles.complex_step import complex_step
from grader.oracles.finite_difference import finite_difference
from grader.oracles.problem import Problem
from grader.oracles.soundness import require_a_way_back, require_sound, why
from grader.records import Estimate, Network
from grader.tolerance import agrees, is_sure, loss

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
        AssignmentError: the scalar is none that can be differentiated: it raises, is random, changes its inputs, is no
            single number, or does not depend on an input.
        OracleDisagreement: two of them differ by more than their error bars, less than two are sure of what they tell,
            or the exercise's own scalar is not the loss of the network that it declares.
    """
    require_sound(problem)
    if problem.network:
        _same_forward(problem, problem.network)
    estimates = {name: oracle(problem) for name, oracle in ORACLES.items()}
    require_a_way_back(problem, estimates["finite differences"])
    return consensus(
        estimates,
        size=abs(problem.loss),
        why=lambda quantity: why(problem, quantity, estimates["finite differences"][quantity]),
    )


def consensus(
    estimates: Mapping[str, Mapping[str, Estimate]], size: float = 0.0, why: Callable[[str], str] = lambda _: ""
) -> dict[str, Estimate]:
    """Of each quantity, the estimate with the smallest worst error, once all of them agree pairwise.

    Args:
        estimates: oracle -> quantity -> estimate. An oracle that does not apply to a problem tells nothing at all.
        size: of the scalar: what a gradient that is zero is compared with, besides the other gradients.
        why: what is known of the cause of a disagreement on a quantity.

    Raises:
        OracleDisagreement: names the oracles, the quantity, the entry and the gap; or fewer than two tell anything, or
            are sure of what they tell.
    """
    telling = {oracle: told for oracle, told in estimates.items() if told}
    if len(telling) < 2:
        raise OracleDisagreement(f"only {', '.join(telling) or 'none'} of the oracles applies; at least two must agree")
    every = [e.value for told in telling.values() for e in told.values()]
    size = max(size, *(float(np.max(np.abs(value), initial=0.0)) for value in every))
    agreed: dict[str, Estimate] = {}
    for quantity in next(iter(telling.values())):
        told = {oracle: e[quantity] for oracle, e in telling.items()}
        _all_numbers(quantity, told)
        _two_are_sure(quantity, told, size)
        for (first, a), (second, b) in combinations(told.items(), 2):
            _same(quantity, first, a, second, b, why)
        agreed[quantity] = min(told.values(), key=_worst)
    return agreed


def _worst(e: Estimate) -> float:
    return float(np.max(e.error, initial=0.0))


def _all_numbers(quantity: str, told: Mapping[str, Estimate]) -> None:
    """What is not a number agrees with nothing."""
    for oracle, e in told.items():
        if not np.all(np.isfinite(e.value)):
            at = np.unravel_index(np.argmin(np.isfinite(e.value)), e.value.shape)
            raise OracleDisagreement(
                f"d/d{quantity} at {_place(at)}: {oracle} gives {e.value[at]}: the scalar is not defined next to the"
                " point drawn, or has no derivative there. Draw farther inside of where it is defined"
            )


def _two_are_sure(quantity: str, told: Mapping[str, Estimate], size: float) -> None:
    """Agreement says nothing where the error bar of one is so wide that anything agrees with it."""
    unsure = {oracle: e for oracle, e in told.items() if not is_sure(e, size)}
    if len(told) - len(unsure) >= 2:
        return
    oracle, e = min(unsure.items(), key=lambda item: _worst(item[1]))
    at = np.unravel_index(np.argmax(e.error), e.error.shape)
    raise OracleDisagreement(
        f"d/d{quantity} at {_place(at)}: {oracle} gives {e.value[at]:.6g} with an error of up to {e.error[at]:.3g}, and"
        " no second oracle is sure: there is a kink or a jump at the point drawn or close to it, or the formula is not"
        " differentiable at all. Draw until none is near"
    )


def _same(quantity: str, first: str, a: Estimate, second: str, b: Estimate, why: Callable[[str], str]) -> None:
    if a.value.shape != b.value.shape:
        raise OracleDisagreement(f"{quantity}: {first} gives shape {a.value.shape}, {second} {b.value.shape}")
    bar = a.error + b.error
    outside = ~agrees(a.value, Estimate(b.value, bar))
    if outside.any():
        at = np.unravel_index(np.argmax(np.where(outside, np.abs(a.value - b.value), -1)), outside.shape)
        raise OracleDisagreement(
            f"d/d{quantity} at {_place(at)}: {first} gives {a.value[at]:.12g}, {second} {b.value[at]:.12g}; they differ"
            f" by {abs(a.value[at] - b.value[at]):.3g}, their error bars allow {bar[at]:.3g}{why(quantity)}"
        )


def _place(at: tuple[np.intp, ...]) -> str:
    return f"[{', '.join(str(int(i)) for i in at)}]"


def _same_forward(problem: Problem, network: Network) -> None:
    """The oracles share a forward pass of a network: so its value is compared with the exercise's own."""
    theirs, ours = problem.loss, loss(network)
    if not abs(theirs - ours) <= 1e-9 * max(1.0, abs(ours)):
        raise OracleDisagreement(f"the exercise's loss is {theirs:.12g}, that of the network it declares {ours:.12g}")
