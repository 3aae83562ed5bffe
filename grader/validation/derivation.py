"""The mathematics of an exercise: oracles agree, the reference is right, the forward pass is pinned, axes differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
import yaml

from grader.errors import About, AssignmentError, GraderFault, OracleDisagreement
from grader.key import builder, exercises
from grader.key.expectations import ProbeKey
from grader.kit.tensors import as_tensors
from grader.oracles import ORACLES
from grader.records import AnswerKey, Probe, Rule
from grader.validation.blame import disagreement, unusable
from grader.validation.finding import Flaw, Item, Location
from grader.validation.looked_at import Derivation
from grader.validation.places import function, line_with

GOLDEN = "golden.yaml"
_ENOUGH = 1e-5
"""Relative: golden values are written with six digits, as one gets them from a pocket calculator."""


def agreement(derivation: Derivation) -> Iterator[Item]:
    """The oracles agree on every gradient, and the reference gives what they say."""
    assignment = derivation.assignment
    builder.prepare()
    try:
        derivation.key = builder.build(assignment, derivation.seed)
    except OracleDisagreement as error:
        yield Item("oracles", "", (disagreement(derivation, error),))
        yield Item("reference", "is not compared with oracles that do not agree", looked=False)
    except GraderFault:
        raise
    except Exception as error:
        problem = unusable(derivation, error)
        wrong = isinstance(error, AssignmentError) and error.about is About.REFERENCE
        if wrong:
            yield Item("oracles", "agree", ())
        yield Item("reference" if wrong else "oracles", "", (problem,))
    else:
        yield _oracles(derivation, derivation.key)
        quantities = sum(len(expected) for expected in derivation.key.expected.values())
        yield Item("reference", f"right in {quantities} quantities of {len(derivation.key.probes)} probes")


def _oracles(derivation: Derivation, key: AnswerKey) -> Item:
    """How many gradients, and which oracles tell of them."""
    gradients = [(probe, e) for probe in key.probes for e in key.expected[probe.name] if e.rule is Rule.GRADIENT]
    if not gradients:
        return Item("oracles", "no gradient is asked for", looked=False)
    told = {}
    for probe in {probe.part: probe for probe, _ in gradients}.values():
        part = exercises.part_of(derivation.exercise, probe)
        problem = ProbeKey(derivation.assignment, part, {}, probe).first_problem()
        told[probe.part] = {name: found for name, oracle in ORACLES.items() if (found := oracle(problem))}
    by = ", ".join(name for name in ORACLES if any(name in oracles for oracles in told.values()))
    silent = sorted(part or "the exercise" for part, oracles in told.items() if "complex step" not in oracles)
    rest = f"; the complex step does not apply to {', '.join(silent)}" if silent else ""
    return Item("oracles", f"{by} agree on {len(gradients)} gradients{rest}")


def golden(derivation: Derivation) -> Item:
    """The values in `golden.yaml`, worked out by hand, are what the forward pass gives.

    The oracles and the reference share the formula of the exercise: if it changes, they still agree. These values are
    what the statement says.
    """
    path = derivation.assignment.reference / GOLDEN
    if not _has_a_value(derivation):
        return Item("golden value", "no part has a value or a scalar to pin", looked=False)
    remedy = "work out one value by hand: a list of `part`, `inputs`, and `scalar`, or `quantity` and `value`"
    if not path.is_file():
        return Item("golden value", "", (Flaw(Location(path), "no golden value pins the forward pass", remedy),))
    try:
        pins = list(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, TypeError) as error:
        return Item("golden value", "", (Flaw(Location(path), f"is no list in YAML: {error}", remedy),))
    lines = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1) if line[:1] == "-"]
    problems = []
    for pin, line in zip(pins, lines, strict=True):
        try:
            problem = _pin(derivation, pin, Location(path, line))
        except Exception as error:
            if derivation.key is None:  # the reason is told already, or hides behind one that is
                return Item("golden value", "cannot be evaluated yet", looked=False)
            what = f"cannot be evaluated: {type(error).__name__}: {error}"
            problem = Flaw(Location(path, line), what, "give `inputs` as the probes of the part have them")
        problems += [problem] if problem else []
    return Item("golden value", f"{len(pins)} worked out by hand", tuple(problems))


def _has_a_value(derivation: Derivation) -> bool:
    key = derivation.key
    return key is None or any(
        e.rule.is_work and p.graded and e.double.value.size for p in key.probes for e in key.expected[p.name]
    )


def _pin(derivation: Derivation, pin: Any, place: Location) -> Flaw | None:
    """What is wrong about one golden value."""
    named = pin.get("part", "")
    part = exercises.part_of(derivation.exercise, Probe("golden", "golden", {}, part=named))
    drawn = next((p.inputs for p in derivation.key.probes if p.part == named), {}) if derivation.key else {}
    inputs = {name: np.array(value, getattr(drawn.get(name), "dtype", float)) for name, value in pin["inputs"].items()}
    if "scalar" in pin:
        point = part.points(inputs)[0]
        have = part.scalar(as_tensors(point, torch.float64)).detach().numpy()
        want = np.array(pin["scalar"], np.float64)
    else:
        probe = Probe("golden", "golden", inputs, part=named)
        have = ProbeKey(derivation.assignment, part, derivation.names(), probe).reported[pin["quantity"]][0]
        want = np.array(pin["value"], np.float64)
    if have.size == want.size and np.allclose(have.reshape(-1), want.reshape(-1), _ENOUGH, 1e-9):
        return None
    exercise = Location(derivation.assignment.folder / "exercise.py")
    source = function(part.scalar if "scalar" in pin else part.observe, exercise)
    what = f"the forward pass gives {have.tolist()}, {place.file.name}:{place.line} says {want.tolist()}"
    return Flaw(
        place if source == exercise else source,
        what,
        "mend the formula, or the golden value where the statement has changed",
    )


def draws(derivation: Derivation) -> Item:
    """The same seed gives the same numbers: everything is drawn from `rng`."""
    first, again = derivation.drawn(), derivation.drawn()
    other = [n for n in first if n not in again or not _alike(first[n]["inputs"], again[n]["inputs"])]
    if not other:
        return Item("draws", "the same again from the same seed")
    place = line_with(derivation.assignment.folder / "exercise.py", "np.random.", "random.", "torch.rand", "def probes")
    what = f'probe "{other[0]}" draws from something else than rng: the same seed gives other numbers'
    return Item("draws", "", (Flaw(place, what, "draw everything from `rng`: `rng.uniform(...)`"),))


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[n], other[n], equal_nan=True) for n in one)


def axes(derivation: Derivation) -> Item:
    """Of every matrix that is differentiated, some probe has axes of different lengths.

    Where all are equal, code that takes one axis for the other, or divides by the wrong length, gives right numbers.
    Matrices that differ by their number only, `w[1]` and `w[2]`, are of one kind: a derivation treats them alike.
    """
    key = derivation.key
    if key is None:
        return Item("unequal axes", "the probes cannot be looked at", looked=False)
    seen: dict[tuple[str, str], list[tuple[int, ...]]] = {}
    for probe in key.probes:
        sources = {e.source for e in key.expected[probe.name] if e.rule is Rule.GRADIENT}
        for name in sources & set(probe.inputs):
            shape = tuple(length for length in probe.inputs[name].shape if length > 1)
            if len(shape) > 1:
                kind = re.sub(r"\[\d+\]$", "", name)
                seen.setdefault((probe.family, kind), []).append(shape)
    file = derivation.assignment.folder / "exercise.py"
    problems = [
        Flaw(
            line_with(file, f'"{name}', "def probes"),
            f"equal axes: `{name}` has the shape {shapes[0]} in every probe"
            + (f" of the part `{family}`" if family else ""),
            "give one probe another number of rows than of columns",
        )
        for (family, name), shapes in seen.items()
        if all(len(set(shape)) < len(shape) for shape in shapes)
    ]
    return Item("unequal axes", f"of {len(seen)} matrices", tuple(problems), looked=bool(seen))
