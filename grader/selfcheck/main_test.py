"""`main_test`: the check that notebooks written for the course's own test file call, in the student's own process.

It has the sections and the verdicts of that file. What it compares, and how, is the grader's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from grader.assignment import load
from grader.course import find_course
from grader.judging.objections import gradient_objection
from grader.key.exercises import load_module
from grader.oracles import Problem
from grader.oracles.autograd import autograd
from grader.oracles.finite_difference import finite_difference
from grader.records import Estimate, FloatArray, Network
from grader.selfcheck.state import TookTooLong, as_found, bounded
from grader.tolerance import SINGLE, forward, rounding_error
from grader.words import say

_SECONDS = 10.0
"""For so long one call of the student's function may go on."""

Backpropagation = Callable[[Any, torch.Tensor, torch.Tensor], object]


@dataclass(frozen=True)
class _Truth:
    """What the oracles say about the model on one example, and the rounding of single precision, which is allowed."""

    oracles: dict[str, dict[str, Estimate]]
    rounding: dict[str, FloatArray]


@dataclass(frozen=True)
class _Example:
    """One example through the student's function: what it stored for each parameter, and the truth."""

    stored: dict[str, Any]
    truth: _Truth
    complaint: str


def main_test(
    backpropagation: Backpropagation, model: Any, verbose: bool = False, data: Literal["toy", "mnist"] = "toy"
) -> None:
    """Check a hand-written `backpropagation(model, y_true, y_pred)` on a `MyNet`, and print what was found.

    The call must store the derivatives of the sum of squared errors in `model.dL_dw[l]` and `model.dL_db[l]`. They are
    compared with finite differences of every parameter and with autograd, within the rounding of single precision.

    Args:
        model: its layers are tanh(a W^T + b). Its weights are given back as they were.
        verbose: show both gradients of the first example.
        data: `toy` are ten random examples; `mnist` five digits, for a model of widths 576 and 10 at its ends.

    Raises:
        ValueError: the model or `data` is not of that kind.
    """
    with as_found(), _as_it_was(model):
        inputs, targets = _data(data, model)
        pairs = list(zip(inputs, targets, strict=True))
        truths = [_truth(model, x, y) for x, y in pairs]  # before the student's function can change the model
        examples = [_example(backpropagation, model, *pair, truth) for pair, truth in zip(pairs, truths, strict=True)]
        _title("Check gradients")
        results = _check_gradients(examples, verbose=verbose)
        _title("Check that weights have been updated")
        results.append(_check_step(model, examples[-1]))
        _title("Check computational graph")
        results.append(_check_graph(model, inputs[-1]))
    _title("Conclusion")
    print(
        f" {sum(results)} / {len(results)}: " + ("all tests passed." if all(results) else "see the tests that failed.")
    )


def _data(kind: str, model: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (K, 1, n(0)) and targets (K, 1, n(L)) in the model's precision."""
    n_in, n_out = model.n_l[0], model.n_l[-1]
    rng = np.random.default_rng()
    if kind == "toy":
        x, y = rng.normal(0, 1, (10, 1, n_in)), rng.normal(0, 1, (10, 1, n_out))
    elif kind == "mnist":
        if (n_in, n_out) != (576, 10):
            raise ValueError(f"data='mnist' needs a model with 576 inputs and 10 outputs, not {n_in} and {n_out}")
        x, y = load_module(load(find_course(), "mynet").folder / "exercise.py").digits(rng, 5)
    else:
        raise ValueError(f"data={kind!r}: known are 'toy' and 'mnist'")
    dtype = model.fc["1"].weight.dtype
    return torch.tensor(x, dtype=dtype), torch.tensor(y, dtype=dtype)


@contextmanager
def _as_it_was(model: Any) -> Iterator[None]:
    """Give back weights, gradients, flags and the random state as they were; the stored dL_dw and dL_db stay."""
    parameters = list(model.named_parameters())
    kept = [(p, p.detach().clone(), p.requires_grad, p.grad) for _, p in parameters]
    random_state = torch.random.get_rng_state()
    try:
        for _, p in parameters:
            p.grad = None
        yield
    finally:
        for p, value, flag, gradient in kept:
            p.data = value
            p.requires_grad_(flag)
            p.grad = gradient
        torch.random.set_rng_state(random_state)


def _truth(model: Any, x: torch.Tensor, y: torch.Tensor) -> _Truth:
    network = _network(model, x, y)
    problem = Problem.of_network(lambda tensors: _loss(model, tensors), network)
    oracles = {"autograd's": autograd(problem), "finite differences": finite_difference(problem)}
    return _Truth(oracles, rounding_error(network, SINGLE))


def _example(backpropagation: Backpropagation, model: Any, x: torch.Tensor, y: torch.Tensor, truth: _Truth) -> _Example:
    """Call the student's function where there is no gradient to be copied."""
    layers = range(1, model.L + 1)
    flags = [(p, p.requires_grad) for p in model.parameters()]
    before = [p.detach().clone() for p in model.parameters()]
    model.dL_dw, model.dL_db = dict.fromkeys(layers), dict.fromkeys(layers)
    complaint = ""
    recorded = torch._C._autograd._get_sequence_nr()
    try:
        model.requires_grad_(False)
        with torch.no_grad(), bounded(_SECONDS):
            backpropagation(model, y.clone(), model(x.clone()))
    except TookTooLong:
        complaint = f"your function did not end within {_SECONDS:g} seconds: is there a loop that never ends?"
    except (Exception, SystemExit) as error:
        complaint = f"your function raised {type(error).__name__}: {error}"
    if torch._C._autograd._get_sequence_nr() != recorded:
        complaint = "they were computed by autograd, not by your own derivation."
    if any(not torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True)):
        complaint = complaint or "your function changed the weights; it should only compute."
    for (p, flag), old in zip(flags, before, strict=True):
        p.data = old
        p.requires_grad_(flag)
    stored = {f"w[{l}]": _stored(model.dL_dw, l) for l in layers} | {f"b[{l}]": _stored(model.dL_db, l) for l in layers}
    return _Example(stored, truth, complaint)


def _network(model: Any, x: torch.Tensor, y: torch.Tensor) -> Network:
    """The model at its present weights, in float64.

    Raises:
        ValueError: it computes something else than layers of tanh.
    """
    layers = [model.fc[str(l)] for l in range(1, model.L + 1)]
    as_double = [tensor.detach().double().numpy() for layer in layers for tensor in (layer.weight, layer.bias)]
    network = Network(tuple(as_double[::2]), tuple(as_double[1::2]), x.double().numpy(), y.double().numpy())
    with torch.no_grad():
        theirs = model(x).double().numpy()
    if not np.allclose(theirs, forward(network)[1][-1], rtol=1e-4, atol=1e-4):
        raise ValueError("the model does not compute tanh(a W^T + b) in each layer; main_test is for the given MyNet")
    return network


def _loss(model: Any, tensors: Any) -> torch.Tensor:
    """The sum of squared errors of the student's own model, at the parameters that an oracle asks for."""
    named: dict[str, torch.Tensor] = {}
    for l in range(1, model.L + 1):
        named |= {f"fc.{l}.weight": tensors[f"w[{l}]"], f"fc.{l}.bias": tensors[f"b[{l}]"]}
    prediction: torch.Tensor = torch.func.functional_call(model, named, (tensors["x"],))
    residual: torch.Tensor = prediction - tensors["y"]
    return (residual**2).sum()


def _stored(gradients: Any, l: int) -> Any:
    return gradients.get(l) if isinstance(gradients, dict) else None


def _array(value: Any) -> FloatArray | None:
    """A stored gradient as numbers, or None where it is none."""
    try:
        array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    except Exception:
        return None
    return array if array.dtype.kind in "fiu" else None


def _check_gradients(examples: Sequence[_Example], *, verbose: bool) -> list[bool]:
    """Whether all stored gradients agree with autograd, and with finite differences."""
    _section("Gradcheck with finite differences")
    residuals = [_residual(example.stored, example.truth.oracles["finite differences"]) for example in examples]
    print(f" residual error:\n {[float(f'{r:.4g}') for r in residuals]}\n")
    _section("Comparing with autograd values")
    if verbose:
        for name, estimate in examples[0].truth.oracles["autograd's"].items():
            print(f" ******* {_torch_name(name)}.grad *******")
            print(f"  Your computation:\n {examples[0].stored[name]}\n  Autograd's computation:\n {estimate.value}\n")
    _section("relative error")
    for name in examples[0].stored:
        errors = [
            _residual({name: e.stored[name]}, {name: e.truth.oracles["autograd's"][name]}, total=False)
            for e in examples
        ]
        print(f" ({_torch_name(name)}.grad, model.dL_d{name}):   {max(errors):.4g}")
    print()
    return [_check_oracle(examples, oracle) for oracle in ("autograd's", "finite differences")]


def _residual(stored: dict[str, Any], expected: dict[str, Estimate], *, total: bool = True) -> float:
    """|g - e| / (|g| + |e|), or |g - e| / |e|, over all parameters; NaN where something is missing or does not fit."""
    gap = own = right = 0.0
    for name, estimate in expected.items():
        value = _array(stored[name])
        if value is None or value.size != estimate.value.size:
            return float("nan")
        difference = value.reshape(estimate.value.shape) - estimate.value
        gap, own = gap + float(np.sum(difference**2)), own + float(np.sum(np.square(value, dtype=np.float64)))
        right += float(np.sum(estimate.value**2))
    scale = math.sqrt(right) + (math.sqrt(own) if total else 0.0)
    return math.sqrt(gap) / scale if scale else math.sqrt(gap)


def _check_oracle(examples: Sequence[_Example], oracle: str) -> bool:
    for number, example in enumerate(examples, start=1):
        if example.complaint:
            return _verdict(f"Gradients NOT consistent with {oracle} computations: {example.complaint}", passed=False)
        for name, estimate in example.truth.oracles[oracle].items():
            objection = _objection(example, name, estimate)
            if objection:
                where = f"example {number}, model.dL_d{name}: {objection}"
                return _verdict(f"Gradients NOT consistent with {oracle} computations.\n   {where}", passed=False)
    return _verdict(f"Gradients consistent with {oracle} computations.", passed=True)


def _objection(example: _Example, name: str, estimate: Estimate) -> str | None:
    value = example.stored[name]
    if value is None:
        return "was not stored"
    array = _array(value)
    if array is None:
        return f"holds a {type(value).__name__}, not numbers"
    allowed = Estimate(estimate.value[None], estimate.error[None] + example.truth.rounding[name][None])
    objection = gradient_objection(array[None], allowed)
    return say(objection[0]) if objection else None


def _check_step(model: Any, example: _Example) -> bool:
    """Whether a step of gradient descent with the stored gradients moves every parameter, and downhill.

    Each parameter gets a learning rate that moves it by a tenth of its size, so that no rounding hides the move. The
    step lowers the loss, if it is short enough, where the product with the true gradient is positive.
    """
    groups, before, slope = [], {}, 0.0
    for name, value in example.stored.items():
        array, p = _array(value), model.get_parameter(_torch_name(name))
        if array is None or array.shape != tuple(p.shape):
            return _verdict(
                f"Weights have NOT been updated: model.dL_d{name} does not fit its parameter.", passed=False
            )
        p.grad = torch.tensor(array, dtype=p.dtype)
        before[name] = p.detach().clone()
        slope += float(np.sum(array * example.truth.oracles["autograd's"][name].value))
        largest = float(p.grad.abs().max())
        groups.append({"params": [p], "lr": 0.1 * float(p.detach().abs().max()) / largest if largest else 0.0})
    torch.optim.SGD(groups).step()
    for name, old in before.items():
        p = model.get_parameter(_torch_name(name))
        if torch.equal(p, old) and bool(p.grad.any()):
            return _verdict(f"Weights have NOT been updated: {_torch_name(name)} did not move.", passed=False)
    if not slope > 0:
        return _verdict("Weights have been updated, but along your gradients the loss does NOT fall.", passed=False)
    return _verdict("Weights have been updated, and the loss falls along your gradients.", passed=True)


def _check_graph(model: Any, x: torch.Tensor) -> bool:
    """Whether the prediction still depends, for autograd, on every parameter."""
    named = dict(model.named_parameters())
    detached = [name for name, p in named.items() if not (p.is_leaf and p.requires_grad)]
    with torch.enable_grad():
        prediction = model(x)
    if not detached and prediction.requires_grad:
        gradients = torch.autograd.grad(prediction.sum(), list(named.values()), allow_unused=True)
        detached = [name for name, gradient in zip(named, gradients, strict=True) if gradient is None]
    elif not detached:
        detached = list(named)
    if detached:
        return _verdict(f"NOT attached to the computational graph: {', '.join(detached)}.", passed=False)
    return _verdict("All parameters are attached to the computational graph.", passed=True)


def _torch_name(name: str) -> str:
    """`w[1]` is `fc.1.weight`."""
    return f"fc.{name[2:-1]}.{'weight' if name[0] == 'w' else 'bias'}"


def _verdict(text: str, *, passed: bool) -> bool:
    print(f" TEST {'PASSED' if passed else 'FAILED'}: {text}")
    return passed


def _title(text: str) -> None:
    print(f"\n {'_' * 66}\n {text:^66}\n {'_' * 66}\n")


def _section(text: str) -> None:
    print(f" {' ' + text + ' ':-^60}")
