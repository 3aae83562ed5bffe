"""What is told of layers in which no mistake is named: of each by itself, and nothing that is not so."""

import numpy as np
import pytest

from grader.assignment import load
from grader.diagnosis.symptoms import symptoms_of_layers
from grader.judging.judge import judge
from grader.key import builder
from grader.records import Observation, Outcome, Run

YAML = """title: Two layers
version: 1
layers:
  affine:
    calls: ["affine_forward(x: N D, w: D M) -> out, cache", "affine_backward(dout, cache) -> dx, dw"]
    points: {out: 1, dx: 1, dw: 1}
  square:
    calls: ["square_forward(x: N D) -> out, cache", "square_backward(dout, cache) -> dx"]
    points: {out: 1, dx: 1}
"""
FORMULAS = "def affine(x, w):\n    return x @ w\n\n\ndef square(x):\n    return x * x\n"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is told where some quantities of some layers are given otherwise."""
    folder = tmp_path_factory.mktemp("course")
    place = folder / "assignments/two"
    place.mkdir(parents=True)
    (place / "assignment.yaml").write_text(YAML)
    (place / "formulas.py").write_text(FORMULAS)
    builder.prepare()
    key = builder.build(load(folder, "two"), "1")

    def run(changes, explained=()):
        observations = {}
        for probe in key.probes:
            arrays = {e.quantity: e.double.value.copy() for e in key.expected[probe.name]}
            for (layer, quantity), change in changes.items():
                if probe.family == f"{layer}_layer":
                    arrays[quantity] = change(arrays[quantity])
            observations[probe.name] = Observation(Outcome.RETURNED, arrays=arrays)
        given = Run(Outcome.RETURNED, None, observations, "", 0.0)
        found = list(symptoms_of_layers(key, given, list(judge(key, given)), explained))
        return {unknown.step: [fact.kind for fact in unknown.facts] for unknown in found}

    return run


def bent(array):
    return array + 0.3 * np.sin(5 * array)


def test_of_a_name_that_several_layers_have_only_the_wrong_one_is_told(told):
    assert told({("square", "dx"): bent}) == {"square: dx": ["is-not-what-it-should-be"]}


def test_each_layer_is_told_by_itself(told):
    assert told({("square", "dx"): np.zeros_like, ("affine", "dw"): np.negative}) == {
        "affine: dw": ["wrong-sign"],
        "square: dx": ["zero-everywhere", "same-for-every-upstream"],
    }


def test_nothing_more_is_told_of_a_layer_in_which_a_mistake_is_named(told):
    wrong = {("square", "dx"): bent, ("affine", "dw"): bent}
    assert list(told(wrong, ["square"])) == ["affine: dw"]


def test_a_value_is_never_said_not_to_depend_on_what_arrives(told):
    assert told({("square", "out"): bent}) == {"square: out": ["is-not-what-it-should-be"]}


def test_a_gradient_that_ignores_what_arrives_is_said_to(told):
    def first(array):
        return np.stack([bent(array[0])] * len(array))

    assert told({("square", "dx"): first})["square: dx"][-1] == "same-for-every-upstream"
