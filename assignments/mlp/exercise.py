"""The probes of the exercise, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

from pathlib import Path

import numpy as np
import torch

from grader.kit.arguments import call
from grader.kit.data_sets import data_sets
from grader.kit.layouts import LAYOUTS, laid, plain
from grader.kit.learning import Learning
from grader.kit.part import Part
from grader.kit.two_layers import VARIANTS, Backward, Forward, passed, role_in_loss
from grader.kit.watermark import WATERMARK
from grader.watch.by_hand import TwoLayersByHand
from grader.watch.own_training import OwnTraining


class Activation(Part):
    """`sigma` or `dsigma`, of some numbers. The source of a derivative is the name of what is differentiated."""

    def __init__(self, function, source=""):
        self.function, self.needs, self.source = function, (function,), source

    def quantities(self, _):
        yield f"{self.function}(x)", self.function, self.source

    def scalar(self, point):
        return torch.tanh(point["x"]).sum()

    @torch.no_grad()
    def observe(self, names, inputs, report):
        report(f"{self.function}(x)", names[self.function](inputs["x"]))


class Distance(Part):
    """`loss` or `dloss`, of a prediction and a target, in the statement's order or in the one that their names tell."""

    def __init__(self, function, source="", *, by_names=False):
        self.function, self.needs, self.source, self.by_names = function, (function,), source, by_names

    def quantities(self, _):
        yield f"{self.function}(v, t)", self.function, self.source

    def scalar(self, point):
        return ((point["t"] - point["v"]) ** 2).sum()

    @torch.no_grad()
    def observe(self, names, inputs, report):
        told = role_in_loss if self.by_names else lambda _: None
        report(f"{self.function}(v, t)", call(names[self.function], ("v", "t"), told, inputs))


activation, activation_slope = Activation("sigma"), Activation("dsigma", "x")
distance, distance_by_names = Distance("loss"), Distance("loss", by_names=True)
distance_slope, distance_slope_by_names = Distance("dloss", "v"), Distance("dloss", "v", by_names=True)
forward, backward = Forward(), Backward()
training = Learning(rounds=8, steps=10, examples=5, rate=0.015)
own_training = OwnTraining(TwoLayersByHand, data_sets)

FORWARD_VARIANTS = ("", "right sigma")
BACKWARD_VARIANTS = ("", "its own forward_pass", "right dloss", "right dsigma", "right helpers")
SHAPES = {"a vector": lambda a: a[0], "a column": lambda a: a[:1].T, "a row": lambda a: a[:1], "a matrix": lambda a: a}


def probes(rng):
    """What a submission is tried on. Of the probes of one group, the one that earns the most counts."""
    x, v, t = (rng.uniform(0.3, 2, (3, 5)) * rng.choice([-1, 1], (3, 5)) for _ in range(3))
    for part in ("activation", "activation_slope"):
        for shape, put in SHAPES.items():
            yield probe(part, shape, {"x": put(x)}, group=part, public=True)
    yield probe("activation", "large numbers", {"x": np.array([-800.0, -30.0, 30.0, 800.0])}, graded=False)
    for part in ("distance", "distance_by_names", "distance_slope", "distance_slope_by_names"):
        for shape in ("a vector", "a column", "a row"):
            inputs = {"v": SHAPES[shape](v), "t": SHAPES[shape](t)}
            yield probe(part, shape, inputs, group=part.removesuffix("_by_names"), public=True)
    for title, widths in (("different widths [4, 3, 5]", [4, 3, 5]), ("equal widths [3, 3, 3]", [3, 3, 3])):
        public = len(set(widths)) > 1
        drawn = net(rng, widths, 3)
        for layout in LAYOUTS:
            for number, variant in enumerate(VARIANTS):
                inputs = laid(drawn, layout) | {"variant": np.array(float(number))}
                manner = f"{title}, {layout}" + (f", with {variant}" if variant else "")
                if variant in FORWARD_VARIANTS:
                    yield probe("forward", manner, inputs, group=f"forward, {title}", convention=layout, public=public)
                if variant in BACKWARD_VARIANTS:
                    yield probe(
                        "backward", manner, inputs, group=f"backward, {title}", convention=layout, public=public
                    )
    yield probe("training", "8x8 digits [64, 16, 10]", digits(rng), graded=False) | {"name": "digits"}
    yield from probes_for_evidence(rng)
    yield {
        "name": "own training",
        "title": "the training loop of the file",
        "inputs": {},
        "part": "own_training",
        "dtype": "float32",
        "graded": False,
    }


def probes_for_evidence(rng):
    """Probes that are never graded, and show whether gradients were derived by hand.

    - `watermark`: the submission's `sigma` is tanh(x) + 1e-10 sin(5e8 x) while `backward_pass` runs. The derivation
      calls `dsigma` and shows nothing of it; who differentiates the own forward pass gets derivatives that are off.
    - `caches`: s1 and s2 are drawn, x1 and x2 their tanh, unrelated to the weights. The derivation follows them.
    - `instruments`: what is executed during the call is counted.
    """
    x, v, t = rng.uniform(0.3, 2, (3, 4))
    yield probe("activation_slope", "a watched call of dsigma", {"x": x}, evidence="instruments")
    yield probe("distance_slope", "a watched call of dloss", {"v": v, "t": t}, evidence="instruments")
    drawn = net(rng, [3, 5, 4], 3)
    additions = {
        "watermark": ("a marked sigma", {"watermark": np.array(WATERMARK)}),
        "caches": ("drawn s and x", {"s1": rng.uniform(-1.5, 1.5, (3, 5)), "s2": rng.uniform(-1.5, 1.5, (3, 4))}),
        "instruments": ("a watched call", {}),
    }
    for evidence, (title, more) in additions.items():
        for layout in LAYOUTS:
            inputs = laid(drawn, layout) | {"variant": np.array(0.0)}
            given = {
                name: value[: len(plain(inputs)["x"])] if name[0] == "s" else value for name, value in more.items()
            }
            yield probe(
                "backward", f"{title} [3, 5, 4], {layout}", inputs | given, evidence=evidence, convention=layout
            )


def probe(part, title, inputs, **more):
    return {"name": f"{part}: {title}", "title": title, "inputs": inputs, "part": part} | more


def net(rng, widths, examples):
    """A two-layer net and examples in rows: |s| <= 2.5, errors of both signs in each, so that no mistake hides."""
    while True:
        drawn = parameters(rng, widths) | {"x": rng.normal(0, 1, (examples, widths[0]))}
        s1, _, s2, x2 = (a.numpy() for a in passed({name: torch.tensor(a) for name, a in drawn.items()}))
        drawn["y"] = rng.normal(0, 1, x2.shape)
        error = x2 - drawn["y"]
        mixed = np.abs(np.sign(error).sum(1)) < widths[2]
        if max(np.abs(s1).max(), np.abs(s2).max()) <= 2.5 and mixed.all() and np.abs(error).min() > 0.05:
            return drawn


def parameters(rng, widths):
    """Weights N(0, 1/sqrt(n)) for n inputs of a layer, biases N(0, 0.5)."""
    n0, n1, n2 = widths
    w1, w2 = rng.normal(0, n0**-0.5, (n1, n0)), rng.normal(0, n1**-0.5, (n2, n1))
    return {"w[1]": w1, "b[1]": rng.normal(0, 0.5, n1), "w[2]": w2, "b[2]": rng.normal(0, 0.5, n2)}


def digits(rng):
    """A net [64, 16, 10] whose biases are 0, and 450 digits, pixels within 0 .. 1: the last 50 are for trial."""
    with np.load(Path(__file__).with_name("digits.npz")) as data:
        chosen = rng.choice(len(data["labels"]), 450, replace=False)
        images, labels = data["images"][chosen].reshape(-1, 64) / 16, data["labels"][chosen]
    start = parameters(rng, [64, 16, 10]) | {"b[1]": np.zeros(16), "b[2]": np.zeros(10)}
    return start | {"x": images, "y": 0.9 * np.eye(10)[labels]}
