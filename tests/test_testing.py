"""Layers of many courses, checked by a formula and a line for each call."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from grader.testing import DeclarationError, LayerError, assert_layer
from tests.layers import classes, pairs

PAIRS, CLASSES = vars(pairs), vars(classes)


class Declared(NamedTuple):
    """A layer as an author declares it."""

    calls: tuple[str, ...]
    formula: object
    names: dict
    inputs: dict | None = None
    arrays: str = "numpy"


def batchnorm(x, gamma, beta):
    mu = x.mean(0)
    centred = x - mu
    var = (centred**2).mean(0)
    std = torch.sqrt(var + 1e-5)
    xhat = centred / std
    return gamma * xhat + beta


def lstm_step(x, prev_h, prev_c, Wx, Wh, b):
    i, f, o, g = (x @ Wx + prev_h @ Wh + b).chunk(4, 1)
    c = torch.sigmoid(f) * prev_c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def svm(W, X, y, reg):
    scores = X @ W
    right = scores.gather(1, y[:, None])
    margins = torch.relu(scores - right + 1).sum() - len(X)
    return margins / len(X) + reg * (W * W).sum()


def net(X, y, W1, b1, W2, b2):
    loss = F.cross_entropy(torch.relu(X @ W1 + b1) @ W2 + b2, y)
    return loss + 0.05 * ((W1**2).sum() + (W2**2).sum())


NORM = {"x": "N D", "gamma": "D", "beta": "D"}
LAYERS = {
    "affine": Declared(
        ("affine_forward(x: N D, w: D M, b: M) -> out, cache", "affine_backward(dout, cache) -> dx, dw, db"),
        lambda x, w, b: x @ w + b,
        PAIRS,
    ),
    "affine of images": Declared(
        ("affine_forward(x: N 2 3, w: 6 M, b: M) -> out, cache", "affine_backward(dout, cache) -> dx, dw, db"),
        lambda x, w, b: x.reshape(len(x), -1) @ w + b,
        PAIRS,
    ),
    "relu": Declared(("relu_forward(x: N D) -> out, cache", "relu_backward(dout, cache) -> dx"), torch.relu, PAIRS),
    "batch norm": Declared(
        (
            "batchnorm_forward(x, gamma, beta, {'mode': 'train'}) -> out, cache",
            "batchnorm_backward(dout, cache) -> dx, dgamma, dbeta",
        ),
        batchnorm,
        PAIRS,
        NORM,
    ),
    "layer norm": Declared(
        (
            "layernorm_forward(x, gamma, beta, {}) -> out, cache",
            "layernorm_backward(dout, cache) -> dx, dgamma, dbeta",
        ),
        lambda x, gamma, beta: F.layer_norm(x, x.shape[1:], gamma, beta),
        PAIRS,
        NORM,
    ),
    "convolution": Declared(
        (
            "conv_forward_naive(x, w, b, {'stride': 1, 'pad': 1}) -> out, cache",
            "conv_backward_naive(dout, cache) -> dx, dw, db",
        ),
        lambda x, w, b: F.conv2d(x, w, b, padding=1),
        PAIRS,
        {"x": "2 C 5 6", "w": "F C 3 3", "b": "F"},
    ),
    "max pooling": Declared(
        (
            "max_pool_forward_naive(x: N C 4 6, {'pool_height': 2, 'pool_width': 2, 'stride': 2}) -> out, cache",
            "max_pool_backward_naive(dout, cache) -> dx",
        ),
        lambda x: F.max_pool2d(x, 2),
        PAIRS,
    ),
    "a step of an RNN": Declared(
        (
            "rnn_step_forward(x: N D, prev_h: N H, Wx: D H, Wh: H H, b: H) -> next_h, cache",
            "rnn_step_backward(dnext_h, cache) -> dx, dprev_h, dWx, dWh, db",
        ),
        lambda x, prev_h, Wx, Wh, b: torch.tanh(x @ Wx + prev_h @ Wh + b),
        PAIRS,
    ),
    "a step of an LSTM": Declared(
        (
            "lstm_step_forward(x: N D, prev_h: N H, prev_c: N H, Wx: D 4H, Wh: H 4H, b: 4H) -> next_h, next_c, cache",
            "lstm_step_backward(dnext_h, dnext_c, cache) -> dx, dprev_h, dprev_c, dWx, dWh, db",
        ),
        lstm_step,
        PAIRS,
    ),
    "word embedding": Declared(
        ("word_embedding_forward(x: int < V: N T, W: V D) -> out, cache", "word_embedding_backward(dout, cache) -> dW"),
        lambda x, W: W[x],
        PAIRS,
    ),
    "softmax loss": Declared(
        ("softmax_loss(x: N C, y: int < C: N) -> loss, dx",), lambda x, y: F.cross_entropy(x, y), PAIRS
    ),
    "SVM loss": Declared(("svm_loss_vectorized(W: D C, X: N D, y: int < C: N, reg: scalar) -> loss, dW",), svm, PAIRS),
    "a class that is given its sizes": Declared(
        ("Linear(D, M)", ".W = W", ".b = b", ".forward(A) -> Z", ".backward(dLdZ) -> dLdA", ".dLdW", ".dLdb"),
        lambda A, W, b: A @ W.T + b.T,
        CLASSES,
        {"A": "N D", "W": "M D", "b": "M 1"},
    ),
    "a class that is given its weights": Declared(
        ("Affine(W: D M, b: M)", ".forward(x: N D) -> out", ".backward(dout) -> dx", ".dW", ".db"),
        lambda x, W, b: x @ W + b,
        CLASSES,
    ),
    "a class that ends in a loss": Declared(
        ("SoftmaxWithLoss()", ".forward(x: N C, t: int < C: N) -> loss", ".backward() -> dx"),
        lambda x, t: F.cross_entropy(x, t),
        CLASSES,
    ),
    "a static class": Declared(
        ("TorchLinear.forward(x: N D, w: D M, b: M) -> out, cache", "TorchLinear.backward(dout, cache) -> dx, dw, db"),
        lambda x, w, b: x @ w + b,
        CLASSES,
        arrays="torch",
    ),
    "a Function of autograd": Declared(
        ("Gelu.apply(x: N D) -> out", "out.backward(dout)", "x.grad -> dx"), F.gelu, CLASSES, arrays="torch"
    ),
    "a net with a loss and a dictionary": Declared(
        (
            "TwoLayerNet(D, H, C, reg=0.1)",
            ".params['W1'] = W1",
            ".params['b1'] = b1",
            ".params['W2'] = W2",
            ".params['b2'] = b2",
            ".loss(X, y) -> loss, grads",
            "grads['W1'] -> dW1",
            "grads['b1'] -> db1",
            "grads['W2'] -> dW2",
            "grads['b2'] -> db2",
        ),
        net,
        CLASSES,
        {"X": "N D", "y": "int < C: N", "W1": "D H", "b1": "H", "W2": "H C", "b2": "C"},
    ),
}


def check(each: Declared, names: dict | None = None, seed: int = 0) -> None:
    assert_layer(
        *each.calls, each.formula, each.names | (names or {}), inputs=each.inputs, arrays=each.arrays, seed=seed
    )


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("seed", range(2))
def test_right_layers_of_many_courses_pass(name, seed):
    check(LAYERS[name], seed=seed)


def wrongly(name, place, change):
    """The names of a layer in which one gradient is changed on its way out."""
    right = LAYERS[name].names[name_of(name)]

    def wrong(*args):
        given = list(right(*args)) if isinstance(right(*args), tuple) else [right(*args)]
        given[place] = change(given[place])
        return tuple(given) if len(given) > 1 else given[0]

    return {name_of(name): wrong}


def name_of(name: str) -> str:
    """The function that gives the gradients."""
    return LAYERS[name].calls[-1].partition("(")[0]


CHANGES = {
    "doubled": lambda g: 2 * g,
    "of the wrong sign": lambda g: -g,
    "zero": np.zeros_like,
    "a mean for a sum": lambda g: g / 3,
    "not a number": lambda g: g * np.nan,
    "off in one entry": lambda g: g + np.eye(1, g.size, g.size - 1).reshape(g.shape) * (np.abs(g).max() * 1e-3),
}


RELATIONS = {
    "doubled": "constant-factor",
    "of the wrong sign": "wrong-sign",
    "zero": "zero-everywhere",
    "a mean for a sum": "constant-factor",
}
"""What is true of the numbers besides, in words."""


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("name", "place", "gradient"),
    [
        ("affine", 1, "dw"), ("batch norm", 0, "dx"),
        ("convolution", 1, "dw"),
        ("a step of an LSTM", 2, "dprev_c"), ("word embedding", 0, "dW"), ("softmax loss", 1, "dx"), ("SVM loss", 1, "dW"),
    ],
)  # fmt: skip
def test_a_wrong_gradient_is_named_and_no_other(name, place, gradient, change):
    with pytest.raises(LayerError) as raised:
        check(LAYERS[name], wrongly(name, place, CHANGES[change]))
    assert {fact.values["name"] for fact in raised.value.facts} == {gradient}
    assert (RELATIONS.get(change) or "layer-entries-differ") in [fact.kind for fact in raised.value.facts]


def softmax_with_the_opposite_sign(x, y):
    loss, dx = pairs.softmax_loss(x, y)
    return loss, -dx


def keeps_its_cache_in_a_global(x):
    global KEPT
    KEPT = x
    return np.maximum(0, x), None


def in_place(dout, cache):
    dout *= cache > 0
    return dout


SEEN = set()


def another_time(dout, cache):
    first = dout.tobytes() not in SEEN
    SEEN.add(dout.tobytes())
    return dout * (cache > 0) * (1 if first else 2)


BUFFER = np.zeros((40, 40))


def in_one_buffer(dout, cache):
    out = BUFFER[: len(dout), : dout.shape[1]]
    out[:] = dout * (cache > 0)
    return out


OTHERWISE = {
    "labels are never moved": ("softmax loss", {"softmax_loss": softmax_with_the_opposite_sign}, "layer-entries-differ"),
    "what comes from above is changed": ("relu", {"relu_backward": in_place}, "layer-input-changed"),
    "it adds up": ("relu", {"relu_backward": another_time}, "layer-second-call-differs"),
    "it gives the same array again": ("relu", {"relu_backward": in_one_buffer}, "layer-result-overwritten"),
    "it gives too few": ("affine", {"affine_backward": lambda dout, cache: (dout, cache[1])}, "layer-wrong-count"),
    "it gives none": ("affine", {"affine_backward": lambda dout, cache: None}, "layer-wrong-count"),
    "it gives None for one": ("relu", {"relu_backward": lambda dout, cache: None}, "layer-no-numbers"),
    "it is not there": ("relu", {"relu_backward": None}, "layer-call-fails"),
    "it raises": ("relu", {"relu_backward": lambda dout, cache: cache["x"]}, "layer-raises"),
    "it keeps an axis": ("affine", wrongly("affine", 2, lambda db: db[None]), "layer-shape"),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERWISE)
def test_other_faults_have_words_of_their_own(case):
    name, names, kind = OTHERWISE[case]
    with pytest.raises(LayerError) as raised:
        check(LAYERS[name], names)
    assert raised.value.facts[0].kind == kind
    assert str(raised.value)


def test_a_function_that_is_not_defined_is_told_once_by_its_name():
    names = {name: value for name, value in PAIRS.items() if name != "affine_backward"}
    with pytest.raises(LayerError, match="`affine_backward` is not defined"):
        assert_layer(*LAYERS["affine"].calls, LAYERS["affine"].formula, names)


def test_single_precision_inside_loses_nothing():
    def backward(dout, cache):
        return tuple(g.astype(np.float32) for g in pairs.affine_backward(dout, cache))

    check(LAYERS["affine"], {"affine_backward": backward})


PAIR = ("f(x: N D) -> out, cache", "b(dout, cache) -> dx")
UNUSABLE = {
    "an axis that is no letter": (("f(x: N/D) -> out, cache", PAIR[1]), torch.relu, "write axes as letters"),
    "a bracket": (("f(x: N D -> out, cache", PAIR[1]), torch.relu, "not closed"),
    "no gradient": ((PAIR[0],), torch.relu, "none of it is the gradient of an input"),
    "a gradient of nothing": ((PAIR[0], "b(dout, cache) -> dz"), torch.relu, "none of it is the gradient of an input"),
    "a name from nowhere": ((PAIR[0], "b(dout, mask) -> dx"), torch.relu, "`mask` is no input"),
    "a gradient for an integer": (("f(x: int < 3: N) -> out, dx",), torch.relu, "is an integer"),
    "a formula with another name": (PAIR, lambda z: z, "takes `z`, which is no input"),
    "a formula with randomness": (PAIR, lambda x: x * torch.rand_like(x), "it draws random numbers"),
    "a formula in numpy": (PAIR, lambda x: torch.as_tensor(np.tanh(x.detach().numpy())), "cut off"),
    "shapes that do not fit": (PAIR, lambda x: x @ x, "raises RuntimeError"),
    "nothing arrives": (("f(x: N D) -> out, cache", "b(cache) -> dx"), torch.relu, "no gradient arrives"),
    "more outputs than names": (("f(x: N D) -> out", "b(dout) -> dx"), lambda x: (x, x), "gives 2 values"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_declaration_that_cannot_be_used_says_what_to_write(case):
    calls, formula, words = UNUSABLE[case]
    with pytest.raises(DeclarationError, match=words):
        assert_layer(*calls, formula, {"f": lambda x: (x, x), "b": lambda dout, cache: dout})


def test_a_test_that_fails_shows_one_message_and_no_line_of_ours(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "import torch\n"
        "from grader.testing import assert_layer\n"
        "def f(x): return x.clip(0), x\n"
        "def b(dout, cache): return 2 * dout * (cache > 0)\n"
        "def test_relu():\n"
        f"    assert_layer({PAIR[0]!r}, {PAIR[1]!r}, torch.relu, globals())\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert "`dx` is wrong in" in told
    assert "raise LayerError" not in told
    assert "dx is 2 times what it should be, in every entry" in told
