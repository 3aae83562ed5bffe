"""Ways in which courses call what students write, each with code in the style of such a course, and as by formula."""

from __future__ import annotations

import inspect
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from grader.kit.layers.by_formula import names_by_formula
from grader.kit.layers.calling import call
from grader.kit.layers.layer import Layer
from grader.testing import DeclarationError, LayerError, assert_layer
from tests.layers import more


class Way(NamedTuple):
    """A declaration, and an edit of its submission that must be found: name, how it is wrapped."""

    calls: tuple[str, ...]
    formula: object
    inputs: dict | None = None
    arrays: str = "numpy"
    sizes: dict | None = None


def batchnorm(x, gamma, beta, mean, var):
    mu = x.mean(0)
    v = ((x - mu) ** 2).mean(0)
    xhat = (x - mu) / torch.sqrt(v + 1e-5)
    return {
        "out": gamma * xhat + beta,
        "new_mean": 0.8 * mean + 0.2 * mu,
        "new_var": 0.8 * var + 0.2 * v,
    }


NORM = {"x": "N D", "gamma": "D", "beta": "D", "mean": "D", "var": "> 0: D"}
WAYS = {
    "a configuration with running statistics": Way(
        (
            'bn_param = {"mode": "train", "momentum": 0.8, "running_mean": mean, "running_var": var}',
            "batchnorm_forward(x, gamma, beta, bn_param) -> out, cache",
            "batchnorm_backward(dout, cache) -> dx, dgamma, dbeta",
            'bn_param["running_mean"] -> new_mean',
            'bn_param["running_var"] -> new_var',
        ),
        batchnorm,
        NORM,
    ),
    "dropout": Way(
        (
            'dropout_forward(x, {"mode": "train", "p": 0.7}) -> out, cache',
            "dropout_backward(dout, cache) -> dx",
        ),
        lambda x, mask: x * mask / 0.7,
        {"x": "N 10 D", "mask": "own mask 0.7: N 10 D"},
    ),
    "gradients divided by the batch": Way(
        ("linear_forward(A, W, b) -> Z, cache", "linear_backward(dZ, cache) -> dA, dW / m, db / m"),
        lambda A, W, b: W @ A + b,
        {"A": "D m", "W": "M D", "b": "M 1"},
    ),
    "gradients that may be divided by the batch": Way(
        ("linear_forward(A, W, b) -> Z, cache", "linear_backward(dZ, cache) -> dA, dW or dW / m, db or db / m"),
        lambda A, W, b: W @ A + b,
        {"A": "D m", "W": "M D", "b": "M 1"},
    ),
    "a net of a list of layers": Way(
        (
            "Net([D, H, C])",
            ".layers[0].params = [W1, b1]",
            ".layers[1].params = [W2, b2]",
            ".forward(x) -> out",
            ".backward(dout) -> dx",
            ".layers[0].grads[0] -> dW1",
            ".layers[0].grads[1] -> db1",
            ".layers[1].grads[0] -> dW2",
        ),
        lambda x, W1, b1, W2, b2: torch.tanh(x @ W1 + b1) @ W2 + b2,
        {"x": "N D", "W1": "D H", "b1": "1 H", "W2": "H C", "b2": "1 C"},
    ),
    "arrays that are filled in place": Way(
        ("Dense(D, M)", ".params[0][...] = W", ".params[1][...] = b", ".forward(x) -> out", ".backward(dout) -> dx", ".grads[0] -> dW"),
        lambda x, W, b: x @ W + b,
        {"x": "N D", "W": "D M", "b": "1 M"},
    ),
    "an object with a name": Way(
        ("Dense(D, M) -> layer", "layer.params = [W, b]", "layer.forward(x) -> out", "layer.backward(dout) -> dx", "layer.grads[0] -> dW"),
        lambda x, W, b: x @ W + b,
        {"x": "N D", "W": "D M", "b": "1 M"},
    ),
    "a Function called with a context": Way(
        ("ctx = context()", "Exp.forward(ctx, x: N D) -> out", "Exp.backward(ctx, dout) -> dx"),
        torch.exp,
        arrays="torch",
    ),
    "a scalar function": Way(
        ("ctx = context()", "Mul.forward(ctx, a: scalar, b: scalar) -> out", "Mul.backward(ctx, dout) -> da, db"),
        lambda a, b: a * b,
    ),
    "a buffer that is added to": Way(
        ("forward(x, w) -> out", "dw = zeros(w)", "accumulate(x, w, dout, dw)"),
        lambda x, w: x @ w,
        {"x": "N D", "w": "D M"},
    ),
    "a scalar engine": Way(
        (
            "Value(a: scalar) -> va",
            "Value(b: scalar) -> vb",
            "(va * vb + va * 3).tanh() * vb -> vo",
            "vo.backward()",
            "vo.data -> out",
            "va.grad -> da",
            "vb.grad -> db",
        ),
        lambda a, b: torch.tanh(a * b + a * 3) * b,
    ),
    "a sum where others take the mean": Way(
        ("mse(p, t) -> loss, dp",),
        lambda p, t, mean: ((p - t) ** 2).mean() if mean else ((p - t) ** 2).sum(),
        {"p": "N D", "t": "N D", "mean": "= True or False"},
    ),
    "a layout among several": Way(
        ("linear_in_columns(x, W, b) -> out, cache", "linear_in_columns_backward(dout, cache) -> dW, db"),
        lambda x, W, b: x @ W.T + b,
        {"x": "N D", "W": "M D", "b": "M or 1 M or M 1"},
    ),
    "labels in rows": Way(
        ("cross_entropy_of_labels(x: N C, Y: one-hot: N C) -> loss, dx",),
        lambda x, Y: F.cross_entropy(x, Y),
    ),
    "eight axes, of sizes that are chosen": Way(
        ("eight(x: A B C D E F G 2A+1) -> out, cache", "eight_backward(dout, cache) -> dx"),
        torch.sin,
        sizes={letter: [1 + (letter in "CF"), 2] for letter in "ABCDEFG"},
    ),
}  # fmt: skip
NAMES = vars(more)


def check(way: Way, names: dict, **more) -> None:
    assert_layer(*way.calls, way.formula, names, inputs=way.inputs, arrays=way.arrays, sizes=way.sizes, **more)


@pytest.mark.parametrize("way", WAYS)
def test_code_as_courses_write_it_passes(way):
    check(WAYS[way], NAMES)


@pytest.mark.parametrize("way", WAYS)
def test_what_follows_from_the_formula_passes(way):
    told = WAYS[way]
    layer = Layer.declared(told.formula, told.calls, told.inputs, told.sizes)
    check(told, names_by_formula(layer.readings[-1]), seed=1)


SOURCE = inspect.getsource(more)
EDITS = {
    "a configuration with running statistics": ("momentum * mean + (1 - momentum) * mu", "(1 - momentum) * mean + momentum * mu", "new_mean"),
    "dropout": ("return dout * mask if", "return dout * (mask > 0) if", "dx"),
    "gradients divided by the batch": ("dZ @ A_prev.T / m", "dZ @ A_prev.T", "dW"),
    "gradients that may be divided by the batch": ("dZ @ A_prev.T / m", "dZ @ A_prev.T / m**2", "dW"),
    "a net of a list of layers": ("* (1 - np.tanh(self.z) ** 2)", "", "dx"),
    "a Function called with a context": ("return grad * y", "return grad", "dx"),
    "a scalar function": ("return d * b, d * a", "return d * a, d * b", "da"),
    "a buffer that is added to": ("dw += x.T @ dout", "dw = x.T @ dout", "dw"),
    "a scalar engine": ("self.grad += other.data * out.grad", "self.grad = other.data * out.grad", "da"),
    "a sum where others take the mean": ("2 * (p - t)", "2 * (p - t) / len(p)", "dp"),
    "a layout among several": ("dout.sum(0)", "dout.mean(0)", "db"),
    "labels in rows": ("(p - Y) / len(x)", "(p - Y)", "dx"),
    "eight axes, of sizes that are chosen": ("dout * np.cos(cache)", "dout * np.sin(cache)", "dx"),
}  # fmt: skip


def edited(way: str) -> dict:
    old, new, _ = EDITS[way]
    names: dict = {"__name__": "edited"}
    assert old in SOURCE
    exec(SOURCE.replace(old, new), names)
    return names


@pytest.mark.parametrize("way", EDITS)
def test_one_mistake_in_it_is_told_of_what_is_wrong(way):
    with pytest.raises(LayerError, match=f"`{EDITS[way][2]}`"):
        check(WAYS[way], edited(way))


DROPOUT = {
    "a mask of its own in each direction": ("dout * mask if", "dout * (np.random.rand(*dout.shape) < 0.7) / 0.7 if"),
    "everything kept": ("(np.random.rand(*x.shape) < p) / p", "np.ones(x.shape)"),
    "everything dropped": ("(np.random.rand(*x.shape) < p) / p", "np.zeros(x.shape)"),
    "the share of what is dropped": ("np.random.rand(*x.shape) < p", "np.random.rand(*x.shape) < 0.1"),
    "not inverted": ("< p) / p", "< p)"),
}


@pytest.mark.parametrize("mistake", DROPOUT)
@pytest.mark.parametrize("draw", range(3))
def test_dropout_that_is_wrong_is_found_whatever_it_draws(mistake, draw):
    old, new = DROPOUT[mistake]
    names: dict = {}
    assert old in SOURCE
    exec(SOURCE.replace(old, new), names)
    np.random.seed(draw)
    with pytest.raises(LayerError):
        check(WAYS["dropout"], names)


@pytest.mark.parametrize("draw", range(5))
def test_dropout_that_is_right_passes_whatever_it_draws(draw):
    np.random.seed(draw)
    check(WAYS["dropout"], NAMES)


BAD = {
    "a letter that nobody knows": (["f(x: N D) -> out", "g(dout) -> dx / M"], "`M` is no letter"),
    "readings of two things": (["f(x: N D) -> out", "g(dout) -> dx or dy / N"], "not readings of one gradient"),
    "a value that is none": (["f(x: N D, k: = two) -> out", "g(dout) -> dx"], "`= two` is no value"),
    "a share beyond one": (["f(x: N D, m: mask 2: N D) -> out", "g(dout) -> dx"], "above 0 and not above 1"),
    "a gradient of a label": (["f(x: N D, y: one-hot: N D) -> out", "g(dout) -> dx, dy"], "`y` is a label"),
    "nine axes": (["f(x: A B C D E F G H I) -> out", "g(dout) -> dx"], "at most 8 axes"),
    "brackets in brackets": (["f(x: N D, {'a': ) -> out", "g(dout) -> dx"], "is not closed"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_declaration_that_cannot_be_used_says_what_to_write(case):
    calls, words = BAD[case]
    with pytest.raises(DeclarationError, match=words.replace("(", r"\(")):
        assert_layer(*calls, lambda x, _=0: x, {})


class Scaled(torch.autograd.Function):
    """`gamma` gets a gradient of another shape than its own, which autograd refuses."""

    @staticmethod
    def forward(ctx, x, gamma):
        ctx.save_for_backward(x, gamma)
        return x * gamma

    @staticmethod
    def backward(ctx, g):
        _, gamma = ctx.saved_tensors
        return g * gamma, torch.ones(7, dtype=g.dtype)


class NewerStyle:
    """Its forward gets no context."""

    setup_context = staticmethod(lambda ctx, inputs, output: ctx.save_for_backward(*inputs))
    forward = staticmethod(lambda x, gamma: x * gamma)
    backward = staticmethod(lambda ctx, g: (g * ctx.saved_tensors[1], (g * ctx.saved_tensors[0]).sum(0)))


@pytest.mark.parametrize(
    ("steps", "entry", "right"),
    [
        (
            ["F.apply(x: 4 3, gamma: 3) -> out", "out.backward(dout)", "x.grad -> dx", "gamma.grad -> dgamma"],
            Scaled,
            ["dx"],
        ),
        (
            ["ctx = context()", "F.forward(ctx, x: 4 3, gamma: 3) -> out", "F.backward(ctx, dout) -> dx, dgamma"],
            NewerStyle,
            ["dx", "dgamma"],
        ),
    ],
    ids=["a gradient that autograd refuses", "a forward without a context"],
)
def test_a_function_keeps_what_is_right_in_whatever_style_it_is_written(steps, entry, right):
    layer = Layer.declared(lambda x, gamma: x * gamma, steps)
    x, gamma, g = np.ones((4, 3)), np.array([1.0, -2.0, 3.0]), np.full((4, 3), 2.0)
    done = call(layer, {"F": entry}, {"x": x, "gamma": gamma}, {"out": g}, {}, torch_tensors=True)
    expected = {"dx": g * gamma, "dgamma": (g * x).sum(0)}
    for name in ("dx", "dgamma"):
        seen = done.values.get(name)
        assert (seen is not None and np.array_equal(seen.numpy(), expected[name])) == (name in right), name
