"""The probes of the exercise, and how a submission is called.

This file is all that the sandbox may read of the exercise, and students may read it too: it holds no answer.

A submission may take one example as a vector (n,), a column (n, 1), a row (1, n), or several as rows (B, n). Each probe
gives its inputs in one of these layouts; what is reported is always brought into rows, and biases into (n,).
"""

import re
import time
from pathlib import Path

import numpy as np
import torch

from grader.kit.calling import call, local_names, on_arrays, order, replaced, slope

PARAMETERS = ("w1", "b1", "w2", "b2")
TENSORS = ("s1", "x1", "s2", "x2")
GRADIENTS = ("dl_dw1", "dl_db1", "dl_dw2", "dl_db2")
FORWARD = (*PARAMETERS, "x")
BACKWARD = (*PARAMETERS, "t", "x", *TENSORS, *GRADIENTS)
INPUTS = {"w1": "w[1]", "b1": "b[1]", "w2": "w[2]", "b2": "b[2]", "x": "x", "t": "y"}
"""The statement's name of a tensor, and what the inputs of a probe call it."""

LAYOUTS = {
    "vectors": (lambda rows: rows[0], lambda bias: bias),
    "columns": (lambda rows: rows[:1].T, lambda bias: bias),
    "columns, biases too": (lambda rows: rows[:1].T, lambda bias: bias[:, None]),
    "rows": (lambda rows: rows[:1], lambda bias: bias),
    "rows, biases too": (lambda rows: rows[:1], lambda bias: bias[None, :]),
    "a batch": (lambda rows: rows, lambda bias: bias),
}
"""How examples, given as rows, and biases are handed to a submission; but for the last, one example only."""


# -- probes ------------------------------------------------------------------------------------------------------------


def probes(rng):
    """What a submission is tried on. Of the probes of one group, the one that earns the most counts."""
    shapes = {"vector": lambda a: a[0], "column": lambda a: a[:1].T, "row": lambda a: a[:1], "matrix": lambda a: a}
    x, v, t = (rng.uniform(0.3, 2, (3, 4)) * rng.choice([-1, 1], (3, 4)) for _ in range(3))
    for part in ("activation", "activation_slope"):
        for shape, put in shapes.items():
            yield probe(part, f"a {shape}", {"x": put(x)}, part, public=True)
    large = {"x": np.array([-800.0, -30.0, 30.0, 800.0])}
    yield probe("activation", "large numbers", large, "", graded=False)
    for part in ("distance", "distance_by_names", "distance_slope", "distance_slope_by_names"):
        for shape in ("vector", "column", "row"):
            given = {"v": shapes[shape](v), "t": shapes[shape](t)}
            yield probe(part, f"a {shape}", given, part.removesuffix("_by_names"), public=True)
    for title, widths in (("different widths [4, 3, 5]", [4, 3, 5]), ("equal widths [3, 3, 3]", [3, 3, 3])):
        drawn = net(rng, widths, 3)
        for layout in LAYOUTS:
            inputs = laid(drawn, layout)
            for part in ("forward", "forward_right_sigma"):
                yield probe(part, f"{title}, {layout}", inputs, f"forward {title}")
            for part in ("backward", "backward_own_forward", *(f"backward_right_{helper}" for helper in HELPERS)):
                yield probe(part, f"{title}, {layout}", inputs, f"backward {title}")
    yield probe("training", "8x8 digits [64, 16, 10]", digits(rng), "", graded=False) | {"name": "digits"}


def probe(part, title, inputs, group, **more):
    return {"name": f"{part}: {title}", "title": title, "inputs": inputs, "part": part, "group": group} | more


def net(rng, widths, examples):
    """A two-layer net and examples in rows: |s| <= 2.5, errors of both signs in each, so that no mistake hides."""
    while True:
        drawn = parameters(rng, widths) | {"x": rng.normal(0, 1, (examples, widths[0]))}
        s1, _, s2, x2 = (np.asarray(a) for a in passed({name: torch.tensor(a) for name, a in drawn.items()}))
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


def laid(rows, layout):
    """The inputs of a probe in a layout."""
    example, bias = LAYOUTS[layout]
    return {name: (bias if name[0] == "b" else example if name in "xy" else lambda a: a)(a) for name, a in rows.items()}


def digits(rng):
    """A net [64, 16, 10] and 500 digits, pixels within -1 .. 1: those that are learned from, and 100 for trial."""
    with np.load(Path(__file__).with_name("digits.npz")) as data:
        chosen = rng.choice(len(data["labels"]), LEARNED + 100, replace=False)
        images, labels = data["images"][chosen].reshape(-1, 64) / 8 - 1, data["labels"][chosen]
    return parameters(rng, [64, 16, 10]) | {"x": images, "y": 0.9 * np.eye(10)[labels]}


# -- the given network, in rows ----------------------------------------------------------------------------------------


def rows(a):
    """Examples of any layout as rows."""
    return a.reshape(1, -1) if a.ndim == 1 or a.shape[-1] == 1 else a


def points(inputs):
    """The inputs of a probe in rows, and biases of shape (n,)."""
    return [{name: a.reshape(-1) if name[0] == "b" else rows(a) if name in "xy" else a for name, a in inputs.items()}]


def passed(point):
    """s1, x1, s2, x2 in rows."""
    s1 = point["x"] @ point["w[1]"].T + point["b[1]"]
    x1 = torch.tanh(s1)
    s2 = x1 @ point["w[2]"].T + point["b[2]"]
    return s1, x1, s2, torch.tanh(s2)


def as_rows(value, like):
    """What a submission gave, as a tensor in rows where it has the shape of some layout of `like`; else as it is."""
    if isinstance(value, torch.Tensor | np.ndarray):
        tensor = torch.as_tensor(value).detach()
        if [n for n in tensor.shape if n > 1] == [n for n in like.shape if n > 1]:
            return tensor.reshape(like.shape)
    return value


# -- names and helpers -------------------------------------------------------------------------------------------------


def role(name):
    """What a parameter of this name is in the words of the statement; None where the name does not tell."""
    plain = name.lower().replace("_", "")
    if plain in ("t", "target", "targets", "y", "ytrue", "cible", "label", "truth"):
        return "t"
    if plain in ("x", "x0", "input", "entree", "xin"):
        return "x"
    found = re.fullmatch(r"(d|dl|dld|g|grad|gradd|acc|accd)?([wb][12])", plain)
    if found:
        return f"dl_d{found[2]}" if found[1] else found[2]
    return plain if plain in TENSORS else None


def role_in_loss(name):
    """The same for `loss` and `dloss`, where v is the prediction."""
    told = name.lower().replace("_", "")
    return "v" if told in ("v", "pred", "prediction", "yhat", "ypred", "x2", "output", "out") else role(name)


def right_dloss(own):
    """The gradient of ||t - v||^2, called as a submission calls its own `dloss`."""
    places = order(own, ("v", "t"), role_in_loss)

    def dloss(*arguments, **named):
        values = {role: a for (_, role), a in zip(places, arguments, strict=False)}
        values |= {dict(places)[name]: a for name, a in named.items()}
        return on_arrays(lambda v, t: slope(lambda moved: (moved - t) ** 2, v))(values["v"], values["t"])

    return dloss


def right_dsigma(_):
    return lambda *x, **named: on_arrays(lambda s: slope(torch.tanh, s))(*x, *named.values())


def right_sigma(_):
    return lambda *x, **named: on_arrays(torch.tanh)(*x, *named.values())


HELPERS = {
    "dloss": {"dloss": right_dloss},
    "dsigma": {"sigma": right_sigma, "dsigma": right_dsigma},
    "helpers": {"dloss": right_dloss, "sigma": right_sigma, "dsigma": right_dsigma},
}
"""Correct functions that take the place of a submission's own, by numerical derivatives.

So a mistake in a helper is not charged again, and `dloss` that is wrong is told from `dloss` that is called wrongly.
"""


def substitutes(names, helpers):
    return {names[name]: make(names[name]) for name, make in helpers.items() if name in names}


# -- parts -------------------------------------------------------------------------------------------------------------


class Activation:
    """`sigma` or `dsigma`, of some numbers."""

    def __init__(self, function, source=""):
        self.function, self.needs, self.source = function, (function,), source

    def quantities(self, inputs):
        yield f"{self.function}(x)", self.function, self.source

    def scalar(self, point):
        return torch.tanh(point["x"]).sum()

    @torch.no_grad()
    def observe(self, names, inputs, report):
        report(f"{self.function}(x)", names[self.function](inputs["x"]))


class Distance:
    """`loss` or `dloss`, of a prediction and a target, in the statement's order or in the one that the names tell."""

    def __init__(self, function, source="", by_names=False):
        self.function, self.needs, self.source, self.by_names = function, (function,), source, by_names

    def quantities(self, inputs):
        yield f"{self.function}(v, t)", self.function, self.source

    def scalar(self, point):
        return ((point["t"] - point["v"]) ** 2).sum()

    @torch.no_grad()
    def observe(self, names, inputs, report):
        told = role_in_loss if self.by_names else lambda _: None
        report(f"{self.function}(v, t)", call(names[self.function], ("v", "t"), told, inputs))


class Forward:
    """`forward_pass`. Each tensor is judged as what follows from the ones before it that the submission returned.

    So a mistake in the first layer is not charged again in the second.
    """

    needs = ("forward_pass",)

    def __init__(self, helpers=()):
        self.helpers = dict(helpers)

    def quantities(self, inputs):
        for name in TENSORS:
            yield name, f"forward-{name[1]}", ""

    @torch.no_grad()
    def observe(self, names, inputs, report):
        (point,) = points({name: a.clone() for name, a in inputs.items()})
        function = names["forward_pass"]
        with replaced(function, substitutes(names, self.helpers)):
            returned = call(function, FORWARD, role, {name: inputs[INPUTS[name]] for name in FORWARD})
        tensors, words = four(returned)
        expected = dict(zip(TENSORS, passed(point), strict=True))
        own = {name: as_rows(value, expected[name]) for name, value in zip(TENSORS, tensors, strict=True)}
        for name, before in zip(TENSORS, ("", *TENSORS), strict=False):
            report(name, self.corrected(name, before, own, expected, point), words)

    @staticmethod
    def corrected(name, before, own, expected, point):
        """A tensor, less what is due to a mistake in the one before it."""
        fits = all(isinstance(own.get(n), torch.Tensor) and own[n].shape == expected[n].shape for n in (name, before) if n)
        if not before or not fits or torch.allclose(own[before].double(), expected[before].double(), 1e-4, 1e-5):
            return own[name]
        kind = expected[name].dtype
        follows = torch.tanh if name[0] == "x" else lambda x: x @ point["w[2]"].T + point["b[2]"]
        return own[name].to(kind) - follows(own[before].to(kind)) + expected[name]


def four(returned):
    """s1, x1, s2, x2 of what `forward_pass` returned, which may begin with x0; and what is to be said if it has not these."""
    if isinstance(returned, tuple | list) and len(returned) in (4, 5):
        return returned[-4:], ""
    if returned is None:
        return [None] * 4, ""
    what = f"{len(returned)} values" if isinstance(returned, tuple | list) else f"a {type(returned).__name__}"
    return [None] * 4, f"was not returned: forward_pass gives {what}, and must give s1, x1, s2, x2"


class Backward:
    """`backward_pass`, given correct tensors or those of the submission's own forward pass.

    The first call adds to zeros, and gives the gradients. Where the widths are equal, a second one adds to 0.5: what it
    adds must be the same. So gradients that replace what was there are charged once, and so are wrong gradients.
    """

    points = staticmethod(points)

    def __init__(self, helpers=(), own_forward=False):
        self.helpers, self.own_forward = dict(helpers), own_forward
        self.needs = ("backward_pass", "forward_pass") if own_forward else ("backward_pass",)

    def network(self, point):
        return True

    def scalar(self, point):
        return ((passed(point)[-1] - point["y"]) ** 2).sum()

    def quantities(self, inputs):
        for layer, place in ((2, "output"), (1, "hidden")):
            yield f"dl_dw{layer}", f"{place}-weights", f"w[{layer}]"
            yield f"dl_db{layer}", f"{place}-biases", f"b[{layer}]"
        if inputs["w[1]"].shape == inputs["w[2]"].shape:
            for name in GRADIENTS:
                yield f"{name} added", "accumulates", name
            for name in INPUTS.values():
                yield f"{name} after", "untouched", name

    @torch.no_grad()
    def observe(self, names, inputs, report):
        function = names["backward_pass"]
        twice = inputs["w[1]"].shape == inputs["w[2]"].shape
        with replaced(function, substitutes(names, self.helpers)):
            first = self.arguments(names, inputs, 0.0)
            failure, returned = attempt(function, first)
            found = gradients(function, first, returned)
            if not failure and any(value is None for value in found.values()):
                found |= self.only_local(names, inputs, {name for name in found if found[name] is None})
            nothing = all(value is None for value in found.values())
            for name, value in found.items():
                words = "" if nothing or failure else f"was not stored: nothing was added to {name}"
                report(name, value, words if value is None else "")
            if twice:
                for name, source in INPUTS.items():
                    report(f"{source} after", first[name])
                again = self.arguments(names, inputs, 0.5)
                attempt(function, again)
                for name in GRADIENTS:
                    report(f"{name} added", flat(name, again[name] - 0.5))
        if failure:
            raise failure

    def arguments(self, names, inputs, start):
        """Fresh tensors for a call, by the statement's names; `start` is what the last four are filled with."""
        values = {name: inputs[source].clone() for name, source in INPUTS.items()}
        if self.own_forward:
            tensors, _ = four(call(names["forward_pass"], FORWARD, role, {name: values[name].clone() for name in FORWARD}))
        else:
            like = inputs["x"]
            (point,) = points(inputs)
            tensors = [(a[0] if like.ndim == 1 else a.T if like.shape[-1] == 1 else a).clone() for a in passed(point)]
        totals = {f"dl_d{name}": torch.full_like(values[name], start) for name in PARAMETERS}
        return values | dict(zip(TENSORS, tensors, strict=True)) | totals

    def only_local(self, names, inputs, missing):
        """Gradients that a submission gave to a local name instead of adding them to its caller's tensor."""
        function = names["backward_pass"]
        values = self.arguments(names, inputs, 0.0)
        with local_names(function) as local:
            attempt(function, values)
        own = {told: local.get(name) for name, told in order(function, BACKWARD, role)}
        moved = {name: own.get(name) for name in missing if own.get(name) is not values[name]}
        return {name: flat(name, value, values[name]) for name, value in moved.items() if fits(value, values[name])}


def attempt(function, values):
    """What `backward_pass` raised, and what it returned."""
    try:
        return None, call(function, BACKWARD, role, values)
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:
        return error, None


def gradients(function, values, returned):
    """By name: what was added to zeros; else what was returned in its place, if anything; else None."""
    named = [told for _, told in order(function, BACKWARD, role) if told in GRADIENTS] or list(GRADIENTS)
    results = dict(zip(named, returned, strict=True)) if isinstance(returned, tuple | list) and len(returned) == 4 else {}
    found = {}
    for name in ("dl_dw2", "dl_db2", "dl_dw1", "dl_db1"):
        value = values[name] if bool((values[name] != 0).any()) else results.get(name)
        added = value is not None and bool((torch.as_tensor(value) != 0).any()) if fits(value, values[name]) else False
        found[name] = flat(name, value) if added else None
    return found
