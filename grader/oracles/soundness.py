"""What a scalar must be before anybody differentiates it, and what its author reads where it is not."""

from __future__ import annotations

import numpy as np
import torch

from grader.errors import About, AssignmentError, OracleDisagreement
from grader.kit.tensors import as_tensors
from grader.oracles.problem import Problem
from grader.records import Estimate

_SAME = 1e-9
"""Relative: what two evaluations at one point may differ by."""


def require_sound(problem: Problem) -> None:
    """See that L is a finite number, that it is the same whenever it is asked for, and that it leaves its inputs alone.

    Raises:
        AssignmentError: it is not; what is wrong, and what to write.
    """
    for name in problem.wrt:
        if not np.all(np.isfinite(problem.point[name])):
            raise AssignmentError(f"`{name}` holds numbers that are not finite, and these cannot be moved: draw others")
    with torch.random.fork_rng(devices=[]):
        first, again, other = (_evaluated(problem, seed) for seed in (0, 0, 1))
    if not _close(first, again):
        raise AssignmentError(
            f"the scalar is {first:.6g} at first and {again:.6g} when it is asked for again at the same point: it draws"
            " random numbers, or keeps something from one call to the next. Let it depend on its inputs alone"
        )
    if not _close(first, other):
        raise AssignmentError(
            f"the scalar uses randomness: it is {first:.6g} for one seed of torch and {other:.6g} for another. Draw the"
            " mask or the noise in `probes`, and hand it in as an input"
        )
    if not np.isfinite(first):
        raise AssignmentError(f"the scalar is {first} at the point drawn: draw where it is defined")


def _evaluated(problem: Problem, seed: int) -> float:
    """L at the point."""
    torch.manual_seed(seed)
    given, kept = (as_tensors(problem.point, torch.float64) for _ in range(2))
    with torch.no_grad():
        value = problem.value(given)
    if not value.is_floating_point():
        raise AssignmentError(
            f"the scalar gives {'complex numbers' if value.is_complex() else value.dtype}, of which there is no"
            " gradient: let it return a real number"
        )
    changed = [name for name, tensor in given.items() if not _untouched(tensor, kept[name])]
    if changed:
        raise AssignmentError(
            f"the scalar changes its input `{changed[0]}` in place: work on a copy, `{changed[0]}.clone()`, or write"
            " `x = x + 1` for `x += 1`"
        )
    return float(value)


def _untouched(tensor: torch.Tensor, kept: torch.Tensor) -> bool:
    return tensor.shape == kept.shape and bool(((tensor == kept) | (tensor.isnan() & kept.isnan())).all())


def _close(first: float, second: float) -> bool:
    return bool(np.isclose(first, second, rtol=_SAME, atol=0.0, equal_nan=True))


def require_a_way_back(problem: Problem, differences: dict[str, Estimate]) -> None:
    """See that L depends on each input, and that autograd knows how.

    Raises:
        AssignmentError: its graph does not lead back to one of them.
    """
    for name in problem.unreached:
        moves = differences[name]
        if np.all(np.abs(moves.value) <= moves.error):
            raise AssignmentError(
                f"the scalar does not depend on `{name}`: use it in the formula, or ask for no gradient of it"
            )
        raise OracleDisagreement(
            f"the scalar changes with `{name}`, and autograd does not see how: no `.detach()`, `.item()`, `.data`,"
            " numpy or rounding to integers may be on the way from it",
            about=About.GRAPH,
        )


def why(problem: Problem, name: str, differences: Estimate) -> str:
    """What two oracles may disagree for on one input, and what to write; empty where nothing is known."""
    told, moved = problem.exact[name], differences.value
    if not told.any():
        return ". autograd gives 0 everywhere: rounding, comparisons and integers have no slope"
    if told.ndim < 2 or told.shape[-1] != told.shape[-2]:
        return ""
    swapped, bar = np.swapaxes(moved, -1, -2), 2 * differences.error + 2 * problem.rounding[name]
    symmetric = np.abs(told - np.swapaxes(told, -1, -2)) <= bar
    if np.all(symmetric & (np.abs(2 * told - moved - swapped) <= 2 * bar)):
        return (
            f". The formula reads `{name}` as a symmetric matrix: write `{name} = ({name} + {name}.mT) / 2` before it"
            " is used, so that every entry counts"
        )
    return ""
