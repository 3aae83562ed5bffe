"""The data of the exercise, and how a script is run and watched.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

from pathlib import Path

import numpy as np
import torch

from grader.watch.running.loops import BEGIN, EACH
from grader.watch.running.rewrite import DATA as LOADED
from grader.watch.running.rewrite import SERVED
from grader.watch.stubs import scikit
from grader.watch.stubs.loaders import bunch
from grader.watch.training.held_out import following
from grader.watch.training.recorder import recording
from grader.wire.trace import CURVE, LARGEST

SECONDS = 15.0
"""How long a script may keep the processor busy; what it has done until then is graded."""
TEST_ROWS = 89
NAMES = ("datax", "datay", "testx", "testy")
DATA = Path(__file__).with_name("diabetes.npz")
read = np.load
COLUMNS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
KINDS = ("batch", "stochastic", "mini-batch", "network")


def split(rng):
    """Training set and test set, columns and targets scaled to mean 0 and standard deviation 1 on the training set.

    Shapes (353, 10), (353, 1), (89, 10), (89, 1).
    """
    with read(DATA) as data:
        order = rng.permutation(len(data["x"]))
        x, y = data["x"][order].astype(np.float64), data["y"][order, None].astype(np.float64)
    first = slice(TEST_ROWS, None)
    x, y = ((values - values[first].mean(0)) / values[first].std(0) for values in (x, y))
    return x[first], y[first], x[:TEST_ROWS], y[:TEST_ROWS]


def diabetes(seed=0):
    """datax, datay, testx, testy as float32 tensors, for your own computer."""
    return tuple(torch.tensor(values, dtype=torch.float32) for values in split(np.random.default_rng(seed)))


def load_diabetes(*, scaled=True, **how):
    """The data as scikit-learn has them: float64, columns of mean 0 and norm 1 or as measured, targets as measured."""
    with read(DATA) as data:
        x, y = data["x"].astype(np.float64), data["y"].astype(np.float64)
    x = (x - x.mean(0)) / x.std(0) / len(x) ** 0.5 if scaled else x
    return bunch(x, y, COLUMNS, "target", **how)


def beside_this_file(file, *args, **kwargs):
    """`numpy.load`, where the data lie beside the script, as on a student's computer."""
    return read(DATA if isinstance(file, str | Path) and Path(file).name == DATA.name else file, *args, **kwargs)


def probes(rng):
    """One split of the data, on which the script is run."""
    inputs = dict(zip(NAMES, split(rng), strict=True))
    yield {"name": "script", "title": "the script", "inputs": inputs, "dtype": "float32", "public": True}


def quantities(inputs):
    """What is claimed of the training that was seen: (quantity, the check that it counts for, claim)."""
    yield "loss of question 1", "q1-loss", "linear: the loss is the mean squared error"
    yield "gradients of question 1", "q1-gradient-reset", "linear: gradients are reset"
    yield "prediction of question 1", "q1-fresh", "linear: the loss is computed anew"
    yield "update of question 1", "q1-update", "linear: updates follow the gradient"
    yield "batch descent", "q1-batch", "linear: all rows an update"
    yield "stochastic descent", "q1-stochastic", "linear: one row an update"
    yield "mini-batch descent", "q1-minibatch", "linear: some rows an update"
    yield "test set in question 1", "q1-test-untouched", "linear: the test set never trains"
    yield "network of modules", "q2-network", "network: modules"
    yield "network in a container", "q2-sequential", "network: a container"
    yield "loss of question 2", "q2-loss", "network: the loss is the mean squared error"
    yield "parameters of question 2", "q2-parameters", "network: every parameter changes"
    yield "optimiser", "q2-optimiser", "network: an optimiser steps"
    yield "test set in question 2", "q2-test-untouched", "network: the test set never trains"


def extras(inputs):
    """What is reported besides: the trace, and curves of losses."""
    yield "trace", LARGEST
    for kind in KINDS:
        yield f"{kind}, training", CURVE
        yield f"{kind}, test", CURVE
    yield "logged, training", CURVE
    yield "logged, test", CURVE


def observe(names, inputs, report):
    """Run the script with the data under their names, and report what it trained."""
    logged = []
    data = [(inputs["datax"], inputs["datay"]), (inputs["testx"], inputs["testy"])]
    found = {"exercise": {"diabetes": lambda *_, **__: tuple(inputs[name] for name in NAMES)}}
    np.load = beside_this_file
    try:
        with recording(data, SECONDS) as recorder:
            served = {}

            def its_own(**options):
                served["load_diabetes"] = ()
                return load_diabetes(**options)

            split_apart = following(scikit.train_test_split, recorder.hold_out)
            found["sklearn"] = {"load_diabetes": its_own, "train_test_split": split_apart}
            watched = {LOADED: data, SERVED: served}
            watched |= {EACH: recorder.loops.each, BEGIN: recorder.loops.begin}
            watched |= {"__grader_scalars__": logged, "__grader_modules__": found}
            names["script"](inputs | watched)
    finally:
        report("trace", recorder.trace())
        for name, values in curves(recorder.runs, logged).items():
            report(name, thinned(values))
    if recorder.ended:
        raise TimeoutError(f"the script was stopped after {SECONDS:.0f} s; what it had done until then is graded")


def curves(runs, logged):
    """Losses by what was trained, the last of each kind; and what was logged for TensorBoard, by its tag."""
    found = {}
    for run in runs:
        if run.path.count("L") > 1:
            kind = "network"
        else:
            rows = int(np.median(run.rows.sizes))
            some = "batch" if 2 * rows >= len(run.rows.distinct) else "mini-batch"
            kind = {0: "batch", 1: "stochastic"}.get(rows, some)
        found |= {f"{kind}, training": run.losses.values, f"{kind}, test": run.tests}
    for tag, _, value in logged:
        what = "test" if any(word in tag.lower() for word in ("test", "val", "eval")) else "training"
        found.setdefault(f"logged, {what}", []).append(value)
    return {name: values for name, values in found.items() if values}


def thinned(values):
    """At most CURVE of the values, the first and the last among them."""
    return np.asarray(values, float)[np.unique(np.linspace(0, len(values) - 1, CURVE).astype(int))]
