"""What the oracles differentiate."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from grader.errors import AssignmentError, GraderError
from grader.kit.tensors import as_tensors
from grader.records import AnyArray, Arrays, FloatArray, Network
from grader.tolerance import DOUBLE, measured_error, rounding_error

if TYPE_CHECKING:
    from torch import Tensor

    ScalarFunction = Callable[[Mapping[str, Tensor]], Tensor]

_ROUNDED_RUNS = 8
_PRECISIONS = {
    torch.float32: "single precision",
    torch.float64: "double precision",
    torch.complex128: "complex numbers",
}


@dataclass(frozen=True)
class Problem:
    """One scalar at one point.

    `scalar` maps the tensors named in `point` to L, in the exercise's own code; L is differentiated with respect to the
    inputs that `wrt` lists. Where L is the loss of a tanh network, `network` tells it a second time, and the oracles
    evaluate that themselves, with proved bounds. Integers and truth values of `point` (labels, masks, indices) reach
    `scalar` as they are, whatever the oracle and its precision.

    `step` is how far, relative to 1 or to its size, an entry is moved by finite differences; no kink should be within
    twice as much. `rows` says of a weight, shape (n, m), that it multiplies one row of m numbers only, and that the
    product is added to a bias, shape (n,): weight -> name of the bias, and the row. Moving weight[i, j] is then the
    same as moving bias[i] by row[j] times as much, and much cheaper to evaluate.

    Raises:
        AssignmentError: `wrt` names what is not in `point` or holds no real numbers, or an array is of another type.
    """

    scalar: ScalarFunction
    point: Arrays
    wrt: Sequence[str]
    network: Network | None = None
    step: float = 2.0**-8
    rows: Mapping[str, tuple[str, FloatArray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.point.items():
            if np.asarray(value).dtype.kind not in "fiub":
                raise AssignmentError(f"`{name}` is of type {np.asarray(value).dtype}: give real numbers, or integers")
        for name in self.wrt:
            if name not in self.point:
                raise AssignmentError(
                    f"there is no input `{name}` to differentiate by; known are {', '.join(self.point)}"
                )
            if not is_real(self.point[name]):
                raise AssignmentError(
                    f"`{name}` holds {np.asarray(self.point[name]).dtype}, and integers are never differentiated:"
                    " draw real numbers, or ask for no gradient of it"
                )

    @classmethod
    def of_network(cls, scalar: ScalarFunction, network: Network) -> Problem:
        """The loss of a network, as a function of `w[1], b[1], ..., x, y`, with respect to its weights and biases."""
        point = {"x": network.x, "y": network.y}
        wrt = []
        for level, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
            point |= {f"w[{level}]": weight, f"b[{level}]": bias}
            wrt += [f"w[{level}]", f"b[{level}]"]
        return cls(scalar, point, wrt, network)

    @cached_property
    def loss(self) -> float:
        """L at the point, in float64."""
        with torch.no_grad():
            return float(self.value(as_tensors(self.point, torch.float64)))

    @cached_property
    def noise(self) -> float:
        """How far L as computed in float64 may be from L; measured."""
        runs = []
        for point in rounded_points(self.point):
            with torch.no_grad():
                runs.append(self.value(as_tensors(point, torch.float32)).double().numpy())
        return float(measured_error(np.asarray(self.loss), runs, DOUBLE))

    @cached_property
    def rounding(self) -> dict[str, FloatArray]:
        """How far an honest float64 computation of each derivative may be from the exact one, entry by entry.

        Proved for a network; else measured, by differentiating in float32 at points that are off by one rounding.
        """
        if self.network:
            return rounding_error(self.network, DOUBLE)
        runs = [self.gradient(point, torch.float32) for point in rounded_points(self.point)]
        return {name: measured_error(self.exact[name], [run[name] for run in runs], DOUBLE) for name in self.wrt}

    @cached_property
    def exact(self) -> dict[str, FloatArray]:
        """dL/dx by autograd at the point, in float64."""
        return self._with_zeros(self._at_the_point)

    @property
    def unreached(self) -> tuple[str, ...]:
        """The inputs to which the graph of L does not lead back."""
        return tuple(name for name, gradient in self._at_the_point.items() if gradient is None)

    def gradient(self, point: Arrays, dtype: torch.dtype) -> dict[str, FloatArray]:
        """dL/dx by autograd, at a point, in a precision; an input that L does not depend on has the derivative 0."""
        return self._with_zeros(self._by_autograd(as_tensors(point, dtype)))

    @cached_property
    def _at_the_point(self) -> dict[str, Tensor | None]:
        return self._by_autograd(as_tensors(self.point, torch.float64))

    def _with_zeros(self, found: Mapping[str, Tensor | None]) -> dict[str, FloatArray]:
        return {
            name: np.zeros(np.shape(self.point[name])) if gradient is None else gradient.double().numpy(force=True)
            for name, gradient in found.items()
        }

    def _by_autograd(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor | None]:
        inputs = [tensors[name].requires_grad_() for name in self.wrt]
        with torch.enable_grad():
            value = self.value(tensors)
            if not value.requires_grad:
                return dict.fromkeys(self.wrt)
            with _told_by_the_author("the backward pass of the scalar"), _default(value.dtype):
                gradients = torch.autograd.grad(value, inputs, allow_unused=True)
        return {name: g if g is None else g.detach() for name, g in zip(self.wrt, gradients, strict=True)}

    def value(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """L at some tensors, shape (); what the exercise makes itself meanwhile is of their precision.

        Raises:
            AssignmentError: the exercise's code raises, or gives no single number.
        """
        precision = next((t.dtype for t in tensors.values() if t.is_floating_point() or t.is_complex()), torch.float64)
        with _told_by_the_author(f"the scalar, in {_PRECISIONS.get(precision, precision)},"), _default(precision):
            value = self.scalar(tensors)
        if not isinstance(value, torch.Tensor):
            raise AssignmentError(
                f"the scalar gives {_kind(value)}, and not a tensor: let it return what torch computed, without"
                " `.item()`, `float(...)` or numpy on the way"
            )
        if value.numel() != 1:
            raise AssignmentError(
                f"the scalar gives a tensor of shape {tuple(value.shape)}, and not one number: sum over what it"
                " returns, or weigh it by an upstream gradient, `(v * out).sum()`"
            )
        return value.reshape(())


def is_real(value: AnyArray) -> bool:
    """Whether an array holds numbers that can be moved, rounded and differentiated: integers never are."""
    return np.asarray(value).dtype.kind == "f"


def rounded_points(point: Arrays) -> list[dict[str, AnyArray]]:
    """The same point some times over, every real number moved by at most one rounding of single precision."""
    rng = np.random.default_rng(0)
    return [
        {n: v * (1 + 2.0**-24 * rng.uniform(-1, 1, np.shape(v))) if is_real(v) else v for n, v in point.items()}
        for _ in range(_ROUNDED_RUNS)
    ]


@contextmanager
def _default(dtype: torch.dtype) -> Iterator[None]:
    """What torch makes of Python's numbers is of this precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64 if dtype.is_complex else dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def _told_by_the_author(what: str) -> Iterator[None]:
    """An exception of the exercise's code is its author's to mend: she reads which, and on which of her lines."""
    try:
        yield
    except GraderError:
        raise
    except Exception as error:
        own = [f for f in traceback.extract_tb(error.__traceback__) if _is_authors(f.filename)]
        where = f" at {own[-1].filename}:{own[-1].lineno}" if own else ""
        raise AssignmentError(f"{what} raises {type(error).__name__}{where}: {error}") from error


_OTHERS = (Path(torch.__file__).parents[1], Path(__file__).parents[1], Path(traceback.__file__).parent)
"""Folders of code that no author of an exercise wrote: installed packages, this program, Python itself."""


def _is_authors(file: str) -> bool:
    return not any(folder in Path(file).parents for folder in _OTHERS)


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
