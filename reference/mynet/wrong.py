"""Code that makes the known mistakes of `mynet`: the functions of `mistakes.py`, put into a right backward pass.

Each submission carries the text of the one function that replaces a step, so it runs where `mistakes.py` is not.
"""

import ast
from pathlib import Path

from grader.diagnosis.catalogue import NUMERIC, Step
from grader.diagnosis.loading import load_catalogue
from grader.validation.wrong_code import edited

HERE = Path(__file__).parent
RIGHT = (HERE / "solution.py").read_text(encoding="utf-8")

PROGRAM = '''
from types import SimpleNamespace

import numpy as np
import torch

CONSTANT = 0.03


def at(model, l, y, e, delta):
    """What a step has at hand in layer l, as arrays."""
    a, z = ({k: np.array(v.detach()) for k, v in kept.items()} for kept in (model.a, model.z))
    weight, bias = (np.array(p.detach()) for p in (model.fc[str(l)].weight, model.fc[str(l)].bias))
    below = np.array(model.fc[str(l - 1)].weight.detach()) if l > 1 else np.full((0, 0), np.nan)
    stored = model.dL_dw.get(l)
    return SimpleNamespace(
        a=a[l], z=z[l], y=y, before=a[l - 1], z_before=z[l - 1] if l > 1 else a[0], weight=weight, bias=bias,
        gradient=np.full((1, *weight.shape), np.nan) if stored is None else np.array(stored)[None], e=e, delta=delta,
        weight_below=below,
    )


def done(right, layer, *places):
    """A step, wrong where the mistake is made."""
    value = wrong(layer) if set(places) & PLACES else right(layer)
    return value[0] + CONSTANT * value[1] if isinstance(value, tuple) else value


def backpropagation(model, y_true, y_pred):
    y = np.array(y_true)
    nothing = np.full(y.shape, np.nan)
    e = done(lambda s: 2 * (s.a - s.y), at(model, model.L, y, nothing, nothing), "LOSS")
    for l in range(model.L, 0, -1):
        place = "ACTIVATION out" if l == model.L else "ACTIVATION hid"
        delta = done(lambda s: s.e / np.cosh(s.z) ** 2, at(model, l, y, e, nothing), place)
        here = at(model, l, y, e, delta)
        model.dL_dw[l] = torch.tensor(done(lambda s: s.delta[..., None] * s.before[..., None, :], here, "WEIGHTS")[0])
        model.dL_db[l] = torch.tensor(done(lambda s: s.delta, here, "BIASES")[0])
        if l > 1:
            e = done(lambda s: s.delta @ s.weight, at(model, l, y, e, delta), "BACK")
'''


def helpers_and_mistakes():
    """The helper functions of `mistakes.py` as text, and of each mistake its function, named `wrong`."""
    tree = ast.parse((HERE / "mistakes.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    helpers = [ast.unparse(node) for node in functions if not node.decorator_list]
    mistakes = {}
    for node in functions:
        for decorator in node.decorator_list:
            name = ast.literal_eval(decorator.args[0])
            bare = ast.FunctionDef("wrong", node.args, node.body[1:], [], None, None)
            mistakes[name] = ast.unparse(ast.fix_missing_locations(bare))
    return "\n\n\n".join(helpers), mistakes


def composed():
    """A submission for every mistake that replaces a step."""
    helpers, mistakes = helpers_and_mistakes()
    for entry in load_catalogue(HERE).entries:
        if entry.step in NUMERIC:
            place = f"{Step(entry.step).name} {entry.place}".strip()
            yield entry.id, f"PLACES = {{{place!r}}}\n{PROGRAM}\n\n{helpers}\n\n\n{mistakes[entry.family]}\n"


AUTOGRAD = """
import torch


def backpropagation(model, y_true, y_pred):
    with torch.enable_grad():
        parameters = list(model.parameters())
        for p in parameters:
            p.requires_grad_(True)
        gradients = torch.autograd.grad(((model(model.a[0]) - y_true) ** 2).sum(), parameters)
    for l in range(1, model.L + 1):
        model.dL_dw[l], model.dL_db[l] = 2 * gradients[2 * l - 2], 2 * gradients[2 * l - 1]
"""
CALLS_BACKWARD = """
def backpropagation(model, y_true, y_pred):
    ((y_pred - y_true) ** 2).sum().backward()
    for l in range(1, model.L + 1):
        model.dL_dw[l], model.dL_db[l] = model.fc[str(l)].weight.grad, model.fc[str(l)].bias.grad
"""
DIFFERENCES = """
import torch


def backpropagation(model, y_true, y_pred):
    h = 1e-3
    x = model.a[0].clone()
    for l in range(1, model.L + 1):
        found = []
        for p in (model.fc[str(l)].weight.data, model.fc[str(l)].bias.data):
            slope = torch.zeros(p.numel(), dtype=p.dtype)
            for k in range(p.numel()):
                old = p.view(-1)[k].item()
                p.view(-1)[k] = old + h
                up = ((model(x) - y_true) ** 2).sum()
                p.view(-1)[k] = old
                slope[k] = (up - ((model(x) - y_true) ** 2).sum()) / h
            found.append(slope.view(p.shape))
        model.dL_dw[l], model.dL_db[l] = found
"""
END = '"""Store dL/dW[l] in `model.dL_dw[l]` and dL/db[l] in `model.dL_db[l]`, for the sum of squared errors."""'

WRONG = (
    *composed(),
    ("uses-autograd", AUTOGRAD),
    ("autograd-called", CALLS_BACKWARD),
    ("uses-finite-differences", DIFFERENCES),
    ("infinite-loop", edited(RIGHT, (END, "while True: pass"))),
    ("syntax-error", edited(RIGHT, ("y_true, y_pred):", "y_true, y_pred:"))),
    ("name-not-found", edited(RIGHT, ("output_error(y_pred", "error_of_output(y_pred"))),
)
