"""Wrong classes for `functions` and `relu`: code that makes a known mistake, and code that no catalogue describes.

Each case is right code in which some lines are replaced. It is called by the exercise's own parts, without the sandbox.
"""

from __future__ import annotations

import importlib.util
import linecache
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader.course import find_course
from grader.records import AnswerKey, Observation, Outcome, Probe, Run
from grader.wire.facts import Fact

RIGHT = {
    "functions": """
class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        return ((yhat - y) ** 2).mean(0)
    @staticmethod
    def backward(ctx, g):
        yhat, y = ctx.saved_tensors
        s = 2 * (yhat - y) / len(y)
        return g * s, -g * s

class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        return x @ w + b
    @staticmethod
    def backward(ctx, g):
        x, w, b = ctx.saved_tensors
        dx, dw, db = g @ w.T, x.T @ g, g.sum(0)
        return dx, dw, db

class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        a = torch.tanh(x)
        ctx.save_for_backward(x, a)
        return a
    @staticmethod
    def backward(ctx, g):
        x, a = ctx.saved_tensors
        return g * (1 - a ** 2)

class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        r = x * (x > 0)
        ctx.save_for_backward(x)
        return r
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * (x > 0)
""",
    "relu": """
class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        r = x * (x > 0)
        ctx.save_for_backward(x)
        return r
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * (x > 0)

class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)
""",
}
MEAN, SLOPE, PAIR = "((yhat - y) ** 2).mean(0)", "2 * (yhat - y) / len(y)", "return g * s, -g * s"
TANH, RELU, FORWARD = "return g * (1 - a ** 2)", "return g * (x > 0)", "r = x * (x > 0)"
DX, DW, DB = "g @ w.T", "x.T @ g", "g.sum(0)"
Edit = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """Right code with some lines replaced: the ids that must be named, of which none is known for code outside."""

    slug: str
    names: frozenset[str]
    edits: tuple[Edit, ...]

    @property
    def title(self) -> str:
        """What is replaced by what."""
        return " and ".join(f"{old} -> {new}" for old, new in self.edits)


def _known(slug: str, ids: str, *edits: Edit) -> Case:
    return Case(slug, frozenset(ids.split()), edits)


_MASKS = (
    ("relu-mask-inverted", (RELU, "return g * (x < 0)")),
    ("relu-mask-on-upstream", (RELU, "return torch.relu(g)")),
    ("relu-guided-backprop", (RELU, "return torch.relu(g) * (x > 0)")),
    ("relu-value-instead-of-mask", (RELU, "return g * torch.relu(x)")),
    ("relu-mask-missing", (RELU, "return g.clone()")),
    ("relu-upstream-ignored", (RELU, "return (x > 0).to(x.dtype)")),
    ("relu-value-instead-of-mask relu-upstream-ignored", (RELU, "return torch.relu(x)")),
    ("relu-mutates-upstream", (RELU, "g[x < 0] = 0; return g")),
    ("relu-forward-wrong", (FORWARD, "r = abs(x)")),
    ("relu-forward-wrong", (FORWARD, "r = torch.where(x > 0, x, 0.07 * x)")),
)
KNOWN = (
    _known("functions", "mse-forward-no-mean", (MEAN, "(yhat - y) ** 2"), (SLOPE, "2 * (yhat - y)")),
    _known("functions", "mse-forward-no-mean", (MEAN, "((yhat - y) ** 2).sum()"), (SLOPE, "2 * (yhat - y)")),
    _known("functions", "mse-forward-half", (MEAN, "((yhat - y) ** 2).mean() / 2"), (SLOPE, "(yhat - y) / y.numel()")),
    _known(
        "functions",
        "mse-forward-norm-not-squared",
        (MEAN, "torch.linalg.norm(yhat - y) / len(y)"),
        (SLOPE, "(yhat - y) / torch.linalg.norm(yhat - y) / len(y)"),
    ),
    _known("functions", "mse-factor-2-missing", (SLOPE, "(yhat - y) / len(y)")),
    _known("functions", "mse-mean-not-differentiated", (SLOPE, "2 * (yhat - y)")),
    _known("functions", "mse-wrong-count-n", (SLOPE, "2 * (yhat - y) / y.numel()")),
    _known("functions", "mse-wrong-count-n", (MEAN, "((yhat - y) ** 2).mean()")),
    _known("functions", "mse-value-as-gradient", (SLOPE, "(yhat - y) ** 2")),
    _known("functions", "mse-value-as-gradient", (SLOPE, "(yhat - y) ** 2 / len(y)"), (PAIR, "return g * s, g * s")),
    _known("functions", "mse-upstream-ignored", (PAIR, "return s, -s")),
    _known("functions", "mse-grad-y-sign", (PAIR, "return g * s, g * s")),
    _known("functions", "mse-mean-not-differentiated mse-grad-y-sign",
           (SLOPE, "2 * (yhat - y)"), (PAIR, "return g * s, g * s")),
    _known("functions", "mse-factor-2-missing mse-upstream-ignored",
           (SLOPE, "(yhat - y) / len(y)"), (PAIR, "return s, -s")),
    _known("functions", "mse-returns-one-gradient", (PAIR, "return g * s")),
    _known("functions", "mse-grad-y-none", (PAIR, "return g * s, None")),
    _known("functions", "linear-forward-no-bias", ("return x @ w + b", "return x @ w")),
    _known("functions", "linear-grad-x-not-transposed", (DX, "g @ w")),
    _known("functions", "linear-grad-w-transposed", (DW, "g.T @ x")),
    _known("functions", "linear-grad-w-mean", (DW, "x.T @ g / len(x)")),
    _known("functions", "linear-grad-b-not-summed", (DB, "g")),
    _known("functions", "linear-grad-b-mean", (DB, "g.mean(0)")),
    _known("functions", "linear-grad-b-ones", (DB, "torch.ones_like(b)")),
    _known("functions", "linear-grad-b-summed-everything", (DB, "g.sum() * torch.ones_like(b)")),
    _known("functions", "linear-upstream-ignored", (DX, "w"), (DW, "x.T"), (DB, "torch.ones_like(b)")),
    _known("functions", "linear-gradient-order", ("return dx, dw, db", "return dw, dx, db")),
    _known("functions", "linear-grad-w-transposed linear-grad-b-mean", (DW, "g.T @ x"), (DB, "g.mean(0)")),
    _known("functions", "dtype-hard-coded", (DX, "g @ w.T.double()")),
    _known("functions", "tanh-square-forgotten", (TANH, "return g * (1 - a)")),
    _known("functions", "tanh-1-minus-x2", (TANH, "return g * (1 - x ** 2)")),
    _known("functions", "tanh-applied-to-saved-output", (TANH, "return g / torch.cosh(a) ** 2")),
    _known("functions", "tanh-upstream-ignored", (TANH, "return 1 - a ** 2")),
    _known("functions", "tanh-derivative-at-upstream", (TANH, "return g * (1 - torch.tanh(g) ** 2)")),
    _known("functions", "tanh-cosh-not-squared", (TANH, "return g / torch.cosh(x)")),
    _known("functions", "tanh-sign-inside", (TANH, "return g * (1 + a ** 2)")),
    _known("functions", "tanh-sigmoid-rule", (TANH, "return g * a * (1 - a)")),
    _known("functions", "tanh-square-forgotten tanh-upstream-ignored", (TANH, "return 1 - a")),
    _known("functions", "tanh-forward-wrong",
           ("a = torch.tanh(x)", "a = torch.sigmoid(x)"), (TANH, "return g * a * (1 - a)")),
    _known("functions", "tanh-forward-wrong tanh-upstream-ignored",
           ("a = torch.tanh(x)", "a = torch.sigmoid(x)"), (TANH, "return 1 - torch.tanh(x) ** 2")),
    _known("functions", "relu-step-constant", (RELU, "return 0 * g")),
    *(_known("functions", name, edit) for name, edit in _MASKS if name != "relu-forward-wrong"),
    *(_known("relu", name, edit) for name, edit in _MASKS if name != "relu-forward-wrong"),
    *(_known(slug, name, edit, (RELU, after)) for slug in RIGHT for (name, edit), after in zip(
        _MASKS[-2:], ("return g * torch.sign(x)", "return g * torch.where(x > 0, 1, 0.07).to(x.dtype)"), strict=True)),
    _known("relu", "forward-modifies-input", (FORWARD, "r = x.clamp_(min=0)")),
    _known("relu", "backward-returns-nothing", (RELU, "g * (x > 0)")),
    _known("relu", "backward-wrong-number", (RELU, "return g * (x > 0), None, g")),
    _known("relu", "save-for-backward-forgotten", ("ctx.save_for_backward(x)", "pass")),
    _known("relu", "saved-tensors-not-unpacked", ("x, = ctx", "x = ctx")),
    _known("relu", "module-shadows-function", ("MyReLUFunction", "MyReLU")),
    _known("relu", "function-instantiated-not-applied", ("MyReLUFunction.apply(x)", "MyReLUFunction()")),
    _known("relu", "module-bypasses-function", ("MyReLUFunction.apply(x)", "torch.relu(x)")),
    _known("relu", "extra-repr-missing-attribute",
           ("(nn.Module):", "(nn.Module):\n    def extra_repr(self):\n        return str(self.size)\n")),
)  # fmt: skip
"""The mistakes of the catalogues that can be made by an edit of right code."""


def _outside(slug: str, *edits: Edit) -> Case:
    return Case(slug, frozenset(), edits)


_UNHEARD = (
    (RELU, "return -g * (x > 0)"),
    (RELU, "return g * (x > 1)"),
    (RELU, "return g * (x > -1)"),
    (RELU, "return g * torch.sigmoid(x)"),
    (RELU, "return 2 * g * (x > 0)"),
    (RELU, "return g * (x > 0) / g.numel()"),
    (RELU, "return g.mean() * (x > 0)"),
    (RELU, "return abs(g) * (x > 0)"),
    (RELU, "return torch.sign(g) * (x > 0)"),
    (RELU, "return g * torch.tanh(x)"),
    (RELU, "return g * torch.where(x > 0, 1, 0.01).to(x.dtype)"),
    (RELU, "return g * x"),
    (RELU, "return g * torch.sign(x)"),
    (RELU, "return g * (x > 0) + 0.1"),
    (RELU, "return g * (x > x.mean())"),
    (RELU, "return (g * (x > 0)).round(decimals=1)"),
    (RELU, "return g * (torch.rand_like(x) > 0.5)"),
    (RELU, "return torch.relu(x) ** 2"),
    (RELU, "return g ** 2 * (x > 0)"),
    (FORWARD, "r = torch.nn.functional.softplus(x)"),
    (FORWARD, "r = (x > 0).to(x.dtype)"),
    (FORWARD, "r = torch.nn.functional.gelu(x)"),
    (FORWARD, "r = torch.clamp(x, 0, 1)"),
    (FORWARD, "r = torch.nn.functional.elu(x)"),
    (FORWARD, "r = -x * (x < 0)"),
)
OUTSIDE = (
    _outside("functions", (SLOPE, "-2 * (yhat - y) / len(y)")),
    _outside("functions", (SLOPE, "4 * (yhat - y) / len(y)")),
    _outside("functions", (SLOPE, "2 * abs(yhat - y) / len(y)")),
    _outside("functions", (SLOPE, "torch.sign(yhat - y) / len(y)")),
    _outside("functions", (SLOPE, "2 * yhat / len(y)")),
    _outside("functions", (SLOPE, "2 * (yhat - y) / len(y) ** 2")),
    _outside("functions", (SLOPE, "2 * (yhat - y.mean(0)) / len(y)")),
    _outside("functions", (SLOPE, "2 * (yhat - y).mean(0) / len(y) + 0 * y")),
    _outside("functions", (SLOPE, "2 * (yhat - y) / (len(y) - 1)")),
    _outside("functions", (PAIR, "return g * s, 0 * s")),
    _outside("functions", (PAIR, "return g.sum() * s, -g.sum() * s")),
    _outside("functions", (MEAN, "abs(yhat - y).mean(0)")),
    _outside("functions", (MEAN, "((yhat - y) ** 2).mean(1)")),
    _outside("functions", (MEAN, "torch.sqrt(((yhat - y) ** 2).mean(0))")),
    _outside("functions", (MEAN, "((yhat - y) ** 2).sum(0) / (len(y) - 1)")),
    _outside("functions", (DX, "-g @ w.T")),
    _outside("functions", (DX, "g @ torch.linalg.inv(w)")),
    _outside("functions", (DX, "g * w.sum(0)")),
    _outside("functions", (DX, "x @ w.T")),
    _outside("functions", (DX, "g @ abs(w.T)")),
    _outside("functions", (DW, "x.T @ torch.sign(g)")),
    _outside("functions", (DW, "(x - x.mean(0)).T @ g")),
    _outside("functions", (DW, "2 * x.T @ g")),
    _outside("functions", (DW, "x.T @ g / x.shape[1]")),
    _outside("functions", (DW, "x.T @ (x @ w + b)")),
    _outside("functions", (DW, "x.T @ g + 0.01 * w")),
    _outside("functions", (DB, "g[0]")),
    _outside("functions", (DB, "g.sum(0) * b")),
    _outside("functions", (DB, "torch.zeros_like(b)")),
    _outside("functions", (DB, "-g.sum(0)")),
    _outside("functions", (DB, "b")),
    _outside("functions", (DB, "g.mean() * torch.ones_like(b)")),
    _outside("functions", ("return x @ w + b", "return x @ w - b")),
    _outside("functions", ("return x @ w + b", "return x @ w.T + b")),
    _outside("functions", (TANH, "return -g * (1 - a ** 2)")),
    _outside("functions", (TANH, "return g * (a ** 2 - 1)")),
    _outside("functions", (TANH, "return g * (1 - a ** 3)")),
    _outside("functions", (TANH, "return g * (1 - a ** 2) ** 2")),
    _outside("functions", (TANH, "return g * a")),
    _outside("functions", (TANH, "return g")),
    _outside("functions", (TANH, "return g / (1 - a ** 2)")),
    _outside("functions", (TANH, "return g * (1 - 2 * a)")),
    _outside("functions", (TANH, "return g * (1 + x ** 2)")),
    _outside("functions", (TANH, "return g * (1 - a * x)")),
    _outside("functions", (TANH, "return g.sum() * (1 - a ** 2)")),
    _outside("functions", ("a = torch.tanh(x)", "a = torch.tanh(2 * x)")),
    _outside("functions", ("a = torch.tanh(x)", "a = torch.erf(x)")),
    *(_outside(slug, edit) for slug in RIGHT for edit in _UNHEARD),
)
"""Written before there was a matcher for them."""


def observe(case: Case, key: AnswerKey) -> Run:
    """What the judge would see of the code of a case, on every probe but the training runs."""
    source = RIGHT[case.slug]
    for old, new in case.edits:
        assert old in source, (case.slug, old)
        source = source.replace(old, new)
    names: dict[str, Any] = {"torch": torch, "nn": torch.nn, "Function": torch.autograd.Function}
    linecache.cache["<case>"] = (len(source), None, source.splitlines(keepends=True), "<case>")
    exec(compile(source, "<case>", "exec"), names)
    if case.slug == "relu":
        module = names["MyReLU"]
        base = torch.autograd.Function
        function = names.get("MyReLUFunction") or type("MyReLUFunction", (base,), dict(_first_class(source)))
        names |= {"Function": function, "Module": module}
    seen = {
        probe.name: _on_probe(names, key, probe) for probe in key.probes if probe.part not in ("descents", "regression")
    }
    return Run(Outcome.RETURNED, None, seen, "", 0.0)


def _first_class(source: str) -> dict[str, Any]:
    """The methods of a Function that a later class of the same name replaces."""
    names: dict[str, Any] = {"torch": torch, "nn": torch.nn}
    exec(compile(source.partition("class MyReLU(nn.Module)")[0], "<case>", "exec"), names)
    return {name: vars(names["MyReLU"])[name] for name in ("forward", "backward")}


@cache
def _exercise(slug: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        f"exercise_{slug}", Path(find_course()) / "assignments" / slug / "exercise.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _on_probe(names: dict[str, Any], key: AnswerKey, probe: Probe) -> Observation:
    part: Any = _exercise(key.slug)
    for name in probe.part.split("."):
        part = getattr(part, name)
    kept: dict[str, list[Any]] = {}
    notes: dict[str, Fact] = {}

    def report(quantity: str, value: Any, why: Fact | None = None) -> None:
        if value is None:
            if why:
                notes.setdefault(quantity, why)
            return
        kept.setdefault(quantity, []).append(torch.as_tensor(value).detach().clone().numpy())

    inputs = {name: torch.tensor(value, dtype=getattr(torch, probe.dtype)) for name, value in probe.inputs.items()}
    outcome, fact = _outcome(lambda: part.observe(names, inputs, report))
    arrays = {name: np.stack(seen) for name, seen in kept.items() if len({array.shape for array in seen}) == 1}
    return Observation(outcome, fact, arrays, notes)


def _outcome(call: Callable[[], object]) -> tuple[Outcome, Fact | None]:
    try:
        with warnings.catch_warnings(action="ignore"):  # as in the sandbox
            call()
    except Exception as error:
        return Outcome.RAISED, _told(error)
    return Outcome.RETURNED, None


def _told(error: Exception) -> Fact:
    """The error, with the last line of the case that it went through, as in the sandbox."""
    places, trace = (), error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<case>":
            number = trace.tb_lineno
            places = (("case.py", number, trace.tb_frame.f_code.co_name, linecache.getline("<case>", number).strip()),)
        trace = trace.tb_next
    return Fact("raised", {"type": type(error).__name__, "text": str(error), "places": places})
