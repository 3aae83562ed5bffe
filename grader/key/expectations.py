"""Make what a probe must give: ask the oracles, run the reference, and bound what rounding may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.kit.layers.part import LayerPart
from grader.kit.part import Part
from grader.kit.tensors import as_tensors
from grader.oracles import Problem, estimate
from grader.oracles.problem import rounded_points
from grader.oracles.wrong_ways import wrong_ways
from grader.records import (
    AnyArray,
    Arrays,
    Estimate,
    Expectation,
    FloatArray,
    Network,
    Prediction,
    Probe,
    Rule,
    WrongWays,
)
from grader.tolerance import DOUBLE, SINGLE, SURE, SURE_IF_PROVED, is_sure, measured_error, rounding_error
from grader.training.claims import CLAIMS


@dataclass(frozen=True)
class ProbeKey:
    """What one probe must give, in the making: by the oracles, and by running the reference as a submission."""

    assignment: Assignment
    part: Part
    names: Mapping[str, Any]
    probe: Probe

    @cached_property
    def reported(self) -> dict[str, FloatArray]:
        """What the reference reports, in float64; each with a leading axis for the points."""
        return self._run(self.probe.inputs, torch.float64)

    def extras(self) -> Iterator[tuple[str, int]]:
        """What is reported for information: name, and number of entries."""
        yield from self.part.extras(self.probe.inputs)

    def expectations(self) -> Iterator[Expectation]:
        """What the probe must give.

        Raises:
            AssignmentError: a check or a source does not exist, the reference does not report a quantity, or what
                rounding allows is so much that a wrong gradient would pass.
        """
        rules = {check.id: check.rule for check in self.assignment.specification.checks}
        for quantity, check, source in self.listed:
            if check not in rules:
                raise AssignmentError(
                    f"{self._place}: `{quantity}` counts for the check `{check}`",
                    remedy=f"write one of {', '.join(rules)}, or add the check to assignment.yaml",
                )
            rule = rules[check]
            if rule.is_reported and quantity not in self.reported:
                raise AssignmentError(f"{self._place}: the reference solution reports no `{quantity}`")
            double, single = self._allowed(quantity, rule, source)
            if rule is Rule.GRADIENT:
                self._require_narrow(quantity, double, "double", SURE)
                proved = self._is_network(self._points[0])
                self._require_narrow(quantity, single, "single", SURE_IF_PROVED if proved else SURE)
            yield Expectation(quantity, check, rule, source, double, single)

    def wrong_ways(self) -> WrongWays:
        """What may be wrong on the way back through the formula of a declared layer, in the first call."""
        if not isinstance(self.part, LayerPart):
            return WrongWays()
        sources = dict.fromkeys(self._wanted.values())
        ways = wrong_ways(self.part.scalar, self._points[0], list(sources))
        by_quantity = tuple(
            replace(way, arrays={q: way.arrays[source] for q, source in self._wanted.items() if source in way.arrays})
            for way in ways
        )
        return WrongWays(self.part.sizes(self.probe.inputs), by_quantity)

    def predictions(self, by_machine: Mapping[str, Any]) -> dict[str, Prediction]:
        """What each gradient of a probe for evidence is by the derivation, and where a machine differentiates.

        Args:
            by_machine: the names of a submission that runs the given forward pass and lets autograd differentiate it.
        """
        machine = replace(self, names=by_machine).reported
        return {quantity: Prediction(self.reported[quantity], machine[quantity]) for quantity in self._wanted}

    @cached_property
    def listed(self) -> list[tuple[str, str, str]]:
        """Quantity, check and source, as the exercise declares them."""
        return list(self.part.quantities(self.probe.inputs))

    @property
    def _place(self) -> str:
        return f"{self.assignment.slug}: probe `{self.probe.name}`"

    def _allowed(self, quantity: str, rule: Rule, source: str) -> tuple[Estimate, Estimate]:
        """The value of a quantity with the error allowed in float64, and in float32."""
        match rule:
            case Rule.GRADIENT if quantity in self._wanted:
                return self._gradients[quantity]
            case Rule.VALUE:
                value = self.reported[quantity]
                self._see_formula(quantity, value)
                return self._around(quantity, value, np.zeros_like(value))
            case Rule.UNCHANGED if source in self.probe.inputs:
                points = self._points[: len(self.reported[quantity])]
                value = np.stack([point[source] for point in points]).astype(np.float64)
                nothing = Estimate(value, np.zeros_like(value))
                return nothing, nothing
            case Rule.REPEATS | Rule.CONSISTENT | Rule.COMPOSED | Rule.OWN | Rule.LINEAR if source in self._gradients:
                double, single = self._gradients[source]
                count = len(self.reported[quantity]) if rule is Rule.REPEATS else len(double.value)
                return tuple(Estimate(e.value[:count], e.error[:count]) for e in (double, single))  # type: ignore[return-value]
            case Rule.COMPOSED if source in self.reported:
                return self._allowed(source, Rule.VALUE, "")
            case Rule.TRACE if source not in CLAIMS:
                raise AssignmentError(
                    f"{self._place}: nothing is known of the claim `{source}`", remedy=f"known are {', '.join(CLAIMS)}"
                )
            case Rule.DESCENDS | Rule.TRACE:
                nothing = Estimate(np.zeros(0), np.zeros(0))
                return nothing, nothing
        raise AssignmentError(
            f"{self._place}: `{quantity}` comes from `{source}`, which the rule `{rule}` does not know"
        )

    def _see_formula(self, quantity: str, value: FloatArray) -> None:
        """See that what the reference reports of a declared layer is what its formula gives."""
        if not isinstance(self.part, LayerPart):
            return
        for point, reported in zip(self._points, value, strict=False):
            right = np.asarray(self.part.by_formula(point)[quantity])
            if right.size != reported.size or not np.allclose(reported.ravel(), right.ravel(), SURE, SURE):
                raise AssignmentError(
                    f"{self._place}: by these calls, a right submission cannot be told how to give `{quantity}`",
                    remedy="where two calls are alike, let a fixed value tell them apart; or ask for it in a layer of"
                    " its own",
                )

    def _require_narrow(self, quantity: str, allowed: Estimate, precision: str, limit: float) -> None:
        """See that no wrong gradient fits into what is allowed in a precision, in any call."""
        size = max(float(np.max(np.abs(double.value), initial=0.0)) for double, _ in self._gradients.values())
        for number, (value, error) in enumerate(zip(allowed.value, allowed.error, strict=True), start=1):
            if not is_sure(Estimate(value, error), size, limit):
                raise AssignmentError(
                    f"{self._place}: `{quantity}`, call {number}: in {precision} precision an error of"
                    f" {np.max(error, initial=0.0):.3g} would have to be allowed for, of a gradient whose largest entry"
                    f" is {np.max(np.abs(value), initial=0.0):.3g}; beyond {limit:g} of it, wrong gradients pass."
                    " Draw numbers of size 1 at which little cancels, or write the formula so that it loses less"
                )

    @cached_property
    def _gradients(self) -> dict[str, tuple[Estimate, Estimate]]:
        """For each gradient quantity, over the points, the derivative with the error allowed in float64 and float32."""
        estimates = [self._estimates(number, point) for number, point in enumerate(self._points, start=1)]
        gradients = {}
        for quantity, name in self._wanted.items():
            double, single = (
                Estimate(np.stack([each[name].value for each in told]), np.stack([each[name].error for each in told]))
                for told in zip(*estimates, strict=True)
            )
            measured = not self._is_network(self._points[0])
            gradients[quantity] = self._around(quantity, double.value, double.error) if measured else (double, single)
        return gradients

    def _estimates(self, number: int, point: Arrays) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
        """At one point, of each input that is differentiated: what the oracles agree on, with proved rounding if any.

        Raises:
            AssignmentError: they do not agree, or the scalar cannot be evaluated.
        """
        problem = self._problem(point)
        net = problem.network
        try:
            agreed = estimate(problem)
        except AssignmentError as error:
            raise error.at_probe(self.probe.name, number) from error
        if net is None:
            return agreed, agreed
        double, single = (rounding_error(net, unit) for unit in (DOUBLE, SINGLE))
        return tuple({n: Estimate(e.value, e.error + r[n]) for n, e in agreed.items()} for r in (double, single))  # type: ignore[return-value]

    def first_problem(self) -> Problem:
        """What the oracles differentiate for the first call."""
        return self._problem(self._points[0])

    def _problem(self, point: Arrays) -> Problem:
        """The loss of a network, or a scalar that is none, with what the part tells of how it may be moved."""
        if self._is_network(point):
            return Problem.of_network(self.part.scalar, as_network(point))
        told = self.part.rows(as_tensors(point, torch.float64))
        rows = {weight: (bias, row.numpy()) for weight, (bias, row) in told.items()}
        wrt = list(dict.fromkeys(self._wanted.values()))
        return Problem(self.part.scalar, point, wrt, step=self.part.step or Problem.step, rows=rows)

    @cached_property
    def _wanted(self) -> dict[str, str]:
        """Gradient quantity -> the input that is differentiated."""
        rules = {check.id: check.rule for check in self.assignment.specification.checks}
        return {
            quantity: source
            for quantity, check, source in self.listed
            if rules.get(check) is Rule.GRADIENT and source in self._points[0]
        }

    def _is_network(self, point: Arrays) -> bool:
        return self.part.network(point)

    def _around(self, quantity: str, value: FloatArray, error: FloatArray) -> tuple[Estimate, Estimate]:
        """A value with an error, and what the reference shows that rounding does to it, point by point.

        Rounding is what the reference's single precision differs by from its own double: where the reference is wrong,
        that is as small as ever, and nothing wrong fits into the tolerance.
        """
        exact = self.reported[quantity].reshape(value.shape)
        runs = [run[quantity].reshape(value.shape) for run in self._rounded]
        double, single = (
            np.stack([measured_error(v, [run[i] for run in runs], unit) for i, v in enumerate(exact)])
            for unit in (DOUBLE, SINGLE)
        )
        return Estimate(value, error + double), Estimate(value, error + single)

    @cached_property
    def _rounded(self) -> list[dict[str, FloatArray]]:
        return [self._run(point, torch.float32) for point in rounded_points(self.probe.inputs)]

    @cached_property
    def _points(self) -> list[dict[str, AnyArray]]:
        """The inputs of each call that is reported."""
        return [dict(point) for point in self.part.points(self.probe.inputs)]

    def _run(self, inputs: Arrays, dtype: torch.dtype) -> dict[str, FloatArray]:
        """What the reference reports on some inputs, in a precision."""
        kept: dict[str, list[FloatArray]] = {}

        def report(quantity: str, value: Any, _: str = "") -> None:
            if value is not None:
                kept.setdefault(quantity, []).append(self._array(quantity, value))

        before = torch.get_default_dtype()
        torch.set_default_dtype(dtype)
        torch.manual_seed(0)
        try:
            self.part.observe(self.names, as_tensors(inputs, dtype), report)
        finally:
            torch.set_default_dtype(before)
        return {quantity: np.stack(values) for quantity, values in kept.items()}

    def _array(self, quantity: str, value: Any) -> FloatArray:
        try:
            return torch.as_tensor(value).detach().double().numpy().copy()
        except (RuntimeError, TypeError, ValueError):
            raise AssignmentError(
                f"{self._place}: the right submission gives a {type(value).__name__.strip('_')} for `{quantity}`, not"
                " numbers; are all inputs that it follows from handed over by then?"
            ) from None


def as_network(point: Arrays) -> Network:
    """The tanh network whose weights and biases are `w[1], b[1], ...`, at the batch `x`, `y`."""
    levels = range(1, sum(name.startswith("w[") for name in point) + 1)
    return Network(
        tuple(point[f"w[{level}]"] for level in levels),
        tuple(point[f"b[{level}]"] for level in levels),
        point["x"],
        point["y"],
    )
