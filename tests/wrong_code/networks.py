"""Code for `mynet` that makes mistakes of the catalogue, alone or together, in six styles that share nothing but mathematics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from grader.diagnosis.catalogue import NUMERIC, Catalogue, KnownMistake, Layer, Step
from grader.records import AnswerKey, Diagnosis, Observation, Outcome, Probe, Rule, Run

Backpropagation = Callable[[Any, Any, Any], None]
CONSTANT = 0.03
"""Learning rate or weight decay of generated code."""
SPECIAL = (
    "loop-only-output-layer", "loop-stops-before-layer-1", "loop-delta-not-updated", "loop-accumulates",
    "side-effect-updates-weights", "bgrad-keeps-batch-dim",
)  # fmt: skip
"""Mistakes without a formula of their own that can be composed with others."""


# The six styles: how a right step is written


def _slope_of_z(m: Any, l: int) -> Any:
    return 1 / np.cosh(m.z[l]) ** 2


@dataclass(frozen=True)
class Style:
    """How right steps are written."""

    dtype: Any = np.float64
    slope: Callable[[Any, int], Any] = _slope_of_z
    outer: Callable[[Any, Any], Any] = lambda d, a: d.T @ a
    back: Callable[[Any, Any], Any] = lambda d, w: d @ w
    kept_axis: Callable[[Any], Any] = lambda d: d


def _loop_back(d: Any, w: Any) -> Any:
    e = np.zeros((1, w.shape[1]), d.dtype)
    for k in range(w.shape[0]):
        e[0] += d[0, k] * w[k]
    return e


STYLES = {
    "row": Style(),
    "column": Style(
        outer=lambda d, a: np.dot(d.reshape(-1, 1), a), back=lambda d, w: np.dot(w.T, d.T).T, kept_axis=lambda d: d.T
    ),
    "einsum": Style(outer=lambda d, a: np.einsum("bi,bj->ij", d, a), back=lambda d, w: np.einsum("bi,ij->bj", d, w)),
    "loops": Style(outer=lambda d, a: np.stack([x * a[0] for x in d[0]]), back=_loop_back),
    "numpy": Style(dtype=np.float32, outer=lambda d, a: np.outer(d, a)),
    "from a": Style(dtype=np.float32, slope=lambda m, l: 1 - m.a[l] ** 2),
}


def composed(mistakes: Iterable[KnownMistake], style: Style) -> Backpropagation:
    """Code that makes these mistakes, and does the rest right in a style."""
    made = {(e.step, e.place): e for e in mistakes if e.step in NUMERIC}
    special = {e.id for e in mistakes}

    def layer(m: Any, l: int, y: Any, e: Any, delta: Any) -> Layer:
        nothing = np.full((1, *m.W[l].shape), np.nan)
        stored = m.dw.get(l)
        gradient = nothing if stored is None else stored[None]
        before_z = m.z[l - 1] if l > 1 else m.a[0]
        below = {"weight_below": m.W[l - 1]} if l > 1 else {}
        return Layer(m.a[l], m.z[l], y, m.a[l - 1], before_z, m.W[l], m.b[l], gradient, e, delta, **below)

    def do(entry: KnownMistake, at: Layer) -> Any:
        value = entry.run(at)
        return value[0] + CONSTANT * value[1] if entry.fitted else value

    def backpropagation(m: Any, y: Any, p: Any) -> None:
        none = np.full_like(p, np.nan)
        loss = made.get((Step.LOSS, ""))
        e = do(loss, layer(m, m.L, y, none, none)) if loss else 2 * (p - y)
        first = None
        for l in range(m.L, 0, -1):
            if l == 1 and m.L > 1 and "loop-stops-before-layer-1" in special:
                break
            activation = made.get((Step.ACTIVATION, "out" if l == m.L else "hid"))
            delta = do(activation, layer(m, l, y, e, none)) if activation else e * style.slope(m, l)
            first = delta if first is None else first
            at = layer(m, l, y, e, delta)
            weights, biases = made.get((Step.WEIGHTS, "")), made.get((Step.BIASES, ""))
            dw = do(weights, at)[0] if weights else style.outer(delta, m.a[l - 1])
            db = do(biases, at) if biases else delta
            db = style.kept_axis(db) if "bgrad-keeps-batch-dim" in special else db[0]
            adds = "loop-accumulates" in special
            m.dw[l] = dw + m.dw[l] if adds and m.dw.get(l) is not None else dw
            m.db[l] = db + m.db[l] if adds and m.db.get(l) is not None else db
            if "loop-only-output-layer" in special:
                break
            if l > 1:
                back = made.get((Step.BACK, ""))
                up = first if "loop-delta-not-updated" in special else delta
                fresh = layer(m, l, y, e, up)
                e = do(back, fresh) if back else style.back(up, m.W[l])
        if "side-effect-updates-weights" in special:
            for l in range(1, m.L + 1):
                if m.dw.get(l) is not None and m.dw[l].shape == m.W[l].shape:
                    m.W[l] = m.W[l] - CONSTANT * m.dw[l]

    return backpropagation


def observe(code: Backpropagation, key: AnswerKey, dtype: Any = np.float64) -> Run:
    """What the judge would see of code, on every graded probe."""
    seen = {p.name: _on_probe(code, key, p, dtype) for p in key.probes if p.graded}
    return Run(Outcome.RETURNED, None, seen, "", 0.0)


def _on_probe(code: Backpropagation, key: AnswerKey, probe: Probe, dtype: Any) -> Observation:
    depth = sum(name.startswith("w[") for name in probe.inputs)
    levels = range(1, depth + 1)
    kept: dict[str, list[Any]] = {}
    outcome = Outcome.RETURNED
    xs, ys = probe.inputs["x"], probe.inputs["y"]
    m = SimpleNamespace(L=depth, dw={}, db={})
    for number, (x, y) in enumerate([*zip(xs, ys, strict=True), (xs[0], ys[0])]):
        again = number == len(xs)
        m.W = {l: probe.inputs[f"w[{l}]"].astype(dtype) for l in levels}
        m.b = {l: probe.inputs[f"b[{l}]"].astype(dtype) for l in levels}
        m.a, m.z = {0: x.astype(dtype)}, {}
        for l in levels:
            m.z[l] = m.a[l - 1] @ m.W[l].T + m.b[l]
            m.a[l] = np.tanh(m.z[l])
        if not again:
            m.dw, m.db = {}, {}
        before = dict(m.W)
        try:
            with np.errstate(all="ignore"):
                code(m, y.astype(dtype), m.a[depth])
        except (ValueError, KeyError, IndexError):
            outcome = Outcome.RAISED
        for l in levels:
            for name, value in (("dL_dw", m.dw.get(l)), ("dL_db", m.db.get(l))):
                if value is not None:
                    kept.setdefault(f"{name}[{l}]" + " again" * again, []).append(np.array(value))
        if number == 0:
            for l in levels:
                true = probe.inputs[f"w[{l}]"]
                kept[f"w[{l}] after"] = [true if m.W[l] is before[l] else m.W[l].astype(np.float64)]
                kept[f"b[{l}] after"] = [probe.inputs[f"b[{l}]"]]
    names = {e.quantity for e in key.expected[probe.name] if e.rule is not Rule.DESCENDS}
    return Observation(outcome, None, {n: np.stack(v) for n, v in kept.items() if n in names})


def names(diagnosis: Diagnosis) -> set[str]:
    """The mistakes that a diagnosis names."""
    return {m.id for m in diagnosis.mistakes}


def expected_names(mistakes: Iterable[KnownMistake]) -> set[str]:
    """What must be named: the same variant in both places goes by its family."""
    ids = [e.id for e in mistakes]
    families = [e.family for e in mistakes]
    return {f if families.count(f) > 1 else i for i, f in zip(ids, families, strict=True)}


def composable(catalogue: Catalogue) -> list[KnownMistake]:
    """The mistakes that can be made together with others."""
    return [e for e in catalogue.entries if e.step in NUMERIC or e.id in SPECIAL]
