"""Train two layers with the forward and backward pass of a submission, for the curves of a report."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from grader.kit.arguments import caller
from grader.kit.layouts import LAYOUTS, flat, laid, shaped
from grader.kit.part import Part, Report
from grader.kit.two_layers import BACKWARD, FORWARD, INPUTS, PARAMETERS, TENSORS, four, role
from grader.wire.facts import Fact

Tensors = Mapping[str, torch.Tensor]
SLOW = 5e-3
"""Seconds of the processor for one example, above which no training is tried."""


@dataclass(frozen=True)
class Passes:
    """The two passes of a submission, called in one layout; networks and examples come and go in rows."""

    names: Mapping[str, Any]
    layout: str

    def predict(self, net: Tensors) -> torch.Tensor:
        """x2 of all examples, shape (B, n2)."""
        chunks = [net["x"]] if self.layout == "a batch" else torch.split(net["x"], 1)
        return torch.cat([self._prediction(self._forward({**net, "x": x}), x, net) for x in chunks])

    def gradients(self, net: Tensors) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """x2, and what the backward pass adds up over all examples, by name of the parameter."""
        alone = self.layout != "a batch"
        chunks = (
            zip(torch.split(net["x"], 1), torch.split(net["y"], 1), strict=True) if alone else [(net["x"], net["y"])]
        )
        start = laid({name: torch.zeros_like(a) for name, a in net.items() if name[0] in "wb"}, self.layout)
        totals = {f"dl_d{name}": start[INPUTS[name]].clone() for name in PARAMETERS}
        predictions = []
        for x, y in chunks:
            one = {**net, "x": x, "y": y}
            tensors = self._forward(one)
            predictions.append(self._prediction(tensors, x, net))
            values = self._values(one) | dict(zip(TENSORS, tensors, strict=True)) | totals
            self._backward(values)
        return torch.cat(predictions), {INPUTS[n]: flat(f"dl_d{n}", totals[f"dl_d{n}"]) for n in PARAMETERS}

    def misfit(self, net: Tensors) -> float:
        """How far the gradients are from lowering the squared distance as they should, relative; infinite: they raise.

        Along the gradients g, the slope of the distance is <g, g>.
        """
        try:
            _, g = self.gradients(net)
            ahead, behind = ({**net, **{n: net[n] + sign * 1e-5 * g[n] for n in g}} for sign in (1, -1))
            square = sum(float((each**2).sum()) for each in g.values())
            slope = (self._distance(ahead) - self._distance(behind)) / 2e-5
            error = abs(slope - square) / (square or 1e-300)
        except MemoryError:
            raise
        except (Exception, SystemExit):
            return float("inf")
        return error if error <= 1e300 else 1e300

    def _distance(self, net: Tensors) -> float:
        return float(torch.sum((self.predict(net) - net["y"]) ** 2))

    def _values(self, net: Tensors) -> dict[str, Any]:
        inputs = laid(net, self.layout)
        return {name: inputs[source] for name, source in INPUTS.items()}

    def _forward(self, net: Tensors) -> Any:
        values = self._values(net)
        return four(self._call_forward(values))[0]

    @cached_property
    def _call_forward(self) -> Callable[[Mapping[str, Any]], Any]:
        return caller(self.names["forward_pass"], FORWARD, role)

    @cached_property
    def _backward(self) -> Callable[[Mapping[str, Any]], Any]:
        return caller(self.names["backward_pass"], BACKWARD, role)

    @staticmethod
    def _prediction(tensors: Any, x: torch.Tensor, net: Tensors) -> torch.Tensor:
        prediction = shaped(tensors[3], net["y"][: len(x)])
        if not isinstance(prediction, torch.Tensor) or prediction.shape != net["y"][: len(x)].shape:
            raise ValueError("forward_pass gives no prediction of the shape of the target")
        return prediction.to(x.dtype)


@dataclass(frozen=True)
class Learning(Part):
    """Gradient descent on real data, with the passes of a submission in the layout that suits them.

    Each round takes some steps; each step goes against what the backward pass adds up over some examples.
    """

    rounds: int
    steps: int
    examples: int
    rate: float

    needs = ("forward_pass", "backward_pass")

    def quantities(self, _: object) -> Iterator[tuple[str, str, str]]:
        """The mean squared distance of prediction and target in each round."""
        yield "training loss", "training", ""

    def extras(self, _: object) -> Iterator[tuple[str, int]]:
        """The share of right answers on examples that are not learned from, after each round."""
        yield "accuracy", self.rounds

    @torch.no_grad()
    def observe(self, names: Mapping[str, Any], inputs: Tensors, report: Report) -> None:
        """Train, unless the passes are so slow that it would take long."""
        passes, seconds = suitable(names, inputs)
        if seconds > SLOW:
            report("training loss", None, Fact("too-slow", {"milliseconds": round(1000 * seconds)}))
            return
        net, learned = dict(inputs), self.rounds * self.steps * self.examples
        trial = {"x": net["x"][learned:], "y": net["y"][learned:]}
        losses, accuracies = [], []
        batches = zip(torch.split(net["x"], self.examples), torch.split(net["y"], self.examples), strict=True)
        for _ in range(self.rounds):
            distance = 0.0
            for _, (x, y) in zip(range(self.steps), batches, strict=False):
                prediction, gradients = passes.gradients({**net, "x": x, "y": y})
                distance += float(torch.sum((prediction - y) ** 2))
                net |= {name: net[name] - self.rate * gradient for name, gradient in gradients.items()}
            losses.append(distance / (self.steps * self.examples))
            right = passes.predict({**net, **trial}).argmax(1) == trial["y"].argmax(1)
            accuracies.append(float(right.double().mean()))
        report("training loss", losses)
        report("accuracy", accuracies)


def suitable(names: Mapping[str, Any], inputs: Tensors) -> tuple[Passes, float]:
    """The passes in the layout in which they compute as they should, or nearly; and processor seconds for one example.

    A batch, if it gives the sum of what its examples give alone: that is faster.
    """
    net = _corner(inputs)
    alone = {**net, "x": net["x"][:1], "y": net["y"][:1]}
    passes = [Passes(names, layout) for layout in LAYOUTS]
    single = min(passes[:-1], key=lambda each: each.misfit(alone))
    seconds = min(_seconds(single, {**inputs, "x": inputs["x"][:1], "y": inputs["y"][:1]}) for _ in range(3))
    batch = passes[-1]
    if batch.misfit(net) <= 1e-3 and _agree(single.gradients(net)[1], batch.gradients(net)[1]):
        return batch, seconds
    return single, seconds


def _seconds(passes: Passes, net: Tensors) -> float:
    begin = time.process_time()
    passes.gradients(net)
    return time.process_time() - begin


def _agree(first: Tensors, second: Tensors) -> bool:
    return all(torch.allclose(first[name].double(), second[name].double(), 1e-4, 1e-6) for name in first)


def _corner(inputs: Tensors) -> dict[str, torch.Tensor]:
    """A small net out of a large one, with three examples: enough to see which layout is meant."""
    small = {"w[1]": inputs["w[1]"][:4, 20:25], "b[1]": inputs["b[1]"][:4], "w[2]": inputs["w[2]"][:3, :4]}
    small |= {"b[2]": inputs["b[2]"][:3], "x": inputs["x"][:3, 20:25], "y": inputs["y"][:3, :3]}
    return {name: a.clone() for name, a in small.items()}
