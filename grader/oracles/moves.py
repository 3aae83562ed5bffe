"""L at points of which one entry of one input is moved: as many at once as fit into memory, or one after the other."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from grader.errors import AssignmentError
from grader.kit.tensors import as_tensors
from grader.oracles.problem import Problem
from grader.records import IntArray

_ENTRIES = 2**21
"""Numbers in one batch of moved inputs."""
_ONE_BY_ONE = 2**15
"""Evaluations of L that are made at most where they cannot be made at once."""
_SAME = 1e-9
"""Relative: what the imaginary parts of L, evaluated at once and on its own, may differ by."""
_COMPARED = 4


def moved(problem: Problem, name: str, moves: Any) -> Any:
    """L with entry j of an input moved by moves[k][j], for all k and j; shaped like `moves`, and complex if they are.

    `torch.func.vmap` evaluates many at once. Where it has no rule for an operation, where the code decides by numbers
    (`if`, `.item()`), or where the numbers it gives are not those of an evaluation on its own, each is made on its own.

    Raises:
        AssignmentError: there are too many moves for that.
    """
    line = _Line(problem, name, moves)
    every = np.arange(moves.size)
    some = np.unique(np.linspace(0, max(0, moves.size - 1), _COMPARED).astype(np.int64))
    if not moves.size:
        return np.zeros(moves.shape, dtype=moves.dtype)
    try:
        results = line.at_once()
    except Exception as error:
        return _one_by_one(line, every, str(error)).reshape(moves.shape)
    if not _same(results[some], line.one_by_one(some), problem.noise):
        results = _one_by_one(line, every, "an operation gives other numbers for a batch than for each of its members")
    return results.reshape(moves.shape)


class _Line:
    """The moves of one input, one after the other: the number of an entry, and how far it is moved."""

    def __init__(self, problem: Problem, name: str, moves: Any) -> None:
        size, kind = moves[0].size, torch.complex128 if np.iscomplexobj(moves) else torch.float64
        self.problem, self.told = problem, name
        if name in problem.rows:
            name, row = problem.rows[name]
            moves, entries = moves * row, torch.arange(size) // len(row)
        else:
            entries = torch.arange(size)
        self.name = name
        self.amounts = torch.tensor(moves.reshape(-1), dtype=kind)
        self.entries = entries.repeat(len(moves))
        self.tensors = as_tensors(problem.point, kind)

    def at_once(self) -> Any:
        """L for all moves, by `vmap`."""
        value = self.tensors[self.name]
        results = []
        for block in torch.split(torch.arange(len(self.amounts)), max(1, _ENTRIES // max(1, value.numel()))):
            batch = value.expand(len(block), *value.shape).clone()
            batch.view(len(block), -1)[torch.arange(len(block)), self.entries[block]] += self.amounts[block]
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of operations that have no rule, and are slow for that
                results.append(torch.func.vmap(self._value)(batch))
        return torch.cat(results).numpy(force=True)

    def one_by_one(self, which: IntArray) -> Any:
        """L for some moves, one evaluation each."""
        with torch.no_grad():
            return torch.stack([self._value(tensor) for tensor in self._moved(which)]).numpy(force=True)

    def _moved(self, which: IntArray) -> Iterator[torch.Tensor]:
        for number in which:
            tensor = self.tensors[self.name].clone()
            tensor.view(-1)[self.entries[number]] += self.amounts[number]
            yield tensor

    def _value(self, tensor: torch.Tensor) -> torch.Tensor:
        return self.problem.value({**self.tensors, self.name: tensor})


def _one_by_one(line: _Line, every: IntArray, why: str) -> Any:
    if len(every) > _ONE_BY_ONE:
        raise AssignmentError(
            f"`{line.told}` is too large to be moved one entry at a time ({len(every)} evaluations of the scalar, at"
            f" most {_ONE_BY_ONE}), and many at a time cannot be evaluated: {why}\nDraw it smaller, or write the scalar"
            " without `.item()`, numpy, and decisions by numbers"
        )
    return line.one_by_one(every)


def _same(batched: Any, alone: Any, noise: float) -> bool:
    """Whether L is the same by both ways, but for rounding."""
    real = np.abs(batched.real - alone.real) <= 2 * noise
    imaginary = np.abs(batched.imag - alone.imag) <= _SAME * np.max(np.abs(alone.imag), initial=0.0)
    return bool(np.all(real & imaginary))
