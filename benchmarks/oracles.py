"""What the full gradient of a small network costs and how exact it is: our oracles against the usual ways.

    python benchmarks/oracles.py [--rounds N]

The network is [576, 16, 10], tanh, under a sum of squared errors: 9,402 parameters, at a batch of 1 and of 16 real
digits. Every row yields all 9,402 derivatives, except `gradcheck`, which says yes or no. The rows:

* "a vector a side" copies the vector of all parameters for each side of each difference, changes one entry, writes it
  back into the model and runs it, as test files of courses do.
* "in place" changes one entry where it is, twice, and puts it back (the loop of CS231n), in torch and in numpy.
* `torch.func.vmap` runs the whole network on 256 changed vectors at a time.
* "ours" are the functions of `grader.oracles`, each with the error bars that it returns; "all three, agreed" is what an
  answer key costs.

The three differences that need a step get the best of `STEPS` for each batch; `gradcheck` keeps its own.

How to read it: an error is the worst of |computed - exact| / |exact| over the 9,402 entries, where exact is the chain
rule in 50 digits. A time is the median over runs of the processor's time, in one thread. Machines drift, so the rows
run in turn (A B C A B C ...), and "times ours", the figure that travels, is the median over turns of the time over that
of our finite differences in the same turn. Our oracles evaluate inputs that are equal in all examples once, and many
pixels of a digit are always background; so they are timed on dense inputs too, of which no two are equal. The other
rows cost the same on both.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import torch
from torch import Tensor
from torch.autograd.gradcheck import get_numerical_jacobian, gradcheck
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from grader.key.exercises import load_module
from grader.oracles import ORACLES, Problem, estimate
from grader.records import Estimate, FloatArray, Network
from grader.tolerance import error_ratio

WIDTHS = [576, 16, 10]
STEPS = (1e-4, 1e-5, 1e-6, 1e-7)
CHUNK = 256
BURST = {1: 16, 16: 3}
"""The batches, and how often each of the fast rows runs after each run of a slow one."""
GOALS = {"gradcheck, slow": 300, "a vector a side": 4000}
"""How many times our finite differences must be faster, at a batch of 1."""
OURS = "ours: finite differences"

exercise = load_module(Path(__file__).parent.parent / "assignments" / "mynet" / "exercise.py")


@dataclass(frozen=True)
class Case:
    """One point: the network for us, tensors and a model for the others, and the exact gradient as one vector."""

    network: Network
    exact: FloatArray
    parameters: tuple[Tensor, ...]
    x: Tensor
    y: Tensor
    model: torch.nn.Module
    step: float

    @property
    def title(self) -> str:
        """What the inputs are, and how many."""
        kind = "digits" if distinct(self.network.x) < WIDTHS[0] else "dense"
        return f"{kind}, B={len(self.network.x)}"


Method = Callable[[Case], "FloatArray | dict[str, Estimate] | None"]
Times = dict[tuple[str, str], list[float]]
Errors = Mapping[str, float]


def distinct(inputs: FloatArray) -> int:
    """How many columns differ."""
    return len(np.unique(inputs, axis=1).T)


def case(batch: int, *, dense: bool) -> Case:
    """A random network at digits, or at normal inputs of which no two are equal."""
    rng = np.random.default_rng(batch)
    images, targets = exercise.digits(rng, batch)
    x, y = images[:, 0], targets[:, 0]
    drawn = exercise.parameters(rng, WIDTHS)
    weights, biases = (drawn["w[1]"] / 4, drawn["w[2]"]), (drawn["b[1]"], drawn["b[2]"])
    network = Network(weights, biases, rng.normal(size=x.shape) if dense else x, y)
    parameters = tuple(torch.tensor(p) for pair in zip(weights, biases, strict=True) for p in pair)
    model = exercise.MyNet(WIDTHS)
    vector_to_parameters(parameters_to_vector(parameters), model.parameters())
    made = Case(network, exact(network), parameters, torch.tensor(network.x), torch.tensor(y), model, STEPS[0])
    return with_best_step(made)


def with_best_step(point: Case) -> Case:
    """The case with that of `STEPS` at which central differences of the loss are most exact."""
    candidates = [replace(point, step=step) for step in STEPS]
    return min(candidates, key=lambda candidate: relative_error(vmapped(candidate), candidate))


def exact(network: Network) -> FloatArray:
    """dL/dW[1], dL/db[1], dL/dW[2], dL/db[2] as one vector, by the chain rule in 50 digits, rounded once."""
    with mpmath.workdps(50):
        total = sum(_exact_one(network, x, y) for x, y in zip(network.x, network.y, strict=True))
        return np.array(total, dtype=np.float64)


def _exact_one(network: Network, x: FloatArray, y: FloatArray) -> Any:
    """The gradient at one example, an array of mpmath numbers."""
    weights, biases = (
        [np.array([mpmath.mpf(float(v)) for v in p.flat], dtype=object).reshape(p.shape) for p in parameters]
        for parameters in (network.weights, network.biases)
    )
    tanh = np.frompyfunc(mpmath.tanh, 1, 1)
    inputs = np.array([mpmath.mpf(float(v)) for v in x], dtype=object)
    hidden = tanh(weights[0] @ inputs + biases[0])
    output = tanh(weights[1] @ hidden + biases[1])
    last = 2 * (output - y) * (1 - output**2)
    first = (last @ weights[1]) * (1 - hidden**2)
    return np.concatenate([np.outer(first, inputs).ravel(), first, np.outer(last, hidden).ravel(), last])


def torch_loss(x: Tensor, y: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """The loss with nothing around it: no module, no cache."""
    output = torch.tanh(torch.tanh(x @ w1.T + b1) @ w2.T + b2)
    return ((output - y) ** 2).sum()


def numpy_loss(x: FloatArray, y: FloatArray, parameters: Sequence[FloatArray]) -> float:
    """The same in numpy."""
    w1, b1, w2, b2 = parameters
    output = np.tanh(np.tanh(x @ w1.T + b1) @ w2.T + b2)
    return float(((output - y) ** 2).sum())


def vector_a_side(point: Case) -> FloatArray:
    """Central differences; for each side a copy of all parameters is changed and written into the model."""
    start = parameters_to_vector(point.model.parameters()).detach()
    gradient = np.empty(len(start))

    def shifted(entry: int, step: float) -> float:
        vector = start.clone()
        vector[entry] += step
        vector_to_parameters(vector, point.model.parameters())
        return float(((point.model(point.x) - point.y) ** 2).sum())

    with torch.no_grad():
        for entry in range(len(start)):
            gradient[entry] = (shifted(entry, point.step) - shifted(entry, -point.step)) / (2 * point.step)
    vector_to_parameters(start, point.model.parameters())
    return gradient


def in_place_torch(point: Case) -> FloatArray:
    """Central differences; one entry is changed where it is, and put back."""
    gradient = []
    for parameter in point.parameters:
        flat = parameter.view(-1)
        for entry in range(len(flat)):
            kept = flat[entry].item()
            flat[entry] = kept + point.step
            above = torch_loss(point.x, point.y, *point.parameters).item()
            flat[entry] = kept - point.step
            below = torch_loss(point.x, point.y, *point.parameters).item()
            flat[entry] = kept
            gradient.append((above - below) / (2 * point.step))
    return np.array(gradient)


def in_place_numpy(point: Case) -> FloatArray:
    """The same loop on arrays."""
    x, y = point.network.x, point.network.y
    parameters = [parameter.numpy() for parameter in point.parameters]
    gradient = []
    for parameter in parameters:
        flat = parameter.reshape(-1)
        for entry in range(len(flat)):
            kept = flat[entry]
            flat[entry] = kept + point.step
            above = numpy_loss(x, y, parameters)
            flat[entry] = kept - point.step
            below = numpy_loss(x, y, parameters)
            flat[entry] = kept
            gradient.append((above - below) / (2 * point.step))
    return np.array(gradient)


def checked(point: Case, *, fast: bool) -> None:
    """`torch.autograd.gradcheck`, as it comes."""
    parameters = [parameter.clone().requires_grad_() for parameter in point.parameters]
    gradcheck(partial(torch_loss, point.x, point.y), parameters, fast_mode=fast)


def jacobian_of_gradcheck(point: Case) -> FloatArray:
    """The numbers that slow `gradcheck` compares autograd with; it does not return them itself."""
    parameters = tuple(parameter.clone().requires_grad_() for parameter in point.parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # public, deprecated, and the only way to them
        columns = get_numerical_jacobian(lambda p: torch_loss(point.x, point.y, *p), parameters, eps=1e-6)
    return np.concatenate([column.numpy().ravel() for column in columns])


def vmapped(point: Case) -> FloatArray:
    """Central differences of the loss as a black box of the vector, 256 changed vectors at a time."""
    start = parameters_to_vector(point.parameters)
    shapes = [parameter.shape for parameter in point.parameters]
    sizes = [parameter.numel() for parameter in point.parameters]

    def of_vector(vector: Tensor) -> Tensor:
        parts = (part.view(shape) for part, shape in zip(vector.split(sizes), shapes, strict=True))
        return torch_loss(point.x, point.y, *parts)

    batched = torch.func.vmap(of_vector)
    gradient = []
    for entries in torch.arange(len(start)).split(CHUNK):
        moves = torch.nn.functional.one_hot(entries, len(start)) * point.step
        gradient.append((batched(start + moves) - batched(start - moves)) / (2 * point.step))
    return torch.cat(gradient).numpy()


def plain_autograd(point: Case) -> FloatArray:
    """Reverse mode by torch, and nothing else."""
    parameters = [parameter.clone().requires_grad_() for parameter in point.parameters]
    gradients = torch.autograd.grad(torch_loss(point.x, point.y, *parameters), parameters)
    return np.concatenate([gradient.numpy().ravel() for gradient in gradients])


def ours(oracle: Callable[[Problem], dict[str, Estimate]]) -> Method:
    """One of our functions, as a row."""
    return lambda point: oracle(Problem.of_network(exercise.scalar, point.network))


SLOW: Mapping[str, Method] = {
    "a vector a side": vector_a_side,
    "in place, torch": in_place_torch,
    "in place, numpy": in_place_numpy,
    "gradcheck, slow": partial(checked, fast=False),
    "`torch.func.vmap`, chunks of 256": vmapped,
}
FAST: Mapping[str, Method] = {
    "gradcheck, fast (one direction)": partial(checked, fast=True),
    "autograd, bare": plain_autograd,
    OURS: ours(ORACLES["finite differences"]),
    "ours: complex step": ours(ORACLES["complex step"]),
    "ours: autograd": ours(ORACLES["autograd"]),
    "ours: all three, agreed": ours(estimate),
}
ROWS = [*SLOW, *FAST]
ROWS_OF_OURS = [name for name in FAST if name.startswith("ours")]


def measured(digits: Case, dense: Case, rounds: int) -> list[Times]:
    """The seconds of each run, turn by turn: a turn is one run of a slow row, and all the fast ones several times."""
    fast = [(name, method, digits) for name, method in FAST.items()]
    fast += [(name, FAST[name], dense) for name in ROWS_OF_OURS]
    burst = BURST[len(digits.network.x)]
    return [timed([(name, method, digits), *fast * burst]) for _ in range(rounds) for name, method in SLOW.items()]


def timed(runs: Iterable[tuple[str, Method, Case]]) -> Times:
    """The seconds of each run, by row and case.

    A fast row runs twice and the second run counts, since a slow one spends its time on the same few lines, too.
    """
    times: Times = {}
    for name, method, point in runs:
        if name in FAST:
            method(point)
        started = time.process_time()
        method(point)
        times.setdefault((name, point.title), []).append(time.process_time() - started)
    return times


def milliseconds(turns: Sequence[Times], name: str, point: Case) -> float:
    """The median over all runs of a row."""
    return 1000 * statistics.median(second for turn in turns for second in turn.get((name, point.title), ()))


def ratio(turns: Sequence[Times], name: str, point: Case, base: Case) -> float:
    """How many times the time of our finite differences at `base` a row takes: the median over the turns it is in."""
    key = name, point.title
    return statistics.median(
        statistics.median(turn[key]) / statistics.median(turn[OURS, base.title]) for turn in turns if key in turn
    )


def relative_error(gradient: FloatArray, point: Case) -> float:
    """The worst |computed - exact| / |exact|."""
    return float(np.max(np.abs(gradient - point.exact) / np.abs(point.exact)))


def errors(point: Case, rows: Iterable[str]) -> dict[str, float]:
    """The worst relative error of each row that yields a gradient."""
    numbers = {**SLOW, **FAST, "gradcheck, slow": jacobian_of_gradcheck}
    results = {name: numbers[name](point) for name in rows}
    return {name: relative_error(flat(result), point) for name, result in results.items() if result is not None}


def flat(gradient: FloatArray | dict[str, Estimate], part: str = "value") -> FloatArray:
    """Values, or error bars, as one vector in the order of `exact`."""
    if isinstance(gradient, np.ndarray):
        return gradient
    return np.concatenate([getattr(gradient[name], part).ravel() for name in ("w[1]", "b[1]", "w[2]", "b[2]")])


def share_of_bar(point: Case) -> float:
    """The worst of error over error bar, over our oracles and all entries: above 1, a bar would be wrong."""
    told = [oracle(Problem.of_network(exercise.scalar, point.network)) for oracle in ORACLES.values()]
    return max(error_ratio(point.exact, Estimate(flat(e), flat(e, "error"))) for e in told)


def table(
    points: Sequence[Case], rows: Iterable[str], turns: Sequence[Sequence[Times]], worst: Sequence[Errors]
) -> Iterator[str]:
    """Time, ratio and error of each row, in markdown, for cases side by side."""
    heads = [f"{title}, {point.title}" for title in ("ms", "times ours", "error") for point in points]
    yield "| method | " + " | ".join(heads) + " |"
    yield "|---|" + "---:|" * len(heads)
    for name in rows:
        cells = [figure(milliseconds(runs, name, point)) for runs, point in zip(turns, points, strict=True)]
        cells += [figure(ratio(runs, name, point, point)) for runs, point in zip(turns, points, strict=True)]
        cells += [f"{error[name]:.0e}" if name in error else "-" for error in worst]
        yield f"| {name} | " + " | ".join(cells) + " |"


def figure(number: float) -> str:
    """At least two digits that count, and no power of ten."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.2g}" if number < 1 else f"{number:.3g}"


def verdicts(ours: Case, own: float, theirs: Case, worst: Errors, turns: Sequence[Times]) -> Iterator[str]:
    """Whether our finite differences at `ours`, of error `own`, are faster than the others at `theirs` by the goals."""
    for name, goal in GOALS.items():
        faster = ratio(turns, name, theirs, ours)
        holds = faster >= goal and own < worst[name]
        yield (
            f"* {ours.title}: {faster:,.0f} times faster than `{name}` (goal {goal:,}),"
            f" error {own:.0e} against {worst[name]:.0e}: {'holds' if holds else 'DOES NOT HOLD'}"
        )


def main() -> None:
    """Measure, and print two tables and what holds."""
    parser = argparse.ArgumentParser(description="Time and error of ways to a gradient.")
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="runs of the slow rows; 5 take three minutes"
    )
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    real = [case(batch, dense=False) for batch in BURST]
    dense = [case(batch, dense=True) for batch in BURST]
    for point in real:
        print(f"{point.title}: {distinct(point.network.x)} of {WIDTHS[0]} pixels differ; step {point.step:.0e}")
    turns = [measured(one, other, rounds) for one, other in zip(real, dense, strict=True)]
    worst = [errors(point, ROWS) for point in real]
    worst_dense = [errors(point, ROWS_OF_OURS) for point in dense]
    print("", *table(real, ROWS, turns, worst), "", sep="\n")
    print(*table(dense, ROWS_OF_OURS, turns, worst_dense), "", sep="\n")
    print(*verdicts(real[0], worst[0][OURS], real[0], worst[0], turns[0]), sep="\n")
    print(*verdicts(dense[0], worst_dense[0][OURS], real[0], worst[0], turns[0]), sep="\n")
    print(f"* worst error over its own bar, of our three oracles: {max(map(share_of_bar, real + dense)):.2g}")


if __name__ == "__main__":
    main()
