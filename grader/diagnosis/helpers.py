"""Functions whose values were reported: which known mistake gives them. Each value is looked at by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from grader.diagnosis.catalogue import Catalogue, KnownMistake, Step
from grader.diagnosis.comparing import matches, numbers
from grader.diagnosis.facts import Pair, facts, not_right
from grader.records import AnswerKey, AnyArray, Estimate, FloatArray, Observation, Outcome, Rule, Run, UnknownMistake
from grader.tolerance import agrees

Given = Mapping[str, FloatArray]
"""What a function was given, by the name that a known mistake knows it by."""


@dataclass(frozen=True)
class Value:
    """One value in one trial: `seen` and `right` have a leading axis of length one; `seen` is None where nothing is.

    `kind` is what the catalogue calls the quantity, `name` what reports do.
    """

    step: Step
    kind: str
    name: str
    title: str
    layer: int | None
    given: Given
    seen: FloatArray | None
    right: FloatArray
    wrong: bool
    raised: bool = False


def helper_values(key: AnswerKey, run: Run, catalogue: Catalogue) -> Iterator[Value]:
    """Those of the helper functions of which the catalogue knows a mistake."""
    kinds = {e.quantity for e in catalogue.of(Step.HELPERS)}
    for probe in key.probes:
        seen = run.observations.get(probe.name, Observation())
        for e in key.expected[probe.name] if probe.graded else ():
            if e.quantity in kinds and e.rule.is_work:
                stored = seen.arrays.get(e.quantity)
                yield Value(
                    Step.HELPERS, e.quantity, e.quantity, probe.title, None, probe.inputs, numbers(stored),
                    e.double.value, is_wrong(stored, e.single), seen.outcome is Outcome.RAISED,
                )  # fmt: skip


def forward_values(key: AnswerKey, run: Run) -> Iterator[Value]:
    """The tensors s1, x1, s2, x2 of a forward pass, each given what the submission computed before it.

    What is reported is a tensor less what it inherits from a mistake in the one before it, so that is put back.
    """
    for probe in key.probes:
        expected = {e.quantity: e for e in key.expected[probe.name] if e.rule is Rule.VALUE}
        if not probe.graded or "s1" not in expected:
            continue
        seen = run.observations.get(probe.name, Observation())
        x = probe.inputs["x"]
        given = {"x": x.reshape(1, -1) if x.size == max(x.shape) else x, "s": np.full(x.shape, np.nan)}
        inherits = False
        for name in ("s1", "x1", "s2", "x2"):
            layer, e = int(name[1]), expected[name]
            own, right = numbers(seen.arrays.get(name)), e.double.value[0]
            wrong = is_wrong(seen.arrays.get(name), e.single)
            if name[0] == "s":
                given |= {"w": probe.inputs[f"w[{layer}]"], "b": probe.inputs[f"b[{layer}]"].reshape(-1)}
                follows = given["x"] @ given["w"].T + given["b"]
            else:
                follows = np.tanh(given["s"])
            fits = own is not None and own[0].shape == right.shape
            value = (
                own[0] - right + follows
                if own is not None and fits and inherits
                else (own[0] if own is not None else None)
            )
            yield Value(
                Step.FORWARD, name[0], name, probe.title, layer, dict(given), None if value is None else value[None],
                follows[None], wrong, seen.outcome is Outcome.RAISED,
            )  # fmt: skip
            if value is None or not fits:
                break
            inherits = not np.allclose(value, right, 1e-4, 1e-5)
            given = given | ({"s": value} if name[0] == "s" else {"before_s": given["s"], "x": value})


def is_wrong(stored: AnyArray | None, allowed: Estimate) -> bool:
    """Whether something was reported that is not what it should be, axes of length one aside."""
    if stored is None:
        return False
    seen, right = numbers(stored), allowed.value
    if seen is None or seen.size != right.size:
        return True
    return not bool(np.all(agrees(seen.reshape(right.shape), allowed)))


def explained(
    catalogue: Catalogue, values: Iterable[Value]
) -> tuple[dict[KnownMistake, list[Value]], list[UnknownMistake]]:
    """The known mistakes by the values that they give, and the quantities that are wrong and that none gives.

    A mistake must give a quantity in every trial in which it was seen. A known one that counts only beside another is
    no news where it fits: it is what that one leads to.
    """
    by_name: dict[str, list[Value]] = {}
    for value in values:
        by_name.setdefault(value.name, []).append(value)
    found: dict[KnownMistake, list[Value]] = {}
    open_: list[list[Value]] = []
    for alike in by_name.values():
        if not any(v.wrong for v in alike):
            continue
        fitting = [e for e in catalogue.entries if e.quantity == alike[0].kind and not e.given and _gives(e, alike)]
        if fitting:
            found.setdefault(fitting[0], []).extend(alike)
        else:
            open_.append(alike)
    families = {e.family for e in found}
    unknown = []
    for alike in open_:
        led = any(e.given in families and e.quantity == alike[0].kind and _gives(e, alike) for e in catalogue.entries)
        if not led:
            pairs: list[Pair] = [(v.title, *_in_line(v)) for v in alike if v.wrong]
            told = facts(alike[0].name, pairs) or (not_right(alike[0].name),)
            unknown.append(UnknownMistake(alike[0].step, alike[0].layer, told))
    return found, unknown


def _in_line(value: Value) -> tuple[FloatArray | None, FloatArray]:
    """What was reported and what is right, the same way: entries in one line if there are as many."""
    seen, right = value.seen, value.right
    if seen is None or seen.size != right.size:
        return seen, right
    return seen.reshape(1, -1), right.reshape(1, -1)


def _gives(entry: KnownMistake, values: list[Value]) -> bool:
    """Whether a mistake gives what was reported, wherever anything was, and stops nowhere else than the submission.

    Zeros alone prove no mistake where something else is right: too many things give them.
    """
    seen = [v for v in values if v.seen is not None]
    telling = False
    for v in seen:
        predicted = given_instead(entry, v)
        if v.seen is None or predicted is None or not matches(v.seen, predicted[None, None])[0]:
            return False
        telling = telling or bool(np.any(predicted))
    return telling


def given_instead(entry: KnownMistake, value: Value) -> FloatArray | None:
    """What a mistake gives; None where the code would stop with an error."""
    try:
        return np.asarray(entry.run(value.given), np.float64)
    except ValueError:
        return None
