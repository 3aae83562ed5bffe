"""The given code of the exercise, the probes, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch.autograd import Function

from grader.kit.chains import Chains
from grader.kit.context import Context
from grader.kit.data_sets import data_sets
from grader.kit.rightness import rightness
from grader.kit.tables import standardised
from grader.kit.ways import away_from_kinks, each_way, in_each_way, probe, single
from grader.watch.training.by_hand import FunctionsByHand
from grader.watch.training.own_training import OwnTraining

__all__ = ["Context", "Function"]

EXAMPLES, COLUMNS, WIDTH = {"context": 6, "apply": 7, "single": 5}, 3, 4
"""Rows and columns differ: with one column, or as many as rows, some mistakes cannot be seen.

Each way of calling has another number of rows: where there were twice as many as columns, two counts were alike.
"""
SHAPES = (EXAMPLES["single"], WIDTH), (WIDTH, COLUMNS), (COLUMNS,)
"""Of the arguments of Linear: in another order they do not fit, so they tell in which order a class takes them."""
HIDDEN = 10
"""Units of the descents."""


def by_column(yhat, y):
    return ((yhat - y) ** 2).mean(0)


def over_all(yhat, y):
    return ((yhat - y) ** 2).mean()


def of_lengths(yhat, y):
    return ((yhat - y) ** 2).sum() / len(y)


def affine(x, w, b):
    return x @ w + b


def function(entry, arguments, formula, gradients, shapes=()):
    """One of the four classes, and what its checks are called."""
    slug = entry.lower()
    checks = dict(zip(("value", *arguments), (f"{slug}-{told}" for told in ("forward", *gradients)), strict=True))
    return in_each_way(entry, arguments, formula, checks, {"own": f"{slug}-own"} | SEEN, shapes)


SEEN = {"linear": "upstream", "untouched": "untouched"}
READINGS = {
    by_column: "a mean for each column",
    over_all: "the mean over all entries",
    of_lengths: "the mean of the squared lengths",
}
"""What `mean` may be taken to be; the names are those of the reference."""
mse = SimpleNamespace(**{f.__name__: function("MSE", ("yhat", "y"), f, ("yhat", "y")) for f in READINGS})
linear = function("Linear", ("x", "w", "b"), affine, ("x", "w", "b"), SHAPES)
tanh = function("Tanh", ("x",), torch.tanh, ("backward",))
relu = function("ReLU", ("x",), torch.relu, ("backward",))

MODELS = {
    "of the linear model": [("Linear", "w", "b"), ("MSE", "y")],
    "with Tanh": [("Linear", "w1", "b1"), ("Tanh",), ("Linear", "w2", "b2"), ("MSE", "y")],
    "with ReLU": [("Linear", "w1", "b1"), ("ReLU",), ("Linear", "w2", "b2"), ("MSE", "y")],
}
"""The three descents of the statement: each layer with its parameters."""
descents = Chains(MODELS, "descents", {"Linear": (affine, SHAPES)}, steps=150, rate=0.1)
ASKED = {"Linear": ([affine], SHAPES), "Tanh": ([torch.tanh], [(3, 4)]), "ReLU": ([torch.relu], [(3, 4)])}
ASKED |= {"MSE": (list(READINGS), [(EXAMPLES["single"], COLUMNS)] * 2)}
"""What each class is to compute, and the shapes that it is tried on where it is open which class was meant."""


def how_right(entry, _, candidate):
    """How much of what is asked a class does that may be the one that was meant."""
    return rightness(candidate, *ASKED[entry])


own_training = OwnTraining(lambda names: FunctionsByHand(names, affine, SHAPES), data_sets)


def normal(rng, spread, *shape):
    return single(rng.normal(0, spread, shape))


def probes(rng):
    """What a submission is tried on: each function in three ways, MSE in three readings; then the descents."""
    for way, words, rows in each_way({way: rows * COLUMNS for way, rows in EXAMPLES.items()}, rng):
        shape = EXAMPLES[way], COLUMNS
        for part, reading in zip(vars(mse), READINGS.values(), strict=True):
            inputs = {"yhat": normal(rng, 1, *shape), "y": normal(rng, 1, *shape)}
            name, title = f"mse-{way}-{part.replace('_', '-')}", f"MSE {words}, {reading}"
            told = {"part": f"mse.{part}.{way}", "group": f"mse-{way}", "convention": part, "reading": reading}
            yield probe(way, name, title, inputs, rows, **told)
        more = {"w": normal(rng, 0.5, COLUMNS, COLUMNS), "b": normal(rng, 0.5, COLUMNS)}
        for entry, parameters in (("Linear", more), ("Tanh", {}), ("ReLU", {})):
            inputs, name = {"x": away_from_kinks(rng, shape)} | parameters, entry.lower()
            yield probe(way, f"{name}-{way}", f"{entry} {words}", inputs, rows, part=f"{name}.{way}")
    inputs = {"w": normal(rng, 0.5, WIDTH, COLUMNS), "b": normal(rng, 0.5, COLUMNS)}
    inputs = {"x": away_from_kinks(rng, SHAPES[0])} | inputs
    title = "Linear where all widths differ"
    yield probe("context", "linear-widths", title, inputs, rows, part="linear.single", public=False, graded=False)
    yield {"name": "descents", "title": "three descents", "inputs": descent(rng), "part": "descents", "graded": False}
    yield own_training.probe("own_training")


def descent(rng):
    """The table of the statement, and parameters to start from."""
    table = standardised(Path(__file__).with_name("diabetes.npz"), rng)
    columns = table["x"].shape[1]
    shapes = {"w": (columns, 1), "w1": (columns, HIDDEN), "w2": (HIDDEN, 1)}
    start = {name: rng.normal(0, 0.01 if name == "w" else shape[0] ** -0.5, shape) for name, shape in shapes.items()}
    return table | start | {name.replace("w", "b"): np.zeros(shape[1]) for name, shape in shapes.items()}
