"""Does right code ever lose a mark by rounding, and how far from right is the mildest bug?

    python benchmarks/false_alarms.py [--seeds N] [--bugs] [--processes N]

For every seed the probes of `mynet` are drawn and their answer key is built, as for a class with that seed. Right code
in six styles is called on them in float64 and in float32 (every tensor that the student meets is cast by `.float()`
first, and float32 is stored), and judged as a submission is, but for the sandbox. The styles share the mathematics and
nothing else: the shapes, the formula of f', the order of summation and the number of roundings differ.

How to read it: "lost marks" are the findings other than `correct`, over all graded nets and quantities; it must be 0.
"Worst ratio" is the largest error of any entry over what rounding allows for it in that precision: 1 is the limit, and
0.1 says that the bound could be ten times smaller before anyone noticed. "Refused keys" are seeds at which the oracles
disagree or the reference fails; they must be 0, too.

With `--bugs`, wrong code is judged instead, in float64. A row shows at how many seeds it lost a mark, and the smallest
over the seeds of its worst ratio, to what rounding allows in double and in single precision. The gap between that and 1
separates wrong from right. Two bugs spoil one entry of a net by a tiny part of itself, to show where sight ends.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.assignment import Assignment, load
from grader.errors import AssignmentError
from grader.judging.judge import judge
from grader.key.builder import build
from grader.key.exercises import load_module
from grader.records import AnswerKey, Observation, Outcome, Probe, Rule, Run, Verdict
from grader.tolerance import error_ratio

Backpropagation = Callable[[Any, Tensor, Tensor], None]


def rows(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
    """Row vectors, as the statement has them."""
    error = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = error * model.df[l](model.z[l])
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.squeeze(0)
        error = delta @ model.fc[str(l)].weight


def columns(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
    """Column vectors, as textbooks have them."""
    error = 2 * (y_pred - y_true).T
    for l in range(model.L, 0, -1):
        delta = model.df[l](model.z[l].T) * error
        model.dL_dw[l] = torch.mm(delta, model.a[l - 1])
        model.dL_db[l] = delta[:, 0]
        error = torch.mm(model.fc[str(l)].weight.T, delta)


def einsum(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
    """Every product spelled with its indices."""
    error = 2 * y_pred - 2 * y_true
    for l in range(model.L, 0, -1):
        delta = torch.einsum("bi,bi->bi", error, model.df[l](model.z[l]))
        model.dL_dw[l] = torch.einsum("bi,bj->ij", delta, model.a[l - 1])
        model.dL_db[l] = torch.einsum("bi->i", delta)
        error = torch.einsum("bi,ij->bj", delta, model.fc[str(l)].weight)


def loops(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
    """One unit after the other; what reaches a layer is added up in the order of the units above."""
    delta = [2 * (y_pred[0, i] - y_true[0, i]) * model.df[model.L](z) for i, z in enumerate(model.z[model.L][0])]
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = torch.stack([unit * model.a[l - 1][0] for unit in delta])
        model.dL_db[l] = torch.stack(delta)
        if l > 1:
            error = torch.zeros_like(model.z[l - 1][0])
            for i, unit in enumerate(delta):
                error = error + model.fc[str(l)].weight[i] * unit
            delta = [e * model.df[l - 1](z) for e, z in zip(error, model.z[l - 1][0], strict=True)]


def from_activations(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
    """The derivative of the activation as 1 - a^2, from the cached activations."""
    error = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = error * (1 - model.a[l] ** 2)
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.sum(0)
        error = delta @ model.fc[str(l)].weight


def forward_again(model: Any, y_true: Tensor, _: Tensor) -> None:
    """No cache is used but the input: the forward pass is done again, and f' = 1 - tanh(z)^2."""
    a, z = [model.a[0]], []
    for l in range(1, model.L + 1):
        z.append(a[-1] @ model.fc[str(l)].weight.T + model.fc[str(l)].bias)
        a.append(torch.tanh(z[-1]))
    error = 2 * (a[-1] - y_true)
    for l in range(model.L, 0, -1):
        delta = error * (1 - torch.tanh(z[l - 1]) ** 2)
        model.dL_dw[l] = delta.T @ a[l - 1]
        model.dL_db[l] = delta.flatten()
        error = delta @ model.fc[str(l)].weight


def in_float32(backpropagation: Backpropagation) -> Backpropagation:
    """The same code on tensors that were cast first."""

    def cast(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
        view = SimpleNamespace(L=model.L, df=model.df, dL_dw=model.dL_dw, dL_db=model.dL_db)
        view.z = {l: z.float() for l, z in model.z.items()}
        view.a = {l: a.float() for l, a in model.a.items()}
        view.fc = {
            name: SimpleNamespace(weight=layer.weight.float(), bias=layer.bias.float())
            for name, layer in model.fc.items()
        }
        backpropagation(view, y_true.float(), y_pred.float())

    return cast


def wrong(error: float = 2.0, output: str = "df(z)", hidden: str = "df(z)") -> Backpropagation:
    """Row vectors with another factor of the error, or something else for f' in the last layer or the others."""
    slopes: Mapping[str, Callable[[Any, int], Any]] = {
        "df(z)": lambda model, l: model.df[l](model.z[l]),
        "df(a)": lambda model, l: model.df[l](model.a[l]),
        "1 - z^2": lambda model, l: 1 - model.z[l] ** 2,
        "nothing": lambda *_: 1.0,
    }

    def backpropagation(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
        upstream = error * (y_pred - y_true)
        for l in range(model.L, 0, -1):
            delta = upstream * slopes[output if l == model.L else hidden](model, l)
            model.dL_dw[l] = delta.T @ model.a[l - 1]
            model.dL_db[l] = delta.squeeze(0)
            upstream = delta @ model.fc[str(l)].weight

    return backpropagation


def off(relative: float, gradients: str) -> Backpropagation:
    """Right, but for the first entry of the first layer's weights or biases, which is off by so much of itself."""

    def backpropagation(model: Any, y_true: Tensor, y_pred: Tensor) -> None:
        rows(model, y_true, y_pred)
        getattr(model, gradients)[1].view(-1)[0] *= 1 + relative

    return backpropagation


STYLES: Mapping[str, Backpropagation] = {
    "row vectors": rows,
    "column vectors": columns,
    "einsum": einsum,
    "loops over units": loops,
    "f' = 1 - a^2": from_activations,
    "forward pass again": forward_again,
}
PRECISIONS: Mapping[str, Callable[[Backpropagation], Backpropagation]] = {
    "float64": lambda backpropagation: backpropagation,
    "float32": in_float32,
}
BUGS: Mapping[str, Backpropagation] = {
    "factor 2 missing": wrong(error=1.0),
    "sign of the error": wrong(error=-2.0),
    "no f' in the last layer": wrong(output="nothing"),
    "no f' in the hidden layers": wrong(hidden="nothing"),
    "f'(a) for f'(z) in the last layer": wrong(output="df(a)"),
    "f'(a) for f'(z) in the hidden layers": wrong(hidden="df(a)"),
    "1 - z^2 for 1 - a^2": wrong(output="1 - z^2", hidden="1 - z^2"),
    "one weight's derivative off by 1e-4 of itself": off(1e-4, "dL_dw"),
    "one bias's derivative off by 1e-9 of itself": off(1e-9, "dL_db"),
}


@dataclass(frozen=True)
class Result:
    """Of some code at one seed: findings other than `correct`, and the worst ratios in two precisions, with places."""

    lost: int
    double: tuple[float, str]
    single: tuple[float, str]


Results = dict[str, Result]


@cache
def course() -> tuple[Assignment, ModuleType]:
    """The assignment and its exercise, loaded once in each process."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    assignment = load(Path(__file__).parent.parent, "mynet")
    return assignment, load_module(assignment.folder / "exercise.py")


def try_seed(seed: int, *, bugs: bool) -> Results | str:
    """Judge all code at one seed; the words of the error where there is no key."""
    assignment, _ = course()
    try:
        key = build(assignment, str(seed))
    except AssignmentError as error:
        return f"seed {seed}: {error}"
    key = replace(key, probes=tuple(probe for probe in key.probes if probe.graded))
    code = BUGS if bugs else {f"{s} | {p}": cast(STYLES[s]) for s in STYLES for p, cast in PRECISIONS.items()}
    return {name: judged(key, backpropagation) for name, backpropagation in code.items()}


def judged(key: AnswerKey, backpropagation: Backpropagation) -> Result:
    """What the judge says of some code, and the worst ratios of its gradients."""
    observations = {probe.name: observed(probe, backpropagation) for probe in key.probes}
    findings = judge(key, Run(Outcome.RETURNED, None, observations, "", 0.0))
    lost = sum(finding.verdict is not Verdict.CORRECT for finding in findings)
    double, single = (max(each) for each in zip(*ratios(key, observations), strict=True))
    return Result(lost, double, single)


def observed(probe: Probe, backpropagation: Backpropagation) -> Observation:
    """What the exercise reports of some code on one probe."""
    _, exercise = course()
    reported: dict[str, list[Tensor]] = {}
    inputs = {name: torch.tensor(value) for name, value in probe.inputs.items()}
    names = {"backpropagation": backpropagation, "MyNet": exercise.MyNet}

    def report(quantity: str, value: Any, *_: str) -> None:
        reported.setdefault(quantity, []).append(torch.as_tensor(value).clone())

    exercise.observe(names, inputs, report)
    return Observation(Outcome.RETURNED, arrays={name: torch.stack(each).numpy() for name, each in reported.items()})


def ratios(
    key: AnswerKey, observations: Mapping[str, Observation]
) -> Iterator[tuple[tuple[float, str], tuple[float, str]]]:
    """The worst error of every gradient over what rounding allows in double and in single precision, with its place."""
    for probe in key.probes:
        for expected in key.expected[probe.name]:
            if expected.rule is Rule.GRADIENT:
                values = observations[probe.name].arrays[expected.quantity].astype(np.float64)
                place = f"seed {key.seed}, {probe.name}, {expected.quantity}"
                yield (error_ratio(values, expected.double), place), (error_ratio(values, expected.single), place)


def collected(outcomes: Iterable[Results | str]) -> tuple[list[Results], list[str]]:
    """What all seeds gave, and the keys that were refused; tells on standard error how far it is."""
    results: list[Results] = []
    refused: list[str] = []
    for number, outcome in enumerate(outcomes, start=1):
        if isinstance(outcome, str):
            refused.append(outcome)
        else:
            results.append(outcome)
        if number % 100 == 0:
            print(f"{number} seeds", file=sys.stderr)
    return results, refused


def alarm_table(results: Sequence[Results]) -> Iterator[str]:
    """Lost marks and worst ratios, in markdown."""
    yield "| style | precision | seeds | lost marks | worst ratio | at |"
    yield "|---|---|---:|---:|---:|---|"
    for name in results[0]:
        each = [result[name] for result in results]
        worst, place = max(map(attrgetter("single" if name.endswith("float32") else "double"), each))
        yield f"| {name} | {len(each):,} | {sum(result.lost for result in each)} | {worst:.3f} | {place} |"


def bug_table(results: Sequence[Results]) -> Iterator[str]:
    """How often bugs lost a mark, and their mildest ratios, in markdown."""
    yield "| bug | seeds | lost a mark at | smallest ratio, double | smallest ratio, single |"
    yield "|---|---:|---:|---:|---:|"
    for name in results[0]:
        each = [result[name] for result in results]
        found = sum(result.lost > 0 for result in each)
        double, single = min(result.double for result in each), min(result.single for result in each)
        yield f"| {name} | {len(each):,} | {found:,} | {double[0]:.1e} | {single[0]:.1e} |"


def main() -> None:
    """Try all seeds, in several processes, and print one table."""
    parser = argparse.ArgumentParser(description="Lost marks of right code, or the mildest ratios of bugs.")
    parser.add_argument("--seeds", type=int, default=2000, metavar="N", help="how many draws of the probes")
    parser.add_argument("--bugs", action="store_true", help="judge wrong code")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), metavar="N")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        outcomes = pool.map(partial(try_seed, bugs=options.bugs), range(options.seeds), chunksize=10)
        results, refused = collected(outcomes)
    print(*(bug_table if options.bugs else alarm_table)(results), sep="\n")
    print(f"\nRefused keys: {len(refused)} of {options.seeds:,}.", *refused[:5], sep="\n")


if __name__ == "__main__":
    main()
