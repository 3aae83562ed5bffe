"""What was seen of one class in each probe: the points at which it was called, and what it gave there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from grader.diagnosis.functions import Subject
from grader.records import AnswerKey, AnyArray, Expectation, FloatArray, Observation, Outcome, Probe, Rule, Run
from grader.wire.facts import Fact
from grader.wire.told import traceback_of

Point = SimpleNamespace
"""One call: the arguments by name, as float64, and again in `seen`, which stays when they are moved; `g`, the upstream
gradient; `value`, what forward gave, of the shape of `g`; `gradients`, what was reported by argument (NaN where nothing
was); `argument`, which gradient is asked for; and `slope`, what the step before gave."""


@dataclass(frozen=True)
class ClassProbe:
    """One probe of one class. Arrays have shape (K, ...) for K calls; what was not reported is absent.

    Attributes:
        expected: by quantity, what is right.
        own: by quantity, what the submission's own forward lets one expect.
        message: the error with which the call ended, as Python prints it; empty where it did not.
        notes: by quantity, what is true of it where there are no numbers.
        after: by input, what it was after the calls, where something else than before.
    """

    title: str
    graded: bool
    by_autograd: bool
    dtype: str
    outcome: Outcome
    message: str
    notes: Mapping[str, Fact]
    points: tuple[Point, ...]
    observed: Mapping[str, FloatArray]
    expected: Mapping[str, FloatArray]
    own: Mapping[str, FloatArray]
    after: Mapping[str, FloatArray]

    def notes_of(self, *quantities: str) -> set[str]:
        """The kinds of what is noted of some quantities, or of all."""
        return {note.kind for name, note in self.notes.items() if not quantities or name in quantities}


def trials(key: AnswerKey, run: Run, subject: Subject) -> list[ClassProbe]:
    """The probes in which a class was tried at all; of those that earn no points, the ones that came to their end."""
    found = []
    for probe in key.probes:
        seen = run.observations.get(probe.name, Observation())
        counts = seen.outcome is Outcome.RETURNED or (probe.graded and seen.outcome is not Outcome.NOT_ATTEMPTED)
        if probe.family == subject.part and counts:
            found.append(_trial(subject, probe, key.expected[probe.name], seen))
    return found


def _trial(subject: Subject, probe: Probe, expected: tuple[Expectation, ...], seen: Observation) -> ClassProbe:
    work = {e.quantity: e for e in expected if e.rule.is_work}
    observed = {name: array for name, e in work.items() if (array := _numbers(seen, name, e)) is not None}
    own = {
        e.source: array
        for e in expected
        if e.rule in (Rule.CONSISTENT, Rule.COMPOSED, Rule.OWN) and (array := _numbers(seen, e.quantity, e)) is not None
    }
    after = {
        e.source: array
        for e in expected
        if e.rule is Rule.UNCHANGED
        and (array := _numbers(seen, e.quantity, e)) is not None
        and not np.array_equal(array, e.double.value)
    }
    return ClassProbe(
        probe.title,
        probe.graded,
        subject.by_autograd or probe.part.endswith(".apply"),
        probe.dtype,
        seen.outcome,
        traceback_of(seen.fact),
        seen.notes,
        _points(subject, probe, observed),
        observed,
        {name: e.double.value for name, e in work.items()},
        own,
        after,
    )


def _numbers(seen: Observation, quantity: str, expected: Expectation) -> FloatArray | None:
    array: AnyArray | None = seen.arrays.get(quantity)
    if array is None or array.dtype.kind not in "fiub" or len(array) != len(expected.double.value):
        return None
    return array.astype(np.float64)


def _points(subject: Subject, probe: Probe, observed: Mapping[str, FloatArray]) -> tuple[Point, ...]:
    """The calls of which the value is known: its shape is that of the upstream gradient."""
    values = observed.get(subject.value)
    if values is None or not subject.arguments:
        return ()
    inputs = {name: np.asarray(probe.inputs[name], np.float64) for name in subject.arguments}
    rows = probe.inputs[subject.upstream]
    rows = rows if len(values) > 1 else rows.reshape(1, -1)
    gradients = {name: observed.get(subject.quantity(name)) for name in subject.arguments}
    return tuple(
        Point(
            **inputs,
            seen=SimpleNamespace(**inputs),
            g=np.resize(row, value.shape),
            value=value,
            gradients={name: np.nan if array is None else array[k] for name, array in gradients.items()},
            argument="",
            slope=np.nan,
        )
        for k, (row, value) in enumerate(zip(rows, values, strict=True))
    )
