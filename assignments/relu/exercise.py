"""The network of the exercise, the probes, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from grader.kit.data_sets import data_sets
from grader.kit.in_network import InANetwork, OwnNetwork
from grader.kit.modules import AfterALayer, Alone, like, made
from grader.kit.part import Part
from grader.kit.rightness import module_rightness, rightness
from grader.watch.training.own_training import OwnTraining

__all__ = ["F", "nn", "torch"]

SHAPES = {
    "conv1.weight": (6, 1 * 5 * 5),
    "conv1.bias": (6,),
    "conv2.weight": (16, 6 * 5 * 5),
    "conv2.bias": (16,),
    "fc1.weight": (120, 400),
    "fc1.bias": (120,),
    "fc2.weight": (84, 120),
    "fc2.bias": (84,),
    "fc3.weight": (2, 84),
    "fc3.bias": (2,),
}
"""The parameters of the network, by name; the weights of a convolution have one row for each channel that it makes."""

TRIED = {"matrix": (5, 4), "images": (2, 3, 4, 4), "vector": (7,)}
"""What the Function is tried on: shapes, each of another number of entries."""


def layers(point, relu):
    """What each ReLU of the network is given, in order, what `fc1`, `fc2`, `fc3` are given, and its output."""
    channels = len(point["conv1.bias"])
    z1 = F.conv2d(point["image"], point["conv1.weight"].reshape(-1, 1, 5, 5), point["conv1.bias"])
    z2 = F.conv2d(F.max_pool2d(relu(z1), 2), point["conv2.weight"].reshape(-1, channels, 5, 5), point["conv2.bias"])
    a2 = torch.flatten(F.max_pool2d(relu(z2), 2), 1)
    z3 = F.linear(a2, point["fc1.weight"], point["fc1.bias"])
    a3 = relu(z3)
    z4 = F.linear(a3, point["fc2.weight"], point["fc2.bias"])
    a4 = relu(z4)
    return (z1, z2, z3, z4), {"fc1": a2, "fc2": a3, "fc3": a4}, F.linear(a4, point["fc3.weight"], point["fc3.bias"])


# ---- probes


def upstream(rng, x):
    """Incoming gradients of sizes from 0.1 to 10, of each sign where `x` is negative and where it is positive.

    All four pairs of signs are in every trial, so what is told does not depend on the seed.
    """
    signs = rng.choice([-1.0, 1.0], x.shape)
    for side in (x < 0, x > 0):
        places = rng.permutation(np.flatnonzero(side))
        signs.flat[places[:2]] = -1.0, 1.0
    return signs * 10 ** rng.uniform(-1, 1, x.shape)


def away_from_zero(rng, size):
    """N(0, 1), no entry within 0.05 of the bend; some tell where the slope changes, and that nothing is cut off."""
    x = rng.normal(0, 1, size)
    x = np.where(np.abs(x) < 0.05, np.copysign(0.05 + np.abs(x), x), x)
    x[:4] = 9.0, 0.1, -0.1, -1.0
    return x


def before_the_module(rng, rows=5):
    """A linear layer and its input such that nothing that the Module is given is within 0.1 of the bend."""
    while True:
        inputs = {"x": rng.normal(0, 1, (rows, 3)), "w": rng.normal(0, 3**-0.5, (4, 3)), "b": rng.normal(0, 0.5, 4)}
        entering = inputs["x"] @ inputs["w"].T + inputs["b"]
        if np.abs(entering).min() >= 0.1 and min((entering < 0).sum(), (entering > 0).sum()) >= 2:
            return inputs | {"g": upstream(rng, entering)}


def network_away_from_kinks(rng, distance=2e-4):
    """Parameters, an image and a target such that no decision of the network hangs by less than `distance`.

    Decisions are the signs of what enters the ReLUs, and which of four entries is the largest where one is positive.
    """
    while True:
        inputs = {
            name: rng.normal(0, np.prod(shape[1:]) ** -0.5 if len(shape) > 1 else 0.1, shape)
            for name, shape in SHAPES.items()
        }
        inputs |= {"image": rng.normal(0, 1, (1, 1, 32, 32)), "target": rng.normal(0, 1, (1, 2))}
        entering, _, _ = layers({name: torch.as_tensor(value) for name, value in inputs.items()}, F.relu)
        signs = min(float(z.abs().min()) for z in entering)
        if min(signs, *(lead(z) for z in entering[:2])) >= distance:
            return inputs


def smaller(inputs):
    """The network with a few of its channels and units; of what enters each ReLU some is negative and some positive."""
    sizes = {"conv1": (2, 25), "conv2": (3, 50), "fc1": (4, 3), "fc2": (3, 4), "fc3": (2, 3)}
    cut = {"image": inputs["image"][:, :, :16, :16], "target": inputs["target"]}
    for first in range(SHAPES["fc2.weight"][0]):
        for layer, (rows, columns) in sizes.items():
            cut[f"{layer}.weight"] = np.roll(inputs[f"{layer}.weight"], -first, axis=0)[:rows, :columns]
            cut[f"{layer}.bias"] = np.roll(inputs[f"{layer}.bias"], -first)[:rows]
        entering, _, _ = layers({name: torch.as_tensor(value) for name, value in cut.items()}, F.relu)
        if all(bool((z > 0).any() and (z < 0).any()) for z in entering):
            break
    return cut


def lead(z):
    """By how much the largest of each 2x2 window exceeds the others, where it is positive: the least of it."""
    windows = F.unfold(F.relu(z).transpose(0, 1), 2, stride=2)
    first, second = windows.topk(2, dim=1).values.unbind(1)
    return float((first - second)[first > 0].min())


def noisy_absolute_value(rng, examples=50, units=10):
    """|x| and noise, and a start for a net of one hidden layer: units that bend at places between -1 and 1."""
    x = rng.normal(0, 1, (examples, 1))
    w1 = rng.choice([-1.0, 1.0], (units, 1)) * rng.uniform(0.5, 1, (units, 1))
    return {
        "x": x,
        "y": np.abs(x) + rng.normal(0, 0.2, x.shape),
        "w1": w1,
        "b1": w1[:, 0] * rng.uniform(-1, 1, units),
        "w2": rng.normal(0, units**-0.5, (1, units)),
        "b2": np.zeros(1),
    }


def probes(rng):
    """Shapes of many kinds for the Function, the Module after a linear layer, the network, and a training run."""
    for name, shape in TRIED.items():
        size, single = np.prod(shape), name == "vector"
        x = away_from_zero(rng, size)
        inputs = {"x": x, "g": upstream(rng, x)}
        if single:
            inputs = {key: value.astype(np.float32).astype(np.float64) for key, value in inputs.items()}
        yield {
            "name": name,
            "title": f"the Function on shape {shape}" + ", single precision" * single,
            "part": "function",
            "inputs": inputs,
            "public": name == "matrix",
            "dtype": "float32" if single else "float64",
        }
    inputs = before_the_module(rng)
    yield {
        "name": "module",
        "title": "the Module after a linear layer",
        "part": "module",
        "inputs": inputs,
        "public": True,
    }
    drawn = network_away_from_kinks(rng)
    yield {"name": "network", "title": "the network, one image", "part": "network", "inputs": drawn}
    inputs = noisy_absolute_value(rng)
    yield {
        "name": "regression",
        "title": "y = |x| + noise, learned with the Module",
        "part": "regression",
        "inputs": inputs,
        "public": True,
        "graded": False,
    }
    yield {
        "name": "Net2",
        "title": "the class Net2 of the file, one image",
        "part": "net2",
        "inputs": drawn,
        "graded": False,
    }
    yield own_training.probe("own_training")


# ---- what a submission is asked


class Learning(Part):
    """A small net with the Module learns y = |x| + noise, by 60 steps down the gradient of the mean squared error."""

    needs = ("Module",)

    def quantities(self, inputs):
        yield "loss", "learns", ""

    def observe(self, names, inputs, report):
        module = made(names, "ReLU")
        parameters = [inputs[name].clone().requires_grad_() for name in ("w1", "b1", "w2", "b2")]
        losses = []
        for _ in range(60):
            w1, b1, w2, b2 = parameters
            z = F.linear(inputs["x"], w1, b1)
            loss = F.mse_loss(F.linear(like(module(z), z), w2, b2), inputs["y"])
            losses.append(loss.detach())
            slopes = torch.autograd.grad(loss, parameters)
            parameters = [(p - 0.1 * s).detach().requires_grad_() for p, s in zip(parameters, slopes, strict=True)]
        report("loss", torch.stack(losses))


def how_right(entry, _, candidate):
    """How much of what is asked a class does that may be the one that was meant: a Module calls a Function."""
    if entry == "Function":
        return rightness(candidate, [F.relu], [(3, 4)])
    return module_rightness(candidate, F.relu, "ReLU") if entry == "Module" else 0


function, module = Alone(F.relu, TRIED.values()), AfterALayer(F.relu, "ReLU")
network = InANetwork(layers, F.relu, SHAPES, places=4, step=2.0**-18, kind="ReLU", cut=smaller)
net2 = OwnNetwork(network, "Net2", "comparison with F.relu", "net2")
regression, own_training = Learning(), OwnTraining(modules=data_sets)
