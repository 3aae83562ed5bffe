"""The network of the exercise, the probes, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.
"""

import inspect
from contextlib import suppress

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.function import BackwardCFunction

from grader.kit.data_sets import data_sets
from grader.kit.part import NotAttempted, Part
from grader.kit.rightness import rightness
from grader.watch.own_training import OwnTraining
from grader.wire.facts import Fact

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
    """What each ReLU of the network is given, in order, then what `fc1`, `fc2`, `fc3` are given, then its output."""
    z1 = F.conv2d(point["image"], point["conv1.weight"].reshape(6, 1, 5, 5), point["conv1.bias"])
    z2 = F.conv2d(F.max_pool2d(relu(z1), 2), point["conv2.weight"].reshape(16, 6, 5, 5), point["conv2.bias"])
    a2 = torch.flatten(F.max_pool2d(relu(z2), 2), 1)
    z3 = F.linear(a2, point["fc1.weight"], point["fc1.bias"])
    a3 = relu(z3)
    z4 = F.linear(a3, point["fc2.weight"], point["fc2.bias"])
    a4 = relu(z4)
    return (z1, z2, z3, z4), (a2, a3, a4), F.linear(a4, point["fc3.weight"], point["fc3.bias"])


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
    yield {
        "name": "own training",
        "title": "the training loop of the file",
        "inputs": {},
        "part": "own_training",
        "dtype": "float32",
        "graded": False,
    }


# ---- what a submission is asked, and how


class Alone(Part):
    """The Function by itself, through `apply`: numbers of some shape in, an incoming gradient back.

    Inputs and what is reported are flattened.
    """

    needs = ("Function",)

    def quantities(self, inputs):
        yield "y", "forward", ""
        yield "dL_dx", "exact-gradients", "x"
        yield "own dL_dx", "backward", "dL_dx"
        yield "x after", "untouched", "x"
        yield "grad_output after", "untouched", "g"

    def extras(self, inputs):
        yield "own dL_dx error", inputs["x"].size

    def scalar(self, point):
        return (F.relu(point["x"]) * point["g"]).sum()

    def observe(self, names, inputs, report):
        shape = next(shape for shape in TRIED.values() if np.prod(shape) == len(inputs["x"]))
        function, g = names["Function"], inputs["g"].reshape(shape)
        start = inputs["x"].clone().requires_grad_()
        x = start.clone().reshape(shape)  # as in a network, not a leaf
        y, why = output(function.apply(x))
        report("y", y.flatten() if y is not None and y.shape == x.shape else y, why)
        if y is None:
            return
        try:
            report("dL_dx", *gradients(y, [start], g)[0])
        except Exception as error:
            report("dL_dx", None, Fact("gradient-raised", {"type": type(error).__name__, "text": str(error)}))
            raise
        finally:
            report("x after", x.flatten())
            report("grad_output after", g.flatten())
        if bends(function):
            own, error = own_gradient(function, start.detach().reshape(shape), g)
            report("own dL_dx", own.flatten())
            report("own dL_dx error", error.flatten())


class AfterALayer(Part):
    """The Module after a linear layer: it computes what its Function does, and lets gradients through to the layer."""

    needs = ("Module",)

    def quantities(self, inputs):
        yield "y", "exact-values", ""
        yield "own y", "module-forward", "y"
        for name in ("w", "b"):
            yield f"dL_d{name}", "exact-gradients", name
            yield f"own dL_d{name}", "module-backward", f"dL_d{name}"
        yield "printed", "prints", ""

    def extras(self, inputs):
        yield "own y error", inputs["g"].size
        for name in ("w", "b"):
            yield f"own dL_d{name} error", inputs[name].size

    def scalar(self, point):
        return (F.relu(F.linear(point["x"], point["w"], point["b"])) * point["g"]).sum()

    def observe(self, names, inputs, report):
        with suppress(Exception):  # what the Function does by itself is told where there is something to tell
            lend_a_backward(names["Function"])
            if bends(names["Function"]):
                self.run(apart(names["Function"]), inputs, as_own(report))
        module = layer(names)
        written = True
        try:
            written = self.run(module, inputs, report, without(names, module)) is not None
        finally:
            if written:
                report("printed", *printed(module))

    def run(self, relu, inputs, report, why=None):
        """Report what comes out of a ReLU after the layer, which is returned, and what comes back to the layer.

        Args:
            why: what is true where no gradient passes a Function.
        """
        w, b = (inputs[name].clone().requires_grad_() for name in ("w", "b"))
        y = relu(F.linear(inputs["x"], w, b))
        report("y", *output(y))
        if calls_a_function(y):
            found = gradients(y, [w, b], inputs["g"])
        elif isinstance(y, torch.Tensor) and not y.is_floating_point():
            found = [
                (None, Fact("module-gives-truth-values" if y.dtype is torch.bool else "module-gives-whole-numbers"))
            ] * 2
        else:
            found = [(None, why)] * 2
        for name, (value, reason) in zip("wb", found, strict=True):
            report(f"dL_d{name}", value, reason)
        return y


class InTheNetwork(Part):
    """The ReLU in all four places of the network: every gradient is what the Function by itself lets one expect.

    Where the Module does not give what its Function does, the Function stands in the network without it.
    """

    needs = ("Function",)

    def quantities(self, inputs):
        for name in SHAPES:
            yield f"dL_d{name}", "exact-gradients", name
            yield f"own dL_d{name}", "net-gradients", f"dL_d{name}"

    def extras(self, inputs):
        for name in SHAPES:
            yield f"own dL_d{name} error", inputs[name].size

    def scalar(self, point):
        return F.mse_loss(layers(point, F.relu)[-1], point["target"])

    step = 2.0**-18
    """A parameter may move by so much, and twice as much, without changing a decision of the network."""

    def rows(self, point):
        """Of each linear weight, the bias next to it and the one row that it multiplies."""
        _, rows, _ = layers(point, F.relu)
        return {f"fc{l}.weight": (f"fc{l}.bias", row[0]) for l, row in enumerate(rows, start=1)}

    def observe(self, names, inputs, report):
        function = names["Function"]
        with suppress(Exception):
            lend_a_backward(function)
            if bends(function):
                self.run([apart(function)] * 4, inputs, as_own(report))
        relus = [function.apply] * 4
        with suppress(Exception):
            modules = [layer(names) for _ in range(4)]
            if all(gives_what_the_function_does(module, function) for module in modules):
                relus = modules
        self.run(relus, inputs, report)

    def run(self, relus, inputs, report):
        """Report the gradient of every parameter, with the given ReLUs in the four places."""
        point = dict(inputs) | {name: inputs[name].clone().requires_grad_() for name in SHAPES}
        places = iter(relus)
        loss = nn.MSELoss()(layers(point, lambda z: like(next(places)(z), z))[-1], inputs["target"])
        found = torch.autograd.grad(loss, [point[name] for name in SHAPES], allow_unused=True)
        for name, value in zip(SHAPES, found, strict=True):
            report(f"dL_d{name}", value, None if value is not None else Fact("gradient-does-not-reach-layer"))


class Learning(Part):
    """A small net with the Module learns y = |x| + noise, by 60 steps down the gradient of the mean squared error."""

    needs = ("Module",)

    def quantities(self, inputs):
        yield "loss", "learns", ""

    def observe(self, names, inputs, report):
        module = layer(names)
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


class OwnNet2(Part):
    """Net2, where the file has one: with the network's parameters, each gradient is the one with `F.relu`."""

    needs = ("Function", "Net2")
    calls_autograd = True

    def quantities(self, inputs):
        yield "comparison with F.relu", "net2", ""

    def observe(self, names, inputs, report):
        net = names["Net2"](*[4 for _ in required(names["Net2"])])
        own = list(net.parameters())
        if [p.numel() for p in own] != [int(np.prod(shape)) for shape in SHAPES.values()]:
            return  # another network than that of the statement
        point = dict(inputs) | {name: inputs[name].clone().requires_grad_() for name in SHAPES}
        with torch.no_grad():
            for parameter, name in zip(own, SHAPES, strict=True):
                parameter.copy_(inputs[name].reshape(parameter.shape))
        found, right = (
            torch.autograd.grad(F.mse_loss(output, inputs["target"]), parameters, allow_unused=True)
            for output, parameters in (
                (net(inputs["image"]), own),
                (layers(point, F.relu)[-1], [point[name] for name in SHAPES]),
            )
        )
        for name, value, expected in zip(SHAPES, found, right, strict=True):
            if value is None or not torch.allclose(value.reshape(expected.shape), expected, 1e-4, 1e-6):
                kind = "gradient-does-not-come-back" if value is None else "gradient-is-another"
                report("comparison with F.relu", None, Fact(kind, {"name": name}))
                return
        report("comparison with F.relu", 1.0)


def how_right(entry, _, candidate):
    """How much of what is asked a class does that may be the one that was meant: a Module calls a Function."""
    if entry == "Function":
        return rightness(candidate, [F.relu], [(3, 4)])
    if entry != "Module":
        return 0
    x, g = small()
    start = x.requires_grad_()
    y = layer({"Module": candidate})(start.clone())
    if not calls_a_function(y):
        return 0.1
    (slope,) = pull(y, [start], g)
    return 0.2 + 0.4 * torch.equal(y, F.relu(x)) + 0.4 * torch.equal(slope, (x > 0) * g)


function, module, network, regression, net2 = Alone(), AfterALayer(), InTheNetwork(), Learning(), OwnNet2()
own_training = OwnTraining(modules=data_sets)


# ---- helpers


def required(kind):
    """The parameters that must be given to make an instance of a class."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty and p.kind in positional]


def layer(names):
    """An instance of the Module; where it asks for arguments, with a 4 for each: the number of its inputs, perhaps.

    Raises:
        NotAttempted: what the file has is no layer but a network, with numbers of its own or sizes that it asks for.
    """
    kind = names["Module"]
    arguments = [4 for _ in required(kind)]
    network = NotAttempted(f"`{kind.__name__}` is a network, not a layer of ReLU")
    try:
        module = kind(*arguments)
    except Exception as error:
        raise (network if arguments else error) from None
    if isinstance(module, nn.Module) and holds_numbers(module):
        raise network
    return module


def holds_numbers(module):
    """Whether a Module has parameters, or other tensors, to compute with: a ReLU has none."""
    kept = (value for part in module.modules() for value in vars(part).values())
    return any(True for _ in module.parameters()) or any(isinstance(value, torch.Tensor) for value in kept)


def without(names, module):
    """What is true of a Module through whose Function no gradient came back."""
    if callable(getattr(module, "backward", None)):
        return Fact("module-has-backward")
    if "Function" not in names:
        return Fact("no-function-in-file")
    return Fact("not-by-way-of-function")


def like(y, z):
    """What a layer returned, in the precision of what it was given: a layer of single precision fits into any net."""
    return y.to(z.dtype) if isinstance(y, torch.Tensor) and y.is_floating_point() else y


def output(y):
    """What a ReLU returned, if it is a tensor; else what it is."""
    return (y, None) if isinstance(y, torch.Tensor) else (None, Fact("is-no-tensor", {"type": type(y).__name__}))


class Hand(torch.autograd.Function):
    """Hands g itself, not a copy, to what computed y, when the gradient of the result is asked for.

    The same as the argument `grad_outputs` of `torch.autograd.grad`, which imports 500 modules to check a shape.
    """

    @staticmethod
    def forward(ctx, y, g):
        if y.shape != g.shape:
            raise ValueError(f"the output has shape {tuple(y.shape)}, and its input {tuple(g.shape)}")
        ctx.g = g
        return y.new_zeros(())

    @staticmethod
    def backward(ctx, _):
        return ctx.g, None


def pull(y, inputs, g):
    """dL/dx for each x of `inputs`, where g is dL/dy; None where none comes back."""
    return torch.autograd.grad(Hand.apply(y, g), inputs, allow_unused=True)


def gradients(y, inputs, g):
    """dL/dx for each x of `inputs`, where g is dL/dy; where there is none, why."""
    if not isinstance(y, torch.Tensor):
        return [(None, Fact("returned-no-tensor"))] * len(inputs)
    return [(value, None if value is not None else Fact("gradient-stops")) for value in pull(y, inputs, g)]


def printed(module):
    """1 where a network with the Module can be printed; else why not."""
    try:
        return float(isinstance(repr(nn.Sequential(nn.Linear(3, 4), module)), str)), None
    except Exception as error:
        return None, Fact("printing-failed", {"type": type(error).__name__, "text": str(error)})


def calls_a_function(y):
    """Whether some Function written in Python stands between a tensor and what it was computed from."""
    nodes, seen = [getattr(y, "grad_fn", None)], set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, BackwardCFunction):
            return True
        if node is not None and node not in seen:
            seen.add(node)
            nodes += [before for before, _ in node.next_functions]
    return False


def small():
    """Two negative and two positive numbers, and an incoming gradient."""
    return torch.tensor([[-2.0, -1.0], [1.0, 2.0]]), torch.tensor([[1.0, 1.0], [1.0, 1.0]])


def bends(function):
    """Whether there is a bend in what a Function does to numbers, or in what it does to gradients.

    One without any, such as the identity, is no stand-in for a ReLU, and nothing is compared with it.
    """
    x, g = small()
    start = x.requires_grad_()
    y = function.apply(start.clone())
    values = y.detach().clone()
    with suppress(Exception):
        (slope,) = pull(y, [start], g)
        if not torch.allclose(slope, slope[0, 0].expand(2, 2)):
            return True
    return not torch.allclose(values[0, 1] - values[0, 0], values[1, 1] - values[1, 0])


def lend_a_backward(function):
    """Where a backward gives nothing at all, put one in its place that passes everything.

    Its own marks are lost; what the Module and the network do with a Function can still be seen.
    """
    x, g = small()
    start = x.requires_grad_()
    y = function.apply(start.clone())
    with suppress(Exception):
        (slope,) = pull(y, [start], g)
        if slope is not None and bool(slope.any()):
            return
    function.backward = staticmethod(lambda ctx, *g: (g[0], *[None] * (len(ctx.needs_input_grad) - 1)))


def apart(function):
    """What a Function does when nothing else is there: forward and backward are run in one go, on copies."""

    class Apart(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x.clone())
            return function.apply(x.clone()).detach().clone()

        @staticmethod
        def backward(ctx, g):
            with torch.enable_grad():
                start = ctx.saved_tensors[0].detach().clone().requires_grad_()
                return pull(function.apply(start.clone()), [start], g.clone())

    return Apart.apply


def as_own(report):
    """Report under the name of what is expected of the submission's own Function, without an error of its own."""

    def own(quantity, value, why=None):
        report(f"own {quantity}", value, why)
        if value is not None:
            report(f"own {quantity} error", torch.zeros_like(value))

    return own


def gives_what_the_function_does(module, function):
    """Whether a Module returns, for a small matrix, what its Function does, and by way of it."""
    x, _ = small()
    y = module(x.clone().requires_grad_())
    return calls_a_function(y) and torch.equal(y, function.apply(x.clone()))


@torch.no_grad()
def own_gradient(function, x, g, step=2.0**-6):
    """dL/dx by differences of the Function's own forward, L = sum of g y: value and error bar.

    Two central differences, extrapolated; the bar is what they differ by, and the rounding of y over the step.
    """
    coarse, fine = torch.zeros_like(x), torch.zeros_like(x)
    for h, slopes in ((step, coarse), (step / 2, fine)):
        for j in range(x.numel()):
            ends = []
            for move in (h, -h):
                moved = x.clone()
                moved.view(-1)[j] += move
                ends.append(function.apply(moved).double())
            slopes.view(-1)[j] = ((ends[0] - ends[1]) * g).sum() / (2 * h)
    rounding = 4 * torch.finfo(x.dtype).eps * (x.abs().max() + 1) * g.abs().max() / step
    return (4 * fine - coarse) / 3, (fine - coarse).abs() + rounding
