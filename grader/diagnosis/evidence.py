"""What a run shows: for each probe that is a tanh network its layers and what was stored there, and other signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from grader.diagnosis.catalogue import Layer, Signs
from grader.diagnosis.comparing import numbers
from grader.records import AnswerKey, AnyArray, Expectation, FloatArray, Network, Observation, Outcome, Probe, Rule, Run
from grader.tolerance import forward
from grader.wire.told import traceback_of

NODES, EVALUATIONS = "autograd nodes", "evaluations"
ADDED, START = " added", 0.5
"""What is told of a second call: its name after that of a gradient, and what the accumulators were filled with."""
_CLOSE = 1e-4


@dataclass(frozen=True)
class NetworkProbe:
    """One probe: the true layers by level (e and delta unknown), and what was stored for each, or None.

    `weights[l]` has shape (K, ...), `biases[l]` too; `names` are the quantities as reports call them.
    """

    title: str
    depth: int
    layers: dict[int, Layer]
    weights: dict[int, FloatArray | None]
    biases: dict[int, FloatArray | None]
    names: dict[str, str]
    outcome: Outcome

    @property
    def size(self) -> int:
        """Numbers in the largest gradient."""
        return max(layer.weight.size for layer in self.layers.values())


def trials(key: AnswerKey, run: Run) -> list[NetworkProbe]:
    """The graded probes that are networks seen one example at a time, the small ones first."""
    found = [
        trial
        for probe in key.probes
        if probe.graded and (trial := _trial(probe, key.expected[probe.name], run.observations.get(probe.name)))
    ]
    return sorted(found, key=lambda trial: trial.size)


def _trial(probe: Probe, expected: tuple[Expectation, ...], seen: Observation | None) -> NetworkProbe | None:
    gradients = {e.source: e for e in expected if e.rule is Rule.GRADIENT}
    x, y = probe.inputs.get("x"), probe.inputs.get("y")
    depth = sum(name.startswith("w[") for name in probe.inputs)
    levels = range(1, depth + 1)
    if seen is None or x is None or y is None or not depth or any(f"w[{l}]" not in gradients for l in levels):
        return None
    x, y = _in_rows(x), _in_rows(y)
    if x is None or y is None or len(gradients["w[1]"].double.value) != len(x):
        return None
    weights, biases = zip(
        *((probe.inputs[f"w[{l}]"], probe.inputs[f"b[{l}]"].reshape(-1)) for l in levels), strict=True
    )
    network = Network(weights, biases, x, y)
    z, a = forward(network)
    unknown = np.array(np.nan)
    stored = {source: _stored(seen, e, len(x)) for source, e in gradients.items()}
    layers = {}
    for l in levels:
        weight, gradient = network.weights[l - 1], stored[f"w[{l}]"]
        layers[l] = Layer(
            a=a[l],
            z=z[l - 1],
            y=network.y if l == depth else unknown,
            before=a[l - 1],
            z_before=z[l - 2] if l > 1 else a[0],
            weight=weight,
            bias=network.biases[l - 1],
            gradient=np.full((len(x), *weight.shape), np.nan) if gradient is None or gradient.ndim != 3 else gradient,
            e=unknown,
            delta=unknown,
            z_above=z[l] if l < depth else unknown,
            weight_below=network.weights[l - 2] if l > 1 else np.full((0, 0), np.nan),
        )
    return NetworkProbe(
        probe.title,
        depth,
        layers,
        {l: stored[f"w[{l}]"] for l in levels},
        {l: stored.get(f"b[{l}]") for l in levels},
        {source: e.quantity for source, e in gradients.items()},
        seen.outcome,
    )


def _in_rows(examples: FloatArray) -> FloatArray | None:
    """One example, a vector or a row or a column, or K points of one example each, (K, 1, n), as (K, n); else None."""
    if examples.ndim == 3:
        return examples[:, 0] if examples.shape[1] == 1 else None
    return examples.reshape(1, -1) if examples.size == max(examples.shape) else None


def _stored(seen: Observation, expected: Expectation, examples: int) -> FloatArray | None:
    """What was stored in every example, as float64; None where it is not the same in all of them."""
    array = numbers(seen.arrays.get(expected.quantity))
    return None if array is None or len(array) != examples else array


def signs(key: AnswerKey, run: Run, tried: list[NetworkProbe]) -> Signs:
    """All that can be seen without looking at the gradients' numbers."""
    graded = [probe for probe in key.probes if probe.graded]
    seen = [(probe, run.observations.get(probe.name, Observation())) for probe in graded]
    arrays = [
        array for probe, o in seen for e in key.expected[probe.name] if e.rule.is_work
        for array in [o.arrays.get(e.quantity)] if array is not None
    ]  # fmt: skip
    base = Signs(
        notes=frozenset(
            [*(note.kind for _, o in seen for note in o.notes.values())]
            + ["holds-truth-values" for array in arrays if array.dtype.kind == "b"]
        ),
        outcomes=frozenset([str(run.outcome), *(str(o.outcome) for _, o in seen)]),
        messages="\n".join([traceback_of(run.fact), *(traceback_of(o.fact) for _, o in seen)]),
        stored=tuple(
            (t.depth, frozenset(l for l in t.layers if t.weights[l] is not None or t.biases[l] is not None))
            for t in tried
            if t.outcome is Outcome.RETURNED
        ),
        second=_second_call(key, seen),
        added=_added(key, seen),
        finite=all(bool(np.isfinite(array).all()) for array in arrays if array.dtype.kind == "f"),
        autograd=any(_largest(o.arrays.get(NODES)) > 0 for _, o in seen),
        evaluations=max((_largest(o.arrays.get(EVALUATIONS)) for _, o in seen), default=0),
    )
    changes = [change for probe, o in seen for change in _changes(probe, o, key.expected[probe.name])]
    if not changes:
        return base
    rates = [rate for rate in changes if rate is not None]
    steady = len(rates) == len(changes) and np.ptp(rates) <= 1e-2 * abs(rates[0])
    return replace(base, changed=True, learning_rate=float(np.median(rates)) if steady else None)


def _largest(array: AnyArray | None) -> int:
    return int(array.max()) if array is not None and array.size and array.dtype.kind == "i" else 0


def _changes(probe: Probe, seen: Observation, expected: tuple[Expectation, ...]) -> Iterator[float | None]:
    """Of every input that the call changed, the learning rate: by how many gradients it went down, None if not so."""
    gradients = {e.source: e.quantity for e in expected if e.rule is Rule.GRADIENT}
    for e in expected:
        after, before = seen.arrays.get(e.quantity), probe.inputs.get(e.source)
        if e.rule is not Rule.UNCHANGED or after is None or before is None or after[0].shape != before.shape:
            continue
        step = before - after[0].astype(np.float64)
        if not np.any(step):
            continue
        gradient = seen.arrays.get(gradients.get(e.source, ""))
        if gradient is None or gradient[0].size != step.size or not np.any(gradient[0]):
            yield None
            continue
        direction = gradient[0].astype(np.float64).reshape(step.shape)
        rate = float(np.sum(step * direction) / np.sum(direction**2))
        coarse = 2.0**-50 * float(np.abs(before).max()) + _CLOSE * float(np.abs(step).max())
        yield rate if float(np.abs(step - rate * direction).max()) <= 10 * coarse else None


def _added(key: AnswerKey, seen: list[tuple[Probe, Observation]]) -> frozenset[str]:
    """What became of the contents of accumulators in a second call, wherever that can be told."""
    found = set()
    for probe, o in seen:
        for e in key.expected[probe.name]:
            first, added = numbers(o.arrays.get(e.source)), numbers(o.arrays.get(e.quantity))
            if not e.quantity.endswith(ADDED) or first is None or added is None or first[0].shape != added[0].shape:
                continue
            relations = {"kept": first[0], "replaced": first[0] - START, "untouched": 0 * first[0]}
            size = _CLOSE * max(float(np.abs(first).max(initial=0)), 1e-30) + 1e-6
            found.add(next((n for n, v in relations.items() if np.all(np.abs(added[0] - v) <= size)), "other"))
    return frozenset(found)


def _second_call(key: AnswerKey, seen: list[tuple[Probe, Observation]]) -> str:
    """How what a second call on one example stored is related to the first call, and to what was stored in between."""
    found = set()
    for probe, o in seen:
        for e in key.expected[probe.name]:
            first, again = numbers(o.arrays.get(e.source)), numbers(o.arrays.get(e.quantity))
            if (
                e.rule is not Rule.REPEATS
                or e.quantity.endswith(ADDED)
                or first is None
                or again is None
                or first[0].shape != again[0].shape
            ):
                continue
            relations = {"same": first[0], "sum": first[0] + first[-1], "kept": first[-1]}
            size = _CLOSE * max(float(np.abs(first).max(initial=0)), 1e-30)
            found.add(next((n for n, v in relations.items() if np.all(np.abs(again[0] - v) <= size)), "other"))
    found.discard("same")
    if "sum" in found:  # what is computed from a sum may be anything
        return "sum"
    return found.pop() if len(found) == 1 else ("other" if found else "same")
