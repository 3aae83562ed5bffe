"""The given code of the exercise, the probes, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

import itertools
from pathlib import Path

import numpy as np
import torch
from torch import nn

from grader.kit.watermark import WATERMARK, marked_tanh
from grader.wire.facts import Fact


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


def parameters(rng, widths):
    """Weights N(0, 1/sqrt(n_in)) and biases N(0, 0.5): large enough that no mistake hides, nothing saturates."""
    inputs = {}
    for l, (n_in, n_out) in enumerate(itertools.pairwise(widths), start=1):
        inputs[f"w[{l}]"] = rng.normal(0, n_in**-0.5, (n_out, n_in))
        inputs[f"b[{l}]"] = rng.normal(0, 0.5, n_out)
    return inputs


def unsaturated(rng, widths, examples, batch=1):
    """A net and random examples with |z| <= 2.5 in every layer: drawn again until that holds."""
    while True:
        inputs = parameters(rng, widths)
        a = inputs["x"] = rng.normal(0, 1, (examples, batch, widths[0]))
        inputs["y"] = rng.normal(0, 1, (examples, batch, widths[-1]))
        largest = 0.0
        for l in range(1, len(widths)):
            z = a @ inputs[f"w[{l}]"].T + inputs[f"b[{l}]"]
            a, largest = np.tanh(z), max(largest, np.abs(z).max())
        if largest <= 2.5:
            return inputs


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


def depth(inputs):
    return sum(name.startswith("w[") for name in inputs)


def quantities(inputs):
    """What is expected of a probe: (quantity, the check that it counts for, what it comes from), last layer first."""
    last = depth(inputs)
    for l in range(last, 0, -1):
        place = "output" if l == last else "hidden"
        yield f"dL_dw[{l}]", f"{place}-weights", f"w[{l}]"
        yield f"dL_db[{l}]", f"{place}-biases", f"b[{l}]"
    for l in range(last, 0, -1):
        yield f"dL_dw[{l}] again", "repeatable", f"dL_dw[{l}]"
        yield f"dL_db[{l}] again", "repeatable", f"dL_db[{l}]"
    for l in range(1, last + 1):
        yield f"w[{l}] after", "untouched", f"w[{l}]"
        yield f"b[{l}] after", "untouched", f"b[{l}]"
    yield "a step", "descends", ""


def extras(inputs):
    """What is reported for information: how often the network was evaluated in each call."""
    yield "evaluations", len(inputs["x"]) + 1


def points(inputs):
    """The inputs of each call: the net with one example."""
    return [inputs | {"x": x, "y": y} for x, y in zip(inputs["x"], inputs["y"], strict=True)]


def network(point):
    """The loss is that of a network of tanh layers under a sum of squared errors."""
    return True


def scalar(inputs):
    """The loss that the oracles differentiate, computed by the given code: the sum of squared errors."""
    last = depth(inputs)
    model = MyNet(widths(inputs))
    named = {f"fc.{l}.weight": inputs[f"w[{l}]"] for l in range(1, last + 1)}
    named |= {f"fc.{l}.bias": inputs[f"b[{l}]"] for l in range(1, last + 1)}
    prediction = torch.func.functional_call(model, named, (inputs["x"],))
    return ((prediction - inputs["y"]) ** 2).sum()


_READY = {}
_MADE_AS_GIVEN = MyNet.__init__


def make_ready(inputs):
    """Make the network of a probe before there is a submission, as making it takes longer than calling it."""
    _READY.setdefault(kind(widths(inputs)), []).append(MyNet(widths(inputs)))


def fresh(widths):
    """A given network that nobody has used; which weights it has is left open."""
    ready = _READY.get(kind(widths))
    return ready.pop() if ready and MyNet.__init__ is _MADE_AS_GIVEN else MyNet(widths)


def kind(widths):
    """Networks of one kind have parameters of the same shapes and, as they are made, of the same dtype."""
    return (torch.get_default_dtype(), *widths)


def widths(inputs):
    return [inputs["w[1]"].shape[1], *(len(inputs[f"b[{l}]"]) for l in range(1, depth(inputs) + 1))]


@torch.no_grad()
def observe(names, inputs, report):
    """Call the submission on every example of a probe, and report what it stored and whether it changed the weights.

    Each example starts from the given weights and an empty store; the first one is then called again on top of what the
    last one stored. Nothing records gradients: `backpropagation` needs none. A call that raises does not keep the next
    ones from being tried.
    """
    backpropagation = names["backpropagation"]
    model = counted(build(names, inputs))
    torch.default_generator.manual_seed(0)  # a network that was not ready has used random numbers
    layers = range(1, model.L + 1)
    if "watermark" in inputs:
        model.f = dict.fromkeys(layers, marked_tanh(*inputs["watermark"]))
    calls = [("", x, y) for x, y in zip(inputs["x"], inputs["y"], strict=True)]
    failures = []
    seconds = [] if "once" in inputs else [(" again", *calls[0][1:])]
    for number, (again, x, y) in enumerate(calls + seconds):
        prepare(model, inputs)
        if not again:
            model.dL_dw, model.dL_db = dict.fromkeys(layers), dict.fromkeys(layers)
        evaluations, returned = model.evaluations, None
        try:
            returned = backpropagation(model, y.clone(), predict(model, x.clone(), inputs))
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            failures.append(error)
        report("evaluations", model.evaluations - evaluations - 1)
        for l in layers:
            report(f"dL_dw[{l}]{again}", *stored(model, "dL_dw", l, returned))
            report(f"dL_db[{l}]{again}", *stored(model, "dL_db", l, returned))
        if number == 0:
            for l in layers:
                report(f"w[{l}] after", model.fc[str(l)].weight)
                report(f"b[{l}] after", model.fc[str(l)].bias)
    if failures:
        raise failures[0]


def predict(model, x, inputs):
    """The forward pass; where z is among the inputs, it is kept in place of what was computed, and a = tanh(z)."""
    y_pred = model(x)
    for l in range(1, model.L + 1):
        if f"z[{l}]" in inputs:
            model.z[l] = inputs[f"z[{l}]"][0].clone()
            y_pred = model.a[l] = torch.tanh(model.z[l])
    return y_pred


def counted(model):
    """The same network; `evaluations` tells how often it was called."""
    model.evaluations = 0

    def count(*_):
        model.evaluations += 1

    model.register_forward_pre_hook(count)
    return model


def stored(model, name, l, returned):
    """What `model.dL_dw[l]` gives; where it gives nothing, also what is known of that."""
    gradients = getattr(model, name)
    if not isinstance(gradients, dict | list | tuple):
        return None, Fact("dictionary-replaced", {"place": f"model.{name}", "type": type(gradients).__name__})
    try:
        value = gradients[l]
    except (KeyError, IndexError):
        value = None
    if value is None and isinstance(gradients, dict) and str(l) in gradients:
        return None, Fact("stored-under-a-text", {"key": l})
    kind = "weight" if name == "dL_dw" else "bias"
    if value is None and getattr(model.fc[str(l)], kind).grad is not None:
        return None, Fact(f"put-into-grad-of-the-{kind}", {"place": f"model.{name}[{l}]"})
    if value is None and holds_tensors(returned):
        return None, Fact("returned-and-not-stored", {"place": f"model.{name}[{l}]"})
    return value, None


def holds_tensors(value):
    """Whether something is a tensor, or holds any: what a function returns that computed something."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return isinstance(value, torch.Tensor | np.ndarray) or any(map(holds_tensors, inside))


def build(names, inputs):
    """A network for the submission: of its own class where it has one that computes what the given one does.

    Its own class is the one that has `backpropagation` as a method, or its `MyNet`. Where that asks for other arguments
    than the widths, a given network is turned into one of it.
    """
    given = fresh(widths(inputs))
    methods = [value for value in names.values() if isinstance(value, type) and hasattr(value, "backpropagation")]
    theirs = next(iter(methods), names.get("MyNet"))
    if isinstance(theirs, type) and theirs is not MyNet:
        prepare(given, inputs)
        expected = given(inputs["x"][0])
        for make in (lambda: theirs(widths(inputs)), lambda: turned(MyNet(widths(inputs)), theirs)):
            try:
                model = make()
                prepare(model, inputs)
                if torch.allclose(model(inputs["x"][0]), expected):
                    return model
            except Exception:  # noqa: S112  the next way of making one, or else the given one, may do
                continue
    return given


def turned(model, kind):
    """The same object as an instance of another class."""
    model.__class__ = kind
    return model


def prepare(model, inputs):
    for l in range(1, model.L + 1):
        layer = model.fc[str(l)]
        layer.weight.data = inputs[f"w[{l}]"].clone()
        layer.bias.data = inputs[f"b[{l}]"].clone()
        layer.weight.requires_grad_(False)
        layer.bias.requires_grad_(False)
    if type(model) is not MyNet:
        model.requires_grad_(False)  # it may have more than these
