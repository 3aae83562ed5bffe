"""PyTorch's own database of operations, each as a problem for the oracles; it needs the package `expecttest`."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from grader.errors import AssignmentError
from grader.oracles import Problem, estimate

KINDS = {
    "uses randomness": "randomness",
    "draws random numbers": "randomness",
    "no second oracle is sure": "not differentiable where drawn",
    "does not depend on": "does not depend on its input",
    "autograd does not see": "no way back for autograd",
    "raises": "raises",
    "in place": "changes its input",
    "too large to be moved": "too large to be moved entry by entry",
    "they differ by": "the oracles disagree",
    "no gradient": "no real number",
    "not finite": "infinite input",
    "at the point drawn: draw where": "not defined where drawn",
    "not defined next to": "not defined next to the sample",
}
"""What a message says -> the word for it in the table."""
OF_PYTORCH = {
    **dict.fromkeys(("bfloat16", "half", "cfloat", "chalf"), "rounds to fewer digits"),
    **dict.fromkeys(("normal", "normal.number_mean"), "randomness, which autograd does not differentiate"),
    "as_strided_scatter": "autograd gives a slope to what is overwritten",
    "nn.functional.max_unpool3d": "writes to one place twice",
    "nn.functional.hardsigmoid": "1/6 in single precision inside",
}
"""Operation -> what is known of a disagreement of which PyTorch, or the operation itself, is the cause."""

_SAMPLES = 50


@dataclass(frozen=True)
class Case:
    """One operation with one sample of its arguments."""

    name: str
    problem: Problem | None
    why: str = ""


@dataclass(frozen=True)
class Result:
    """What came of it: the largest relative bar, or the message."""

    name: str
    bar: float = np.nan
    message: str = ""
    seconds: float = 0.0

    @property
    def kind(self) -> str:
        """The message in a word."""
        if self.name in OF_PYTORCH and "they differ by" in self.message:
            return OF_PYTORCH[self.name]
        return next((word for words, word in KINDS.items() if words in self.message), self.message)


def cases(wanted: Callable[[str], bool]) -> Iterator[Case]:
    """The operations of the database that are differentiable in float64, of the names that are wanted."""
    for op in _database():
        name = ".".join(filter(None, (op.name, op.variant_test_name)))
        if op.supports_autograd and torch.float64 in op.supported_dtypes("cpu") and wanted(name):
            torch.manual_seed(0)
            np.random.seed(0)
            yield case(name, op)


def _database() -> Sequence[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db  # takes seconds

        return op_db


def case(name: str, op: Any) -> Case:
    """The first sample of an operation that holds numbers to differentiate by, as a problem."""
    for sample in islice(op.sample_inputs("cpu", torch.float64, requires_grad=True), _SAMPLES):
        leaves = pytree.tree_leaves((sample.input, sample.args, sample.kwargs))
        if any(isinstance(leaf, torch.Tensor) and leaf.requires_grad and leaf.numel() for leaf in leaves):
            return of_sample(name, op, sample)
    return Case(name, None, "nothing to differentiate by")


def of_sample(name: str, op: Any, sample: Any) -> Case:
    """An operation at one sample, as a problem."""
    leaves, shape = pytree.tree_flatten((sample.input, sample.args, sample.kwargs))
    tensors = {f"x{i}": leaf for i, leaf in enumerate(leaves) if isinstance(leaf, torch.Tensor)}
    if any(tensor.is_complex() for tensor in tensors.values()):
        return Case(name, None, "complex input")
    if any(tensor.layout is not torch.strided for tensor in tensors.values()):
        return Case(name, None, "sparse input")
    wrt = [n for n, tensor in tensors.items() if tensor.requires_grad and tensor.numel()]

    def returned(given: list[Any]) -> list[Any]:
        """What the operation returns, made of copies of its arguments."""
        copies = [value.clone() if isinstance(value, torch.Tensor) else value for value in given]
        first, args, kwargs = pytree.tree_unflatten(copies, shape)
        return pytree.tree_leaves(sample.output_process_fn_grad(op.gradcheck_wrapper(op.op, first, *args, **kwargs)))

    counts = [isinstance(value, torch.Tensor) and value.requires_grad for value in returned(leaves)]

    def scalar(point: Mapping[str, torch.Tensor]) -> torch.Tensor:
        values = returned([point.get(f"x{i}", leaf) for i, leaf in enumerate(leaves)])
        real = not any(tensor.is_complex() for tensor in point.values())
        return weighed([v for v, differentiable in zip(values, counts, strict=True) if differentiable], real)

    return Case(name, Problem(scalar, {n: t.detach().numpy().copy() for n, t in tensors.items()}, wrt))


def weighed(returned: list[torch.Tensor], real: bool) -> torch.Tensor:
    """The sum of what an operation returns, each entry times a number drawn once.

    Of complex numbers that come of real ones, real and imaginary parts count on their own.
    """
    total = torch.zeros(())
    for number, tensor in enumerate(returned):
        parts = torch.view_as_real(tensor.resolve_conj()) if real and tensor.is_complex() else tensor
        weights = np.random.default_rng(number).normal(0, 1, tuple(parts.shape))
        total = total + (parts * torch.tensor(weights)).sum()
    return total


def tried(case: Case) -> Result:
    """What the oracles say."""
    if case.problem is None:
        return Result(case.name, message=case.why)
    start = time.process_time()
    try:
        agreed = estimate(case.problem)
    except AssignmentError as error:
        return Result(case.name, message=str(error), seconds=time.process_time() - start)
    bars = [float(np.max(e.error)) / size for e in agreed.values() if (size := float(np.max(np.abs(e.value))))]
    return Result(case.name, max(bars, default=0.0), seconds=time.process_time() - start)
