"""The probes of the exercise, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from grader.kit.data_sets import data_sets
from grader.kit.helper_functions import HelperFunction
from grader.kit.learning import Learning
from grader.kit.two_layer_probes import for_evidence, in_each_layout, net, parameters, probe
from grader.kit.two_layers import Backward, Forward, role_in_loss
from grader.watch.training.by_hand import TwoLayersByHand
from grader.watch.training.own_training import OwnTraining

__all__ = ["torch"]


def squared(v, t):
    return (t - v) ** 2


activation = HelperFunction("sigma", ("x",), torch.tanh)
activation_slope = HelperFunction("dsigma", ("x",), torch.tanh, "x")
distance = HelperFunction("loss", ("v", "t"), squared)
distance_slope = HelperFunction("dloss", ("v", "t"), squared, "v")
distance_by_names = replace(distance, role_of=role_in_loss)
distance_slope_by_names = replace(distance_slope, role_of=role_in_loss)
forward, backward = Forward(), Backward()
training = Learning(rounds=8, steps=10, examples=5, rate=0.015)
own_training = OwnTraining(TwoLayersByHand, data_sets)

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
    yield from in_each_layout("different widths [4, 3, 5]", net(rng, [4, 3, 5], 3), public=True)
    yield from in_each_layout("equal widths [3, 3, 3]", net(rng, [3, 3, 3], 3), public=False)
    yield probe("training", "8x8 digits [64, 16, 10]", digits(rng), graded=False) | {"name": "digits"}
    x, v, t = rng.uniform(0.3, 2, (3, 4))
    yield probe("activation_slope", "a watched call of dsigma", {"x": x}, evidence="instruments")
    yield probe("distance_slope", "a watched call of dloss", {"v": v, "t": t}, evidence="instruments")
    yield from for_evidence(rng, [3, 5, 4])
    yield own_training.probe("own_training")


def digits(rng):
    """A net [64, 16, 10] whose biases are 0, and 450 digits, pixels within 0 .. 1: the last 50 are for trial."""
    with np.load(Path(__file__).with_name("digits.npz")) as data:
        chosen = rng.choice(len(data["labels"]), 450, replace=False)
        images, labels = data["images"][chosen].reshape(-1, 64) / 16, data["labels"][chosen]
    start = parameters(rng, [64, 16, 10]) | {"b[1]": np.zeros(16), "b[2]": np.zeros(10)}
    return start | {"x": images, "y": 0.9 * np.eye(10)[labels]}
