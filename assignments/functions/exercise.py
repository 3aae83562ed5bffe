"""The given code of the exercise, the probes, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch.autograd import Function

from grader.kit.calling import Context, apply, argument_order, call_in_order
from grader.kit.data_sets import data_sets
from grader.kit.functions import FunctionPart
from grader.kit.rightness import rightness
from grader.watch.by_hand import FunctionsByHand
from grader.watch.own_training import OwnTraining

__all__ = ["Context", "Function"]

EXAMPLES, COLUMNS, WIDTH = {"context": 6, "apply": 7, "single": 5}, 3, 4
"""Rows and columns differ: with one column, or as many as rows, some mistakes cannot be seen.

Each way of calling has another number of rows: where there were twice as many as columns, two counts were alike.
"""
SHAPES = (EXAMPLES["single"], WIDTH), (WIDTH, COLUMNS), (COLUMNS,)
"""Of the arguments of Linear: in another order they do not fit, so they tell in which order a class takes them."""
STEPS, STEP, HIDDEN = 150, 0.1, 10
"""Of the descents."""


def by_column(yhat, y):
    return ((yhat - y) ** 2).mean(0)


def over_all(yhat, y):
    return ((yhat - y) ** 2).mean()


def of_lengths(yhat, y):
    return ((yhat - y) ** 2).sum() / len(y)


def affine(x, w, b):
    return x @ w + b


def tried_in_three_ways(entry, arguments, formula, value, gradients, shapes=()):
    """With a context, where everything is seen; through `.apply`; and in single precision, whose probes say so.

    The last is called as in a network: see `FunctionPart`.
    """
    checks = {"value": value, **dict(zip(arguments, gradients, strict=True))}
    more = {"own": f"{entry.lower()}-own", "linear": "upstream", "untouched": "untouched"}
    return SimpleNamespace(
        context=FunctionPart(entry, arguments, formula, checks | more, shapes),
        apply=FunctionPart(entry, arguments, formula, checks, shapes, apply),
        single=FunctionPart(entry, arguments, formula, checks, shapes, as_in_a_network=True),
    )


def mean_squared_error(formula):
    return tried_in_three_ways("MSE", ("yhat", "y"), formula, "mse-forward", ("mse-yhat", "mse-y"))


mse = SimpleNamespace(
    by_column=mean_squared_error(by_column),
    over_all=mean_squared_error(over_all),
    of_lengths=mean_squared_error(of_lengths),
)
linear = tried_in_three_ways(
    "Linear", ("x", "w", "b"), affine, "linear-forward", ("linear-x", "linear-w", "linear-b"), SHAPES
)
tanh = tried_in_three_ways("Tanh", ("x",), torch.tanh, "tanh-forward", ("tanh-backward",))
relu = tried_in_three_ways("ReLU", ("x",), torch.relu, "relu-forward", ("relu-backward",))

READINGS = {
    "by_column": "a mean for each column",
    "over_all": "the mean over all entries",
    "of_lengths": "the mean of the squared lengths",
}
"""What `mean` may be taken to be, by part: the names are those of the reference."""
WAYS = {"context": "with a Context", "apply": "by .apply", "single": "in single precision"}


MODELS = {
    "of the linear model": [("Linear", "w", "b")],
    "with Tanh": [("Linear", "w1", "b1"), ("Tanh",), ("Linear", "w2", "b2")],
    "with ReLU": [("Linear", "w1", "b1"), ("ReLU",), ("Linear", "w2", "b2")],
}
"""The three models: each layer with its parameters; MSE comes after the last."""


class descents:  # noqa: N801  a part, named as in the probes
    """The three descents of the statement, run with the submission's four classes."""

    @staticmethod
    def quantities(_):
        """The curves, and the bars."""
        for model in MODELS:
            yield f"loss {model}", "descents", ""
        yield "test losses", "descents", ""

    @staticmethod
    @torch.no_grad()
    def observe(names, inputs, report):
        """Report the loss at each step of each descent; in the end, the loss of each model on the test set."""
        linear_order = argument_order(names["Linear"], affine, SHAPES)
        tests = []
        for model, layers in MODELS.items():
            chain = [
                (names[entry], linear_order if entry == "Linear" else (0,), parameters) for entry, *parameters in layers
            ]
            chain.append((names["MSE"], (0, 1), ["y"]))
            values = dict(inputs)
            losses = [one_step(chain, values) for _ in range(STEPS)]
            report(f"loss {model}", torch.tensor(losses))
            tests.append(number(forward(chain, values, inputs["x_test"], inputs["y_test"])[0]))
        report("test losses", torch.tensor(tests))


ASKED = {
    "MSE": ([by_column, over_all, of_lengths], [(EXAMPLES["single"], COLUMNS)] * 2),
    "Linear": ([affine], SHAPES),
    "Tanh": ([torch.tanh], [(3, 4)]),
    "ReLU": ([torch.relu], [(3, 4)]),
}
"""What each class is to compute, and the shapes that it is tried on where it is open which class was meant."""


def how_right(entry, _, candidate):
    """How much of what is asked a class does that may be the one that was meant."""
    return rightness(candidate, *ASKED[entry])


own_training = OwnTraining(lambda names: FunctionsByHand(names, affine, SHAPES), data_sets)


def forward(chain, values, x, y):
    """The loss, and the way back: the names of what each function took besides x, and its backward."""
    way_back = []
    for function, order, others in chain:
        taken = [y if name == "y" else values[name] for name in others]
        x, backward = call_in_order(function, order, [x, *taken])
        way_back.append((others, backward))
    return torch.as_tensor(x), way_back


def one_step(chain, values):
    """Go through the chain and back, change the parameters in `values`; the loss before."""
    loss, way_back = forward(chain, values, values["x"], values["y"])
    g = torch.ones_like(loss)
    for others, backward in reversed(way_back):
        g, *gradients = backward(g)
        for name, gradient in zip(others, gradients, strict=True):
            if name != "y":
                values[name] = values[name] - STEP * torch.as_tensor(gradient)
    return number(loss)


def number(loss):
    """A loss, or the sum of what has not become one number."""
    return float(loss.sum())


def single(array):
    """Rounded to single precision: then all ways of calling are tried at the same point."""
    return np.asarray(array).astype(np.float32).astype(np.float64)


def away_from_kinks(rng, shape):
    """N(0, 1), but neither near 0, where ReLU has no derivative, nor where tanh is flat; both signs in every column."""
    while True:
        x = single(rng.normal(0, 1, shape))
        if np.abs(x).min() >= 0.05 and np.abs(x).max() <= 2.5 and (np.ptp(np.sign(x), axis=0) == 2).all():
            return x


def upstream_rows(rng, count):
    """v1, v2, v1 + v2, -3 v1 and 0: sizes 10^U(-1, 1), mixed signs; multiples of 2^-10, so that no sum is rounded."""
    v1, v2 = (np.round(signs(rng, count) * 10 ** rng.uniform(-1, 1, count) * 1024) / 1024 for _ in range(2))
    return np.stack([v1, v2, v1 + v2, -3 * v1, 0 * v1])


def signs(rng, count):
    """Of three neighbours not all have the same sign: three are all that a mean for each column uses."""
    drawn = rng.choice([-1.0, 1.0], count)
    drawn[1::3] = -drawn[0::3]
    return drawn


def probes(rng):
    """What a submission is tried on: each function in three ways, MSE in three readings; then the descents."""
    for way, words in WAYS.items():
        told = {"public": way == "context"} | ({"dtype": "float32"} if way == "single" else {})
        shape = EXAMPLES[way], COLUMNS
        rows = upstream_rows(rng, EXAMPLES[way] * COLUMNS)
        for part, reading in READINGS.items():
            inputs = {"yhat": single(rng.normal(0, 1, shape)), "y": single(rng.normal(0, 1, shape))}
            yield told | {
                "name": f"mse-{way}-{part.replace('_', '-')}",
                "title": f"MSE {words}, {reading}",
                "inputs": inputs | {"grad_output": rows},
                "part": f"mse.{part}.{way}",
                "group": f"mse-{way}",
                "convention": part,
                "reading": reading,
            }
        parameters = {"w": single(rng.normal(0, 0.5, (COLUMNS, COLUMNS))), "b": single(rng.normal(0, 0.5, COLUMNS))}
        yield told | {
            "name": f"linear-{way}",
            "title": f"Linear {words}",
            "inputs": {"x": away_from_kinks(rng, shape)} | parameters | {"grad_output": rows},
            "part": f"linear.{way}",
        }
        for entry in ("Tanh", "ReLU"):
            yield told | {
                "name": f"{entry.lower()}-{way}",
                "title": f"{entry} {words}",
                "inputs": {"x": away_from_kinks(rng, shape), "grad_output": rows},
                "part": f"{entry.lower()}.{way}",
            }
    widths = {"w": single(rng.normal(0, 0.5, (WIDTH, COLUMNS))), "b": single(rng.normal(0, 0.5, COLUMNS))}
    yield {
        "name": "linear-widths",
        "title": "Linear where all widths differ",
        "inputs": {"x": away_from_kinks(rng, (EXAMPLES["single"], WIDTH))} | widths | {"grad_output": rows},
        "part": "linear.single",
        "graded": False,
    }
    yield {"name": "descents", "title": "three descents", "inputs": descent(rng), "part": "descents", "graded": False}
    yield {
        "name": "own training",
        "title": "the training loop of the file",
        "inputs": {},
        "part": "own_training",
        "dtype": "float32",
        "graded": False,
    }


def descent(rng):
    """The table, standardised, a fifth of it kept for the test; and parameters to start from."""
    with np.load(Path(__file__).with_name("diabetes.npz")) as data:
        x, y = data["x"], data["y"][:, None]
    x, y = ((a - a.mean(0)) / a.std(0) for a in (x, y))
    rows = rng.permutation(len(x))
    train, test = np.split(rows, [len(x) * 4 // 5])
    columns = x.shape[1]
    return {
        "x": x[train],
        "y": y[train],
        "x_test": x[test],
        "y_test": y[test],
        "w": rng.normal(0, 0.01, (columns, 1)),
        "b": np.zeros(1),
        "w1": rng.normal(0, columns**-0.5, (columns, HIDDEN)),
        "b1": np.zeros(HIDDEN),
        "w2": rng.normal(0, HIDDEN**-0.5, (HIDDEN, 1)),
        "b2": np.zeros(1),
    }
