"""Wrong derivations that no catalogue describes, each with the first step that is wrong.

They were written before the matcher. A case replaces steps of a derivation in rows (1, n): `loss(m, y, p)` gives e[L],
`act(m, l, e)` delta[l], `back(m, l, d, e)` e[l-1], `wgrad` and `bgrad(m, l, d, e)` what is stored. `m` has
L, z, a, W, b
by layer. A few replace all of it (`whole`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

OUTPUT, HIDDEN, WEIGHTS, BIASES = "output delta", "hidden delta", "weight gradient", "bias gradient"
LOOP, STORING = "loop", "storing"


def slope(z: Any) -> Any:
    return 1 - np.tanh(z) ** 2


def _at_output(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda m, l, e: f(m, l, e) if l == m.L else e * slope(m.z[l])


def _in_hidden(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda m, l, e: e * slope(m.z[l]) if l == m.L else f(m, l, e)


STEPS: dict[str, Callable[..., Any]] = {
    "loss": lambda m, y, p: 2 * (p - y),
    "act": lambda m, l, e: e * slope(m.z[l]),
    "back": lambda m, l, d, e: d @ m.W[l],
    "wgrad": lambda m, l, d, e: d.T @ m.a[l - 1],
    "bgrad": lambda m, l, d, e: d[0],
}


@dataclass(frozen=True)
class Case:
    """A wrong derivation: its name, the first wrong step, and what replaces which step."""

    name: str
    step: str
    steps: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def __call__(self, m: Any, y: Any, p: Any) -> None:
        """Fill the net's dictionaries, as a submission does."""
        do = STEPS | self.steps
        if "whole" in do:
            do["whole"](m, y, p)
            return
        e = do["loss"](m, y, p)
        for l in range(m.L, 0, -1):
            d = do["act"](m, l, e)
            m.dw[l] = do["wgrad"](m, l, d, e)
            m.db[l] = do["bgrad"](m, l, d, e)
            if l > 1:
                e = do["back"](m, l, d, e)


def _case(name: str, step: str, **steps: Callable[..., Any]) -> Case:
    return Case(name, step, steps)


def _huber(m: Any, y: Any, p: Any) -> Any:
    return np.clip(2 * (p - y), -1, 1)


def _stops_after(m: Any, y: Any, p: Any) -> None:
    """Only the first layer is stored."""
    e = 2 * (p - y)
    for l in range(m.L, 0, -1):
        d = e * slope(m.z[l])
        if l == 1:
            m.dw[l], m.db[l] = d.T @ m.a[l - 1], d[0]
        e = d @ m.W[l]


def _shifted(m: Any, y: Any, p: Any) -> None:
    """What belongs to layer l is stored as that of layer l - 1."""
    e = 2 * (p - y)
    for l in range(m.L, 0, -1):
        d = e * slope(m.z[l])
        m.dw[l - 1], m.db[l - 1] = d.T @ m.a[l - 1], d[0]
        e = d @ m.W[l]


def _reversed(m: Any, y: Any, p: Any) -> None:
    """What belongs to layer l is stored under L + 1 - l."""
    e = 2 * (p - y)
    for l in range(m.L, 0, -1):
        d = e * slope(m.z[l])
        m.dw[m.L + 1 - l], m.db[m.L + 1 - l] = d.T @ m.a[l - 1], d[0]
        e = d @ m.W[l]


def _no_biases(m: Any, y: Any, p: Any) -> None:
    e = 2 * (p - y)
    for l in range(m.L, 0, -1):
        d = e * slope(m.z[l])
        m.dw[l] = d.T @ m.a[l - 1]
        e = d @ m.W[l]


def _forwards(m: Any, y: Any, p: Any) -> None:
    """The error is sent to every layer as the product of the weights above, without slopes between."""
    for l in range(m.L, 0, -1):
        e = 2 * (p - y) * slope(m.z[m.L])
        for k in range(m.L, l, -1):
            e = e @ m.W[k]
        d = e if l == m.L else e * slope(m.z[l]) ** 0.5
        m.dw[l], m.db[l] = d.T @ m.a[l - 1], d[0]


def _roll(x: Any) -> Any:
    return np.roll(x, 1, axis=-1)


CASES: tuple[Case, ...] = (
    _case("cubed error", OUTPUT, loss=lambda m, y, p: 3 * (p - y) ** 2 * np.sign(p - y)),
    _case("fourth power", OUTPUT, loss=lambda m, y, p: 4 * (p - y) ** 3),
    _case("huber", OUTPUT, loss=_huber),
    _case("factor four", OUTPUT, loss=lambda m, y, p: 4 * (p - y)),
    _case("factor minus one", OUTPUT, loss=lambda m, y, p: y - p),
    _case("log cosh", OUTPUT, loss=lambda m, y, p: np.tanh(p - y)),
    _case("target added", OUTPUT, loss=lambda m, y, p: 2 * (p + y)),
    _case("target doubled", OUTPUT, loss=lambda m, y, p: p - 2 * y),
    _case("target is activated", OUTPUT, loss=lambda m, y, p: 2 * (p - np.tanh(y))),
    _case("difference of squares", OUTPUT, loss=lambda m, y, p: p**2 - y**2),
    _case("relative error", OUTPUT, loss=lambda m, y, p: 2 * (p - y) / (np.abs(y) + 1e-3)),
    _case("rounded target", OUTPUT, loss=lambda m, y, p: 2 * (p - np.round(y))),
    _case("one output only", OUTPUT, loss=lambda m, y, p: 2 * (p - y) * (np.arange(p.shape[1]) == 0)),
    _case("worst output only", OUTPUT, loss=lambda m, y, p: 2 * (p - y) * (np.abs(p - y) == np.abs(p - y).max())),
    _case("centred error", OUTPUT, loss=lambda m, y, p: 2 * (p - y - (p - y).mean())),
    _case("error in reverse order", OUTPUT, loss=lambda m, y, p: 2 * (p - y)[:, ::-1]),
    _case("softmax of the output", OUTPUT, loss=lambda m, y, p: 2 * (np.exp(p) / np.exp(p).sum() - y)),
    _case("poisson", OUTPUT, loss=lambda m, y, p: 1 - y / (p + 1e-6)),
    _case("square root of error", OUTPUT, loss=lambda m, y, p: np.sqrt(np.abs(p - y)) * np.sign(p - y)),
    _case("loss of the sum", OUTPUT, loss=lambda m, y, p: 2 * (p.sum() - y)),
    _case("mean of two kinds", OUTPUT, loss=lambda m, y, p: 2 * (p - y) / np.sqrt(p.shape[1])),
    _case("error times prediction", OUTPUT, loss=lambda m, y, p: 2 * (p - y) * p),
    _case("error times target", OUTPUT, loss=lambda m, y, p: 2 * (p - y) * y),
    _case("noise in the loss", OUTPUT, loss=lambda m, y, p: 2 * (p - y) + 0.01),
    _case("slope one half at output", OUTPUT, act=_at_output(lambda m, l, e: e * 0.25)),
    _case("slope plus one", OUTPUT, act=_at_output(lambda m, l, e: e * (1 + slope(m.z[l])))),
    _case("leaky relu at output", OUTPUT, act=_at_output(lambda m, l, e: e * np.where(m.z[l] > 0, 1, 0.01))),
    _case("slope of the arctangent", OUTPUT, act=_at_output(lambda m, l, e: e / (1 + m.z[l] ** 2))),
    _case("slope of a gaussian", OUTPUT, act=_at_output(lambda m, l, e: e * np.exp(-(m.z[l] ** 2)))),
    _case(
        "slope of the logistic at z",
        OUTPUT,
        act=_at_output(lambda m, l, e: e * np.exp(-m.z[l]) / (1 + np.exp(-m.z[l])) ** 2),
    ),
    _case("cosh cubed", OUTPUT, act=_at_output(lambda m, l, e: e / np.cosh(m.z[l]) ** 3)),
    _case("cosh not inverted", OUTPUT, act=_at_output(lambda m, l, e: e * np.cosh(m.z[l]) ** 2 * np.cosh(m.z[l]))),
    _case("sinh", OUTPUT, act=_at_output(lambda m, l, e: e / np.sinh(m.z[l]) ** 2)),
    _case("one minus a cubed", OUTPUT, act=_at_output(lambda m, l, e: e * (1 - m.a[l] ** 3))),
    _case("two a", OUTPUT, act=_at_output(lambda m, l, e: e * 2 * m.a[l])),
    _case("minus two a", OUTPUT, act=_at_output(lambda m, l, e: e * (1 - 2 * m.a[l]))),
    _case("slope summed", OUTPUT, act=_at_output(lambda m, l, e: e * slope(m.z[l]).sum())),
    _case("slope averaged", OUTPUT, act=_at_output(lambda m, l, e: e * slope(m.z[l]).mean())),
    _case("slope added", OUTPUT, act=_at_output(lambda m, l, e: e + slope(m.z[l]))),
    _case("slope subtracted", OUTPUT, act=_at_output(lambda m, l, e: e - slope(m.z[l]))),
    _case(
        "slope at the target", OUTPUT, act=lambda m, l, e: e * slope(m.z[l]) if l < m.L else e * slope(m.z[l] - e / 2)
    ),
    _case("slope in reverse order", OUTPUT, act=_at_output(lambda m, l, e: e * slope(m.z[l])[:, ::-1])),
    _case("slope without bias", OUTPUT, act=_at_output(lambda m, l, e: e * slope(m.z[l] - m.b[l]))),
    _case(
        "dot product with the slope", OUTPUT, act=_at_output(lambda m, l, e: np.full_like(e, (e * slope(m.z[l])).sum()))
    ),
    _case("cosh cubed everywhere", OUTPUT, act=lambda m, l, e: e / np.cosh(m.z[l]) ** 3),
    _case("arctangent everywhere", OUTPUT, act=lambda m, l, e: e / (1 + m.z[l] ** 2)),
    _case("elu slope everywhere", OUTPUT, act=lambda m, l, e: e * np.where(m.z[l] > 0, 1, np.exp(m.z[l]))),
    _case("clipped delta", OUTPUT, act=lambda m, l, e: np.clip(e * slope(m.z[l]), -0.1, 0.1)),
    _case("normalised delta", OUTPUT, act=lambda m, l, e: e * slope(m.z[l]) / np.linalg.norm(e * slope(m.z[l]))),
    _case("absolute delta everywhere", OUTPUT, act=lambda m, l, e: np.abs(e * slope(m.z[l])) ** 1.5),
    _case("cosh cubed in hidden layers", HIDDEN, act=_in_hidden(lambda m, l, e: e / np.cosh(m.z[l]) ** 3)),
    _case("arctangent in hidden layers", HIDDEN, act=_in_hidden(lambda m, l, e: e / (1 + m.z[l] ** 2))),
    _case("slope of the layer above", HIDDEN, act=_in_hidden(lambda m, l, e: e * slope(m.z[l + 1]).mean())),
    _case(
        "slope of the logistic in hidden layers",
        HIDDEN,
        act=_in_hidden(lambda m, l, e: e * np.exp(-m.z[l]) / (1 + np.exp(-m.z[l])) ** 2),
    ),
    _case("slope averaged in hidden layers", HIDDEN, act=_in_hidden(lambda m, l, e: e * slope(m.z[l]).mean())),
    _case("slope added in hidden layers", HIDDEN, act=_in_hidden(lambda m, l, e: e + slope(m.z[l]))),
    _case("slope without bias in hidden layers", HIDDEN, act=_in_hidden(lambda m, l, e: e * slope(m.z[l] - m.b[l]))),
    _case("leaky relu in hidden layers", HIDDEN, act=_in_hidden(lambda m, l, e: e * np.where(m.z[l] > 0, 1, 0.1))),
    _case("hidden slope in reverse order", HIDDEN, act=_in_hidden(lambda m, l, e: e * slope(m.z[l])[:, ::-1])),
    _case("one minus a cubed in hidden layers", HIDDEN, act=_in_hidden(lambda m, l, e: e * (1 - np.abs(m.a[l]) ** 3))),
    _case("dropout", HIDDEN, act=_in_hidden(lambda m, l, e: e * slope(m.z[l]) * (np.arange(e.shape[1]) % 2 == 0))),
    _case("weights squared", HIDDEN, back=lambda m, l, d, e: d @ m.W[l] ** 2),
    _case("weights rolled", HIDDEN, back=lambda m, l, d, e: d @ _roll(m.W[l])),
    _case("weights of one sign", HIDDEN, back=lambda m, l, d, e: d @ np.maximum(m.W[l], 0)),
    _case("signs of weights", HIDDEN, back=lambda m, l, d, e: d @ np.sign(m.W[l])),
    _case("weights normalised", HIDDEN, back=lambda m, l, d, e: d @ (m.W[l] / np.linalg.norm(m.W[l]))),
    _case("softmax of weights", HIDDEN, back=lambda m, l, d, e: d @ (np.exp(m.W[l]) / np.exp(m.W[l]).sum())),
    _case("inverse weights", HIDDEN, back=lambda m, l, d, e: d @ np.linalg.pinv(m.W[l]).T),
    _case("bias subtracted from the error", HIDDEN, back=lambda m, l, d, e: (d - m.b[l]) @ m.W[l]),
    _case("weights plus one", HIDDEN, back=lambda m, l, d, e: d @ (m.W[l] + 1)),
    _case("doubled on the way", HIDDEN, back=lambda m, l, d, e: 2 * d @ m.W[l]),
    _case("last unit only", HIDDEN, back=lambda m, l, d, e: d[:, -1:] @ m.W[l][-1:]),
    _case("strongest path only", HIDDEN, back=lambda m, l, d, e: (d.T * m.W[l]).max(0, keepdims=True)),
    _case("times activation on the way", HIDDEN, back=lambda m, l, d, e: d @ m.W[l] * m.a[l - 1]),
    _case("divided by the width below", HIDDEN, back=lambda m, l, d, e: d @ m.W[l] / m.W[l].shape[1] ** 0.5),
    _case("error in reverse order on the way", HIDDEN, back=lambda m, l, d, e: (d @ m.W[l])[:, ::-1]),
    _case("random feedback", HIDDEN, back=lambda m, l, d, e: d @ np.cos(np.arange(m.W[l].size)).reshape(m.W[l].shape)),
    _case("the wrong layer's slope twice", HIDDEN, back=lambda m, l, d, e: (d * slope(m.z[l])) @ m.W[l]),
    _case("squared delta on the way", HIDDEN, back=lambda m, l, d, e: d**2 @ m.W[l]),
    _case("input squared", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ m.a[l - 1] ** 2),
    _case("input normalised", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ (m.a[l - 1] / np.linalg.norm(m.a[l - 1]))),
    _case("absolute input", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ np.abs(m.a[l - 1])),
    _case("input rolled", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ _roll(m.a[l - 1])),
    _case("input plus one", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ (m.a[l - 1] + 1)),
    _case("weights times gradient", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ m.a[l - 1] * m.W[l]),
    _case("bias in the weight gradient", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ m.a[l - 1] + m.b[l][:, None]),
    _case("weight gradient clipped", WEIGHTS, wgrad=lambda m, l, d, e: np.clip(d.T @ m.a[l - 1], -0.05, 0.05)),
    _case("weight gradient doubled", WEIGHTS, wgrad=lambda m, l, d, e: 2 * d.T @ m.a[l - 1]),
    _case("sum of outer product", WEIGHTS, wgrad=lambda m, l, d, e: np.add.outer(d[0], m.a[l - 1][0])),
    _case("lasso", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ m.a[l - 1] + 0.01 * np.sign(m.W[l])),
    _case("first input always", WEIGHTS, wgrad=lambda m, l, d, e: d.T @ np.full_like(m.a[l - 1], m.a[l - 1][0, 0])),
    _case("delta squared in the weights", WEIGHTS, wgrad=lambda m, l, d, e: (d**2).T @ m.a[l - 1]),
    _case("weights of the output only zero", WEIGHTS, wgrad=lambda m, l, d, e: 0 * d.T @ m.a[l - 1]),
    _case("weights themselves", WEIGHTS, wgrad=lambda m, l, d, e: m.W[l].copy()),
    _case("bias doubled", BIASES, bgrad=lambda m, l, d, e: 2 * d[0]),
    _case("bias squared", BIASES, bgrad=lambda m, l, d, e: d[0] ** 2),
    _case("bias rolled", BIASES, bgrad=lambda m, l, d, e: _roll(d[0])),
    _case("bias plus delta", BIASES, bgrad=lambda m, l, d, e: d[0] + m.b[l]),
    _case("bias times activation", BIASES, bgrad=lambda m, l, d, e: d[0] * m.a[l][0]),
    _case("bias times slope", BIASES, bgrad=lambda m, l, d, e: d[0] * slope(m.z[l])[0]),
    _case("absolute bias", BIASES, bgrad=lambda m, l, d, e: np.abs(d[0])),
    _case("bias divided by its number", BIASES, bgrad=lambda m, l, d, e: d[0] / len(d[0])),
    _case("bias itself", BIASES, bgrad=lambda m, l, d, e: m.b[l].copy()),
    _case("bias of the largest", BIASES, bgrad=lambda m, l, d, e: np.full_like(d[0], d[0].max())),
    _case("bias with learning rate", BIASES, bgrad=lambda m, l, d, e: 0.01 * d[0]),
    _case("only the first layer", LOOP, whole=_stops_after),
    _case("stored one lower", LOOP, whole=_shifted),
    _case("stored in reverse", LOOP, whole=_reversed),
    _case("no biases at all", BIASES, whole=_no_biases),
    _case("weights multiplied without slopes", HIDDEN, whole=_forwards),
    _case("cubed error and bias doubled", OUTPUT, loss=lambda m, y, p: (p - y) ** 3, bgrad=lambda m, l, d, e: 2 * d[0]),
    _case(
        "weights squared and input squared",
        WEIGHTS,
        back=lambda m, l, d, e: d @ m.W[l] ** 2,
        wgrad=lambda m, l, d, e: d.T @ m.a[l - 1] ** 2,
    ),
    _case(
        "averaged slope, rolled bias",
        OUTPUT,
        act=_at_output(lambda m, l, e: e * slope(m.z[l]).mean()),
        bgrad=lambda m, l, d, e: _roll(d[0]),
    ),
)
