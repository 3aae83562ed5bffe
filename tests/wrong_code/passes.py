"""Whole submissions to `mlp` with mistakes in them, and mistakes that no catalogue describes.

`PARTS` is a right submission for one example as a vector, in pieces; a mistake replaces some of them by other text. The
cases outside the catalogue were written before anything was tuned on them.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from grader.assignment import Assignment
from grader.diagnosis import Catalogue, diagnose
from grader.grading import _judged
from grader.records import AnswerKey, Diagnosis, Observation, Outcome, Run, Verdict
from grader.watch.running.raised import raised
from grader.wire.facts import Fact

PARTS: Mapping[str, str] = {
    "sigma": "torch.tanh(x)",
    "dsigma": "1 - torch.tanh(x) ** 2",
    "loss": "((t - v) ** 2).sum()",
    "dloss": "2 * (v - t)",
    "s1": "w1 @ x + b1",
    "x1": "sigma(s1)",
    "s2": "w2 @ x1 + b2",
    "x2": "sigma(s2)",
    "e2": "dloss(x2, t)",
    "d2": "e2 * dsigma(s2)",
    "e1": "w2.T @ d2",
    "d1": "e1 * dsigma(s1)",
    "gw2": "torch.outer(d2, x1)",
    "gw1": "torch.outer(d1, x)",
    "gb2": "d2",
    "gb1": "d1",
    "store": "dl_dw1 += gw1; dl_db1 += gb1; dl_dw2 += gw2; dl_db2 += gb2",
}

_PROGRAM = """import torch


def sigma(x):
    return {sigma}


def dsigma(x):
    return {dsigma}


def loss(v, t):
    return {loss}


def dloss(v, t):
    return {dloss}


def forward_pass(w1, b1, w2, b2, x):
    s1 = {s1}
    x1 = {x1}
    s2 = {s2}
    x2 = {x2}
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    e2 = {e2}
    d2 = {d2}
    e1 = {e1}
    d1 = {d1}
    gw2, gw1, gb2, gb1 = {gw2}, {gw1}, {gb2}, {gb1}
    {store}
"""


def program(changes: Mapping[str, str]) -> str:
    """The text of a submission in which some pieces are others."""
    return _PROGRAM.format(**{**PARTS, **changes})


MADE: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "sigma-is-sigmoid": ({"sigma": "torch.sigmoid(x)"}, {"sigma": "torch.sigmoid(x)", "dsigma": "1 - sigma(x) ** 2"}),
    "dsigma-square-forgotten": (
        {"dsigma": "1 - torch.tanh(x)"},
        {"d2": "e2 * (1 - torch.tanh(s2))", "d1": "e1 * (1 - torch.tanh(s1))"},
    ),
    "dsigma-1-minus-x2": ({"dsigma": "1 - x ** 2"}, {"d2": "e2 * (1 - s2 ** 2)", "d1": "e1 * (1 - s1 ** 2)"}),
    "dsigma-of-sigmoid": (
        {"dsigma": "sigma(x) * (1 - sigma(x))"},
        {"dsigma": "torch.sigmoid(x) * (1 - torch.sigmoid(x))"},
        {"d2": "e2 * x2 * (1 - x2)", "d1": "e1 * x1 * (1 - x1)"},
    ),
    "dsigma-2-tanh": ({"dsigma": "1 - 2 * torch.tanh(x)"}, {"d1": "e1 * (1 - 2 * x1)"}),
    "dsigma-cosh-not-squared": ({"dsigma": "1 / torch.cosh(x)"}, {"d2": "e2 / torch.cosh(s2)"}),
    "loss-mean-not-sum": ({"loss": "((t - v) ** 2).mean()"},),
    "loss-norm-not-squared": ({"loss": "torch.linalg.norm(t - v)"},),
    "loss-not-summed": ({"loss": "(t - v) ** 2"},),
    "loss-half": ({"loss": "0.5 * ((t - v) ** 2).sum()"},),
    "dloss-factor-2-missing": ({"dloss": "v - t"}, {"e2": "x2 - t"}),
    "dloss-sign-flipped": ({"dloss": "2 * (t - v)"}, {"e2": "2 * (t - x2)"}),
    "dloss-mean-not-sum": ({"dloss": "2 * (v - t) / v.numel()"}, {"e2": "2 * (x2 - t) / x2.numel()"}),
    "dloss-value-instead-of-derivative": ({"dloss": "((v - t) ** 2).sum()"}, {"dloss": "(v - t) ** 2"}),
    "dloss-abs-derivative": ({"dloss": "torch.sign(v - t)"}, {"e2": "torch.sign(x2 - t)"}),
    "dloss-arguments-swapped": ({"e2": "dloss(t, x2)"},),
    "fwd-bias-forgotten": ({"s1": "w1 @ x"}, {"s2": "w2 @ x1"}, {"s1": "w1 @ x", "s2": "w2 @ x1"}),
    "fwd-no-output-activation": ({"x2": "s2"},),
    "fwd-second-layer-fed-by-s": ({"s2": "w2 @ s1 + b2"},),
    "fwd-weights-not-transposed": ({"s1": "x @ w1 + b1", "s2": "x1 @ w2 + b2"},),
    "out:dsigma-missing": ({"d2": "e2"},),
    "hid:dsigma-missing": ({"d1": "e1"},),
    "dsigma-missing": ({"d2": "e2", "d1": "e1"},),
    "out:dsigma-at-x-not-s": ({"d2": "e2 * dsigma(x2)"},),
    "hid:dsigma-at-x-not-s": ({"d1": "e1 * dsigma(x1)"},),
    "dsigma-at-x-not-s": ({"d2": "e2 * dsigma(x2)", "d1": "e1 * dsigma(x1)"},),
    "hid:dsigma-wrong-layer": ({"d1": "e1 * dsigma(s2)"},),
    "back-weights-not-transposed": ({"e1": "w2 @ d2"},),
    "back-weights-reshaped": ({"e1": "w2.reshape(w2.T.shape) @ d2"},),
    "back-uses-e-not-delta": ({"e1": "w2.T @ e2"},),
    "wgrad-transposed": (
        {"gw2": "torch.outer(x1, d2)", "gw1": "torch.outer(x, d1)"},
        {"gw1": "torch.outer(x, d1)", "store": "dl_dw2 += gw2; dl_db2 += gb2; dl_dw1 += gw1; dl_db1 += gb1"},
    ),
    "wgrad-s-instead-of-x": ({"gw2": "torch.outer(d2, s1)"},),
    "acc-rebinds-name": (
        {"store": "dl_dw1 = dl_dw1 + gw1; dl_db1 = dl_db1 + gb1; dl_dw2 = dl_dw2 + gw2; dl_db2 = dl_db2 + gb2"},
        {"store": "dl_dw1 += gw1; dl_db1 += gb1; dl_dw2 = dl_dw2 + gw2; dl_db2 = dl_db2 + gb2"},
    ),
    "acc-overwrites": (
        {"store": "dl_dw1[:] = gw1; dl_db1[:] = gb1; dl_dw2[:] = gw2; dl_db2[:] = gb2"},
        {"store": "dl_dw1 += gw1; dl_db1.copy_(gb1); dl_dw2 += gw2; dl_db2.copy_(gb2)"},
    ),
    "autograd-called": ({"store": PARTS["store"] + "; loss(x2, t).backward()"},),
    "side-effect-updates-weights": (
        {"store": PARTS["store"] + "; w1 -= 0.1 * gw1; b1 -= 0.1 * gb1; w2 -= 0.1 * gw2; b2 -= 0.1 * gb2"},
    ),
}
"""Each known mistake, made in one way or several."""

TWINS: Mapping[str, frozenset[str]] = {
    "dloss-sign-flipped": frozenset({"dloss-arguments-swapped"}),
}
"""Mistakes that give the same numbers as another one, by which they may be called."""

OUTSIDE: Mapping[str, Mapping[str, str]] = {
    "arctangent": {"sigma": "torch.atan(x)"},
    "twice the argument": {"sigma": "torch.tanh(2 * x)"},
    "shifted logistic": {"sigma": "2 * torch.sigmoid(x) - 1"},
    "slope of the arctangent": {"dsigma": "1 / (1 + x ** 2)"},
    "cosh cubed": {"dsigma": "1 / torch.cosh(x) ** 3"},
    "plus for minus": {"dsigma": "1 + torch.tanh(x) ** 2"},
    "slope of the logistic function, doubled": {"dsigma": "2 * torch.sigmoid(x) * (1 - torch.sigmoid(x))"},
    "slope is the value": {"dsigma": "torch.tanh(x)"},
    "absolute errors": {"loss": "(t - v).abs().sum()"},
    "sum, then square": {"loss": "(t - v).sum() ** 2"},
    "difference of squared norms": {"loss": "(t ** 2).sum() - (v ** 2).sum()"},
    "half of the mean": {"loss": "((t - v) ** 2).mean() / 2"},
    "target forgotten": {"dloss": "2 * v"},
    "three in place of two": {"dloss": "3 * (v - t)"},
    "half and turned": {"dloss": "t - v"},
    "unit length": {"dloss": "(v - t) / torch.linalg.norm(v - t)"},
    "bias subtracted": {"s1": "w1 @ x - b1"},
    "bias twice": {"s2": "w2 @ x1 + 2 * b2"},
    "no hidden activation": {"x1": "s1"},
    "activation twice": {"x2": "sigma(sigma(s2))"},
    "relu in the first layer": {"x1": "torch.relu(s1)"},
    "input squared": {"s1": "w1 @ x ** 2 + b1"},
    "target added": {"e2": "2 * (x2 + t)"},
    "error of s2": {"e2": "2 * (s2 - t)"},
    "cubed error": {"e2": "4 * (x2 - t) ** 3"},
    "errors in reverse order": {"e2": "dloss(x2, t).flip(0)"},
    "slope twice at the output": {"d2": "e2 * dsigma(s2) ** 2"},
    "slope added at the output": {"d2": "e2 + dsigma(s2)"},
    "slope averaged": {"d2": "e2 * dsigma(s2).mean()"},
    "value in place of slope in the hidden layer": {"d1": "e1 * x1"},
    "slope twice in the hidden layer": {"d1": "e1 * dsigma(s1) ** 2"},
    "hidden slope divided": {"d1": "e1 / dsigma(s1)"},
    "relu mask in the hidden layer": {"d1": "e1 * (s1 > 0)"},
    "weights squared": {"e1": "(w2 ** 2).T @ d2"},
    "weights forgotten": {"e1": "d2.sum() * torch.ones_like(x1)"},
    "weights of one sign": {"e1": "w2.abs().T @ d2"},
    "doubled on the way": {"e1": "2 * w2.T @ d2"},
    "hidden activation squared": {"gw2": "torch.outer(d2, x1 ** 2)"},
    "weights of the error": {"gw2": "torch.outer(e2, x1)"},
    "weight gradient halved": {"gw1": "torch.outer(d1, x) / 2"},
    "weight decay": {"gw2": "torch.outer(d2, x1) + 0.01 * w2", "gw1": "torch.outer(d1, x) + 0.01 * w1"},
    "bias of the error": {"gb2": "e2"},
    "bias doubled": {"gb1": "2 * d1"},
    "bias in reverse order": {"gb2": "d2.flip(0)"},
    "biases of one sign": {"gb2": "d2.abs()", "gb1": "d1.abs()"},
    "subtracted": {"store": PARTS["store"].replace("+=", "-=")},
    "added twice": {"store": PARTS["store"] + "; dl_dw1 += gw1"},
    "target spoilt": {"store": PARTS["store"] + "; t *= -1"},
    "weights decayed": {"store": PARTS["store"] + "; w1 *= 0.9"},
}
"""Wrong in ways that the catalogue does not know."""

IDENTITIES: Mapping[str, frozenset[str]] = {"subtracted": frozenset({"dloss-arguments-swapped"})}
"""Cases of these that give the numbers of a known mistake after all."""


def observe(text: str, assignment: Assignment, key: AnswerKey) -> Run:
    """What the judge would see of a submission, on every graded probe, without the sandbox."""
    spec = importlib.util.spec_from_file_location("exercise_mlp", assignment.folder / "exercise.py")
    assert spec is not None
    assert spec.loader is not None
    exercise = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(exercise)
    names: dict[str, Any] = {}
    exec(compile(text, "submission", "exec"), names)
    found = {}
    for probe in key.probes:
        arrays: dict[str, Any] = {}
        notes: dict[str, Fact] = {}

        def report(name: str, value: Any, why: Fact | None = None, arrays: Any = arrays, notes: Any = notes) -> None:
            if value is None:
                notes.update({name: why} if why else {})
            else:
                arrays[name] = torch.as_tensor(value).detach().numpy().copy()[None]

        outcome, fact = Outcome.RETURNED, None
        part = getattr(exercise, probe.part)
        inputs = {name: torch.tensor(np.array(a)) for name, a in probe.inputs.items()}
        try:
            if probe.graded:
                part.observe(names, inputs, report)
        except Exception as error:
            outcome, fact = Outcome.RAISED, raised(error, [])
        found[probe.name] = Observation(outcome, fact, arrays, notes)
    return Run(Outcome.RETURNED, None, found, "", 0.0)


def counted(assignment: Assignment, key: AnswerKey, run: Run) -> AnswerKey:
    """The key with the probes that count."""
    return _judged(assignment, key, run)[0]


def cases(which: str, catalogue: Catalogue) -> Iterator[tuple[set[str], str, Catalogue]]:
    """What must be named, the text of a submission, and the catalogue that is at hand."""
    singles = [(name, way) for name, ways in MADE.items() for way in ways]
    if which == "singles":
        yield from (({name}, program(way), catalogue) for name, way in singles)
    elif which == "left-out":
        yield from ((set(), program(way), catalogue.without(name.rpartition(":")[2])) for name, way in singles)
    elif which == "outside":
        yield from ((set(IDENTITIES.get(name, ())), program(way), catalogue) for name, way in OUTSIDE.items())
    else:
        for (first, one), (second, other) in itertools.combinations(singles, 2):
            same = first.rpartition(":")[2] == second.rpartition(":")[2]
            if not same and not set(one) & set(other):
                yield {first, second}, program({**one, **other}), catalogue


def twins(made: set[str], found: set[str], told: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether what was found differs from what was made by twins only: documented ones, or `told` with the name."""
    others = set().union(*(TWINS.get(name, frozenset()) for name in made))
    return len(found) == len(made) and all(name in made | others or made & set(told[name]) for name in found)


def diagnosed(
    text: str, assignment: Assignment, key: AnswerKey, *catalogues: Catalogue
) -> tuple[bool, tuple[Diagnosis, ...]]:
    """Whether a submission loses marks, and what each catalogue makes of it: whether it does or not."""
    run = observe(text, assignment, key)
    counted, findings = _judged(assignment, key, run)
    graded = {probe.name for probe in counted.probes if probe.graded}
    loses = any(f.verdict is not Verdict.CORRECT for f in findings if f.probe in graded)
    return loses, tuple(diagnose(counted, run, catalogue) for catalogue in catalogues)
