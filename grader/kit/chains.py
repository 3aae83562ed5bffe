"""Nets that are chains of a submission's own classes, gone through and back by hand: do they learn?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.kit.calling import Backward, argument_order, call_in_order
from grader.kit.part import Inputs, Part, Report

Link = tuple[str, ...]
"""A class of the submission, by its entry point, and the names of what it takes besides what comes before it."""


@dataclass(frozen=True)
class Chains(Part):
    """Some chains go down the gradient of their loss on one table, and are tried on another: curves, and no points.

    The inputs of a probe are `x` and `y`, `x_test` and `y_test`, and the parameters of all chains by name.

    Attributes:
        models: what each chain is called, and its links; the last one takes `y`.
        check: what the curves count for.
        orders: for an entry point that may take its inputs in another order than the statement's: see `argument_order`.
    """

    models: Mapping[str, Sequence[Link]]
    check: str
    orders: Mapping[str, tuple[Callable[..., Tensor], Sequence[tuple[int, ...]]]]
    steps: int
    rate: float

    def quantities(self, _: Inputs) -> Iterator[tuple[str, str, str]]:
        """The curves, and the bars."""
        for model in self.models:
            yield f"loss {model}", self.check, ""
        yield "test losses", self.check, ""

    @torch.no_grad()
    def observe(self, names: Mapping[str, Any], inputs: Mapping[str, Tensor], report: Report) -> None:
        """Report the loss at each step of each descent; in the end, the loss of each model on the test set."""
        orders = {entry: argument_order(names[entry], *told) for entry, told in self.orders.items()}
        tests = []
        for model, links in self.models.items():
            chain = [(names[entry], orders.get(entry) or tuple(range(1 + len(more))), more) for entry, *more in links]
            values = dict(inputs)
            report(f"loss {model}", torch.tensor([self._step(chain, values) for _ in range(self.steps)]))
            tests.append(_number(_forward(chain, values | {"x": inputs["x_test"], "y": inputs["y_test"]})[0]))
        report("test losses", torch.tensor(tests))

    def _step(self, chain: Sequence[Any], values: dict[str, Tensor]) -> float:
        """Go through the chain and back, change the parameters in `values`; the loss before."""
        loss, way_back = _forward(chain, values)
        g = torch.ones_like(loss)
        for others, backward in reversed(way_back):
            g, *gradients = backward(g)
            for name, gradient in zip(others, gradients, strict=True):
                if name != "y":
                    values[name] = values[name] - self.rate * torch.as_tensor(gradient)
        return _number(loss)


def _forward(chain: Sequence[Any], values: Mapping[str, Tensor]) -> tuple[Tensor, list[tuple[Sequence[str], Backward]]]:
    """The loss, and the way back: the names of what each link took besides x, and its backward."""
    x, way_back = values["x"], []
    for function, order, others in chain:
        x, backward = call_in_order(function, order, [x, *(values[name] for name in others)])
        way_back.append((others, backward))
    return torch.as_tensor(x), way_back


def _number(loss: Tensor) -> float:
    """A loss, or the sum of what has not become one number."""
    return float(loss.sum())
