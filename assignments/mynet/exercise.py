"""The given code of the exercise, the probes, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from grader.kit.stored import StoredOnModel, parameters, unsaturated
from grader.kit.watermark import WATERMARK


class MyNet(nn.Module):
    """Fully connected tanh layers that keep what backpropagation needs.

    `n_l` lists the widths n(0) .. n(L). After `y_pred = model(x)` with x of shape (1, n(0)):
    `a[l]` and `z[l]` have shape (1, n(l)), `a[0]` is the input and `a[L]` the prediction;
    `fc[str(l)].weight` has shape (n(l), n(l-1)) and `fc[str(l)].bias` shape (n(l),);
    `f[l]` is the activation of layer l, `df[l]` its derivative, both functions of z.
    """

    def __init__(self, n_l=(2, 3, 2)):
        super().__init__()
        self.n_l = list(n_l)
        self.L = len(self.n_l) - 1
        layers = range(1, self.L + 1)
        self.z = dict.fromkeys(layers)
        self.a = dict.fromkeys(range(self.L + 1))
        self.dL_dw = dict.fromkeys(layers)
        self.dL_db = dict.fromkeys(layers)
        self.f = dict.fromkeys(layers, torch.tanh)
        self.df = {l: (lambda z: 1 / torch.cosh(z) ** 2) for l in layers}
        self.fc = nn.ModuleDict({str(l): nn.Linear(self.n_l[l - 1], self.n_l[l]) for l in layers})

    def forward(self, x):
        """The prediction, shape (1, n(L)); keeps every z[l] and a[l]."""
        self.a[0] = torch.flatten(x, 1)
        for l in range(1, self.L + 1):
            self.z[l] = self.fc[str(l)](self.a[l - 1])
            self.a[l] = self.f[l](self.z[l])
        return self.a[self.L]


def digits(rng, count):
    """Real MNIST digits, centre crop 24x24, normalised; targets one-hot. Shapes (count, 1, 576) and (count, 1, 10)."""
    with np.load(Path(__file__).with_name("digits.npz")) as data:
        chosen = rng.choice(len(data["labels"]), count, replace=False)
        images = data["images"][chosen, 2:26, 2:26] / 255
        labels = data["labels"][chosen]
    return ((images - 0.1306) / 0.3080).reshape(count, 1, -1), np.eye(10)[labels][:, None, :]


def probes(rng):
    """What a submission is tried on: a net of given widths, and the examples that it sees, one call each.

    Widths that differ turn a wrong product into a crash, equal ones into wrong numbers;
    three layers show what two hide.
    """
    yield {"name": "toy", "title": "toy [2, 3, 2]", "inputs": unsaturated(rng, [2, 3, 2], 10), "public": True}
    x, y = digits(rng, 3)
    mnist = parameters(rng, [576, 16, 10]) | {"x": x, "y": y}
    mnist["w[1]"] /= 4  # bright pixels are 2.8: this keeps |z| below 2.5
    yield {"name": "mnist", "title": "digits [576, 16, 10]", "inputs": mnist, "public": True}
    yield {"name": "widths", "title": "different widths [4, 3, 5]", "inputs": unsaturated(rng, [4, 3, 5], 2)}
    yield {"name": "square", "title": "three layers [3, 3, 3, 3]", "inputs": unsaturated(rng, [3, 3, 3, 3], 2)}
    yield {"name": "single", "title": "one layer [4, 3]", "inputs": unsaturated(rng, [4, 3], 2)}
    yield {"name": "narrow", "title": "width one [3, 1, 2]", "inputs": unsaturated(rng, [3, 1, 2], 2)}
    yield from probes_for_evidence(rng)


def probes_for_evidence(rng):
    """Probes that are never graded: whether gradients were derived by hand, and whether loops run over units.

    - `watermark`: the activation is tanh(z) + 1e-10 sin(5e8 z), while `df` stays as it is. The values hardly differ,
      but the derivative that a machine finds in the forward pass is off by up to 0.05.
    - `caches`: z[l] is drawn and a[l] = tanh(z[l]), unrelated to the weights. What the derivation reads follows them.
    - `instruments`: what is executed during the call is counted, at two widths; each layer of the second net has eight
      units more.

    `once` among the inputs spares the second call.
    """
    once = {"once": np.ones(1)}
    marked = unsaturated(rng, [3, 5, 4], 1) | once | {"watermark": np.array(WATERMARK)}
    yield {"name": "marked", "title": "a marked forward pass [3, 5, 4]", "inputs": marked, "evidence": "watermark"}
    drawn = unsaturated(rng, [3, 5, 4], 1) | once
    drawn |= {f"z[{l}]": rng.uniform(-1.5, 1.5, (1, 1, width)) for l, width in ((1, 5), (2, 4))}
    yield {"name": "drawn", "title": "drawn z and a [3, 5, 4]", "inputs": drawn, "evidence": "caches"}
    for name, widths in (("few", [3, 2, 4]), ("many", [11, 10, 12])):
        inputs = unsaturated(rng, widths, 1) | once
        yield {"name": f"{name} units", "title": f"{name} units {widths}", "inputs": inputs, "evidence": "instruments"}


net = StoredOnModel(
    MyNet,
    "backpropagation",
    lambda y_pred, y_true: ((y_pred - y_true) ** 2).sum(),
    {"output": ("output-weights", "output-biases"), "hidden": ("hidden-weights", "hidden-biases")},
)
"""The loss that the oracles differentiate, and the checks that gradients count for; the exercise is this one part."""
quantities, extras, points, network = net.quantities, net.extras, net.points, net.network
scalar, observe, make_ready = net.scalar, net.observe, net.make_ready
observe_briefly = net.observe_briefly
