"""Finite differences and the complex step for a scalar of which nothing is known but its code.

Every entry of every input is moved; as many moves as fit into memory are evaluated at once, by `torch.func.vmap`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.oracles.problem import Problem, rounded_points
from grader.records import Estimate
from grader.tolerance import DOUBLE, measured_error

COMPLEX_STEP = 1e-20
_ENTRIES = 2**21
"""Numbers in one batch of moved inputs."""
_ANALYTIC = """
add sub rsub mul div neg reciprocal mm bmm addmm mv dot matmul tanh exp sin cos sinh cosh sum mean t transpose permute
view reshape _unsafe_view expand unsqueeze squeeze select slice clone copy alias detach stack cat unbind split
lift_fresh sigmoid cumsum diagonal flip roll repeat narrow
"""
"""Operations of torch that are analytic, and that torch computes for complex numbers as for real ones.

Others raise (relu, clamp, softmax), or are silently wrong (abs, norm, var): where one is used, the oracle abstains.
"""


def finite_difference(problem: Problem) -> dict[str, Estimate]:
    """Central differences of fourth order, D(h) = [8 (L(x+h) - L(x-h)) - (L(x+2h) - L(x-2h))] / 12h, of every entry.

    The error bar is what two steps differ by, |D(h) - D(h/2)|, which is 15 times the truncation error of the better one
    where the expansion in h holds, and all of the difference where a kink is in between; and the rounding of L over h,
    measured in single precision.
    """
    noise = _noise(problem)
    estimates = {}
    for name in problem.wrt:
        value = problem.point[name]
        step = problem.step * np.maximum(1.0, np.abs(value))
        moves = np.stack([factor * step for factor in (0.5, -0.5, 1.0, -1.0, 2.0, -2.0)])
        half, half_down, one, one_down, two, two_down = _moved(problem, name, moves)
        fine = (8 * (half - half_down) - (one - one_down)) / (6 * step)
        coarse = (8 * (one - one_down) - (two - two_down)) / (12 * step)
        estimates[name] = Estimate(fine, np.abs(fine - coarse) + 3 * noise / step + problem.rounding[name])
    return estimates


def complex_step(problem: Problem) -> dict[str, Estimate]:
    """dL/dx = Im L(x + ih) / h, of every entry, for h = 1e-20; empty where L uses an operation that is not analytic.

    Source: Squire & Trapp, SIAM Review 40 (1998) 110-112.
    """
    if not _is_analytic(problem):
        return {}
    estimates = {}
    for name in problem.wrt:
        moves = np.full((1, *problem.point[name].shape), 1j * COMPLEX_STEP)
        estimates[name] = Estimate(_moved(problem, name, moves)[0].imag / COMPLEX_STEP, problem.rounding[name])
    return estimates


def _noise(problem: Problem) -> float:
    """How far L as computed in float64 may be from L."""
    exact = _loss(problem)(*(torch.tensor(value) for value in problem.point.values())).numpy()
    runs = [
        _loss(problem)(*(torch.tensor(value, dtype=torch.float32) for value in point.values())).double().numpy()
        for point in rounded_points(problem.point)
    ]
    return float(measured_error(exact, runs, DOUBLE))


def _loss(problem: Problem) -> Callable[..., torch.Tensor]:
    """L as a function of its inputs by position."""

    @torch.no_grad()
    def loss(*tensors: torch.Tensor) -> torch.Tensor:
        return problem.scalar(dict(zip(problem.point, tensors, strict=True))).reshape(())

    return loss


def _moved(problem: Problem, name: str, moves: Any) -> Any:
    """L with entry j of an input moved by moves[k][j], for all k and j; shaped like `moves`."""
    kind = torch.complex128 if np.iscomplexobj(moves) else torch.float64
    size = moves[0].size
    if name in problem.rows:
        name, row = problem.rows[name]
        entries, flat = torch.arange(size) // len(row), torch.tensor(moves * row, dtype=kind).reshape(-1)
    else:
        entries, flat = torch.arange(size), torch.tensor(moves.reshape(-1), dtype=kind)
    tensors = [torch.tensor(value, dtype=kind) for value in problem.point.values()]
    position = list(problem.point).index(name)
    batched = torch.func.vmap(_loss(problem), in_dims=tuple(0 if i == position else None for i in range(len(tensors))))
    value = tensors[position]
    results = []
    for block in torch.split(torch.arange(len(flat)), max(1, _ENTRIES // max(1, value.numel()))):
        batch = value.expand(len(block), *value.shape).clone()
        batch.view(len(block), -1)[torch.arange(len(block)), entries[block % size]] += flat[block]
        results.append(batched(*tensors[:position], batch, *tensors[position + 1 :]))
    return torch.cat(results).numpy().reshape(moves.shape)


def _is_analytic(problem: Problem) -> bool:
    """Whether L, evaluated at complex numbers, consists of known analytic operations."""
    seen = _Operations()
    tensors = [torch.tensor(value, dtype=torch.complex128) for value in problem.point.values()]
    try:
        with seen:
            value = _loss(problem)(*tensors)
    except (RuntimeError, NotImplementedError, TypeError):
        return False
    return value.is_complex() and seen.names <= set(_ANALYTIC.split())


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the names of the operations that are evaluated while it is entered."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: set[str] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: nothing is compiled here, and saying yes imports 800 modules at the first operation."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note one operation, and evaluate it; a whole power is a product."""
        name = func.overloadpacket.__name__
        if not (name == "pow" and isinstance(args[1], int) and args[1] >= 1):
            self.names.add(name)
        return func(*args, **(kwargs or {}))
