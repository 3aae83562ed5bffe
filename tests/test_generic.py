"""Mistakes that are named from a formula alone: what is said, where, in which language, and when nothing is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from grader.diagnosis.generic import explain, mistake, numbered
from grader.diagnosis.generic_fits import Explanation, Trial
from grader.diagnosis.generic_hints import EN, FR, told
from grader.oracles.wrong_ways import wrong_ways
from grader.testing import LayerError, assert_layer
from grader.words import Words


def norm(x, gamma, beta):
    mu = x.mean(0)
    centred = x - mu
    var = (centred**2).mean(0)
    std = torch.sqrt(var + 0.1)
    xhat = centred / std
    return gamma * xhat + beta


NORM = """
def norm_forward(x, gamma, beta):
    centred = x - x.mean(0)
    std = np.sqrt((centred**2).mean(0) + 0.1)
    return gamma * centred / std + beta, (centred, std, gamma)

def norm_backward(dout, cache):
    centred, std, gamma = cache
    N = len(dout)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(0) * -0.5 / std**3
    dcentred = dxhat / std + 2 * centred * dvar / N
    dmu = -dcentred.sum(0)
    return dcentred + dmu / N, (dout * centred / std).sum(0), dout.sum(0)
"""
RECURRENT = """
def step_forward(x, h, W, U):
    out = np.tanh(x @ W + h @ U)
    return out, (x, h, W, U, out)

def step_backward(dout, cache):
    x, h, W, U, out = cache
    dz = dout * (1 - out**2)
    return dz @ W.T, dz @ U.T, x.T @ dz, h.T @ dz
"""
TABLE = """
def table_forward(i, W):
    return W[i], (i, W.shape)

def table_backward(dout, cache):
    i, shape = cache
    dW = np.zeros(shape)
    np.add.at(dW, i, dout)
    return dW
"""
SLIDING = """
def sliding_forward(x, w):
    out = np.stack([(x[:, i:i + 3] * w).sum(1) for i in range(x.shape[1] - 2)], 1)
    return out, (x, w)

def sliding_backward(dout, cache):
    x, w = cache
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for n in range(len(x)):
        for i in range(dout.shape[1]):
            dx[n, i:i + 3] += w * dout[n, i]
            dw += x[n, i:i + 3] * dout[n, i]
    return dx, dw
"""
WEIGHING = """
def weigh_forward(s, v):
    p = np.exp(s) / np.exp(s).sum(1, keepdims=True)
    return p @ v, (p, v)

def weigh_backward(dout, cache):
    p, v = cache
    dp = dout @ v.T
    ds = p * (dp - (dp * p).sum(1, keepdims=True))
    return ds, p.T @ dout
"""
GATES = """
def gates_forward(a, b):
    i, g = 1 / (1 + np.exp(-a)), np.tanh(b)
    return i * g, (i, g)

def gates_backward(dout, cache):
    i, g = cache
    return dout * g * i * (1 - i), dout * i * (1 - g * g)
"""
SLICED = """
def sliced_forward(x, W):
    a = x @ W
    return np.tanh(a[:, :2]) * a[:, 2:], (x, W, a)

def sliced_backward(dout, cache):
    x, W, a = cache
    dr = dout * a[:, 2:] * (1 - np.tanh(a[:, :2]) ** 2)
    dz = dout * np.tanh(a[:, :2])
    da = np.hstack([dr, dz])
    return da @ W.T, x.T @ da
"""


def sliced(x, W):
    a = x @ W
    return torch.tanh(a[:, :2]) * a[:, 2:]


def gates(a, b):
    i = torch.sigmoid(a)
    g = torch.tanh(b)
    return i * g


def sliding(x, w):
    return torch.nn.functional.conv1d(x[:, None], w[None, None])[:, 0]


def step(x, h, W, U):
    z = x @ W + h @ U
    return torch.tanh(z)


LAYERS = {
    "norm": (NORM, norm, {"x": "N D", "gamma": "D", "beta": "D"}, "norm_forward(x, gamma, beta) -> out, cache", "norm_backward(dout, cache) -> dx, dgamma, dbeta"),
    "step": (RECURRENT, step, {"x": "N D", "h": "N H", "W": "D H", "U": "H H"}, "step_forward(x, h, W, U) -> out, cache", "step_backward(dout, cache) -> dx, dh, dW, dU"),
    "sliding": (SLIDING, sliding, {"x": "N T", "w": "3"}, "sliding_forward(x, w) -> out, cache", "sliding_backward(dout, cache) -> dx, dw"),
    "weigh": (WEIGHING, lambda s, v: torch.softmax(s, 1) @ v, {"s": "N T", "v": "T D"}, "weigh_forward(s, v) -> out, cache", "weigh_backward(dout, cache) -> ds, dv"),
    "gates": (GATES, gates, {"a": "N H", "b": "N H"}, "gates_forward(a, b) -> out, cache", "gates_backward(dout, cache) -> da, db"),
    "sliced": (SLICED, sliced, {"x": "N D", "W": "D 4"}, "sliced_forward(x, W) -> out, cache", "sliced_backward(dout, cache) -> dx, dW"),
    "table": (TABLE, lambda i, W: W[i], {"i": "int < V: N T", "W": "V D"}, "table_forward(i, W) -> out, cache", "table_backward(dout, cache) -> dW"),
}  # fmt: skip
NAMED = {
    "a path that is not followed": ("norm", "+ 2 * centred * dvar / N", "", "One path on the way back is not followed", "`std`"),
    "the path of the mean": ("norm", "dcentred + dmu / N", "dcentred", "One path on the way back is not followed", "from `centred` back to `mu`"),
    "a sign": ("norm", "* -0.5", "* 0.5", "A sign is the opposite", "`std`"),
    "a factor 2": ("norm", "2 * centred * dvar", "centred * dvar", "A factor 2 is missing", "`var`"),
    "a sum for a mean": ("norm", "dmu / N", "dmu", "A mean is missing: all of it is too large", "`mu`"),
    "a mean for a sum": ("norm", "dout.sum(0)\n", "dout.mean(0)\n", "A division too many: all of it is too small", "`beta`"),
    "a slope that is left out": ("step", " * (1 - out**2)", "", "its slope is left out", "`z`"),
    "a slope at the wrong place": ("step", "(1 - out**2)", "(1 - np.tanh(out)**2)", "A slope is taken at the wrong place", "`z`"),
    "a sign in a slope": ("step", "(1 - out**2)", "(1 + out**2)", "A sign in a slope", "`z`"),
    "a square matrix": ("step", "dz @ U.T", "dz @ U", "A matrix must be transposed", "from `h @ U` back to `h`"),
    "rows that overwrite each other": ("table", "np.add.at(dW, i, dout)", "dW[i] = dout", "What is looked up twice must be added", "`W`"),
    "the first of them": ("table", "np.add.at(dW, i, dout)", "dW[i[:, ::-1][::-1]] = dout[:, ::-1][::-1]", "What is looked up twice must be added", "`W`"),
    "another quantity": ("norm", "(dout * centred / std).sum(0)", "(dout * centred).sum(0)", "Another quantity stands where one belongs", "`centred`"),
    "another state": ("step", "h.T @ dz", "out.T @ dz", "Another quantity stands where one belongs", "`torch.tanh(z)`"),
    "a power": ("norm", "-0.5 / std**3", "-0.5 / std**2", "A factor is there once too often, or missing", "`std`"),
    "a factor that is left out": ("norm", "dxhat = dout * gamma", "dxhat = dout", "its slope is left out", "back to `xhat`"),
    "parts in another order": ("sliced", "np.hstack([dr, dz])", "np.hstack([dz, dr])", "Two parts are put together in another order", "`a[:, :2]`"),
    "two that are exchanged": ("norm", "(dout * centred / std).sum(0), dout.sum(0)", "dout.sum(0), (dout * centred / std).sum(0)", "Two gradients are exchanged", "dgamma, dbeta"),
    "the last example": ("norm", "dout.sum(0)\n", "dout[-1]\n", "one contribution alone is kept", "within `gamma * xhat + beta`"),
    "windows that overwrite each other": ("sliding", "] += w * dout", "] = w * dout", "one contribution alone is kept", "back to `x[:, None]`"),
    "the last window": ("sliding", "dw += x", "dw = x", "one contribution alone is kept", "conv1d"),
    "a row sum": ("weigh", " - (dp * p).sum(1, keepdims=True)", "", "What a softmax subtracts", "`torch.softmax(s, 1)`"),
    "a row sum of something else": ("weigh", "(dp * p).sum(1", "dp.sum(1", "What a softmax subtracts", "`torch.softmax(s, 1)`"),
    "the slope of another function": ("gates", "(1 - g * g)", "g * (1 - g)", "A slope is that of another function", "`g`"),
    "the factor itself": ("gates", "dout * g * i * (1 - i)", "dout * i * i * (1 - i)", "Another quantity stands where one belongs", "`i`"),
    "one of several gradients alone": ("step", "return dz @ W.T", "return dout @ W.T", "its slope is left out", "`z`"),
    "any other factor": ("step", "x.T @ dz,", "3.7 * x.T @ dz,", "A constant factor is wrong", "3.7"),
}  # fmt: skip
UNNAMED = {
    "a step of one's own": ("norm", "-0.5 / std**3", "-0.5 / (1 + std**3)"),
    "random numbers": ("step", "dz @ W.T,", "np.random.rand(*x.shape),"),
}


def message(layer: str, old: str, new: str) -> str:
    code, formula, inputs, *calls = LAYERS[layer]
    assert old in code
    names: dict = {"np": np}
    exec(code.replace(old, new), names)
    with pytest.raises(LayerError) as caught:
        assert_layer(*calls, formula, names, inputs=inputs)
    return str(caught.value)


@pytest.mark.parametrize("case", NAMED)
def test_a_mistake_is_named_with_the_steps_of_the_formula(case):
    layer, old, new, title, where = NAMED[case]
    told = message(layer, old, new)
    assert title in told
    assert where in told.partition(title)[2]


@pytest.mark.parametrize("case", UNNAMED)
def test_what_no_single_wrong_step_explains_is_not_named(case):
    told = message(*UNNAMED[case])
    assert not any(texts[0].partition(":")[0] in told for texts in EN.values())


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("not-summed", lambda right: np.stack([right, 0 * right])),
        ("summed-too-far", lambda right: right.sum(0)),
        ("turned", lambda right: right.T),
    ],
)
def test_a_gradient_of_another_shape_is_named_where_its_numbers_show_how(kind, change):
    rng = np.random.default_rng(1)
    right = [rng.normal(size=(2, 3)) for _ in range(2)]
    trials = [Trial({}, {"dW": each}, {"N": 2}, {}, {"dW": change(each)}) for each in right]
    assert [each.kind for each in explain(trials, ["dW"])] == [kind]
    trials[1] = replace(trials[1], stored={"dW": change(rng.normal(size=(2, 3)))})
    assert list(explain(trials, ["dW"])) == []


def test_two_mistakes_in_two_gradients_are_both_named():
    code, formula, inputs, *calls = LAYERS["norm"]
    code = code.replace("dout.sum(0)\n", "dout.mean(0)\n").replace("dcentred + dmu / N", "dcentred")
    names: dict = {"np": np}
    exec(code, names)
    with pytest.raises(LayerError) as caught:
        assert_layer(*calls, formula, names, inputs=inputs)
    assert "One path on the way back is not followed" in str(caught.value)
    assert "A division too many" in str(caught.value)


def test_the_title_of_each_mistake_is_told_in_french():
    words = Words("fr")
    for texts in EN.values():
        title = texts[0].format(factor="N·D")
        assert words.title(title) != title
        assert ("N·D" in title) == ("N·D" in words.title(title))


def test_two_things_that_differ_and_give_the_same_numbers_are_not_named():
    """Where N is 2 in every trial, nobody can tell a factor 2 from a mean that is missing."""
    torch.set_default_dtype(torch.float64)
    try:
        rng = np.random.default_rng(0)
        trials = []
        for _ in range(2):
            point = {"x": rng.normal(size=(2, 3)), "v": rng.normal(size=3)}
            ways = wrong_ways(lambda t: (t["x"].mean(0) * t["v"]).sum(), point, ["x"])
            right = {"dx": np.broadcast_to(point["v"] / 2, (2, 3))}
            renamed = numbered([type(w)(w.kind, w.step, w.operand, {"dx": w.arrays["x"]}) for w in ways])
            trials.append(Trial({"dx": 2 * right["dx"]}, right, {"N": 2, "D": 3}, renamed))
        assert list(explain(trials, ["dx"])) == []
    finally:
        torch.set_default_dtype(torch.float32)


def test_every_mistake_has_three_hints_in_both_languages():
    assert EN.keys() == FR.keys()
    kinds = [("edge", "zero"), ("edge", "times N D"), ("edge", "over N"), ("edge", "3.7")]
    kinds += [(kind, "") for kind in EN if kind not in ("zero", "times", "over", "factor", "minus", "twice", "half")]
    for kind, factor in kinds:
        title, hints = told(kind, factor, [("xhat", "x - mu", "x"), ("", "out", "")], ["dx", "dw"])
        assert "{" not in title + str(hints["en"]) + str(hints["fr"]).replace("{", "", 0)
        assert {language: len(texts) for language, texts in hints.items()} == {"en": 3, "fr": 3}
        assert hints["en"] != hints["fr"]


def test_a_mistake_has_an_id_by_what_it_is():
    named = mistake("norm", Explanation("edge", "over N", (("var", "centred**2", ""),), ("dx",)))
    assert (named.id, named.step) == ("formula-over", "norm: dx")
    assert "divided by N" in named.hints["en"][2]
