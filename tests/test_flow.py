"""The way of the gradient, on a student's page: traced from the formula, with where a submission goes wrong on it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.diagnosis.flow import flow
from grader.key.way_back import way_back
from grader.records import AnswerKey, Derivation, Finding, FlowEdge, FlowState, Level, Place, Probe, Verdict
from grader.reports.audience import for_students
from grader.reports.html.flow import flow_picture
from grader.wire.facts import Fact
from tests.conftest import ROOT
from tests.corpus import handed_in

WRONG = {
    "mynet/wrong/output_slope_missing.py": {"a[2] z[2]"},
    "mynet/wrong/hidden_slope_missing.ipynb": {"a[2] z[2]", "a[1] z[1]"},
    "mlp/wrong/output_slope_missing.py": {"x2 s2"},
}


@pytest.mark.parametrize(("case", "wrong"), WRONG.items(), ids=WRONG)
def test_the_step_to_the_value_that_is_proved_to_be_wrong_is_marked_and_no_other(graders, case, wrong):
    edges = graders(case.partition("/")[0], places=True)(handed_in(case)).flow
    assert {f"{edge.source} {edge.target}" for edge in edges if edge.state is FlowState.WRONG} == wrong
    assert flow_picture(edges).wrong == tuple(edge for edge in edges if edge.state is FlowState.WRONG)


def test_where_no_value_is_proved_to_be_wrong_the_gradients_that_are_right_tell_how_far_all_was_right(graders):
    edges = graders("mlp")(handed_in("mlp/wrong/weights_not_transposed_backward.py")).flow
    still_right = {f"{edge.source} {edge.target}" for edge in edges if edge.state is FlowState.RIGHT}
    assert still_right == {"L x2", "x2 s2", "s2 dl_dw2", "s2 dl_db2"}


def test_where_nothing_is_wrong_nothing_is_drawn(graders):
    report = graders("mynet")(ROOT / "submissions/alice.py")
    assert report.flow == ()
    assert flow_picture(report.flow) is None


def test_a_student_sees_the_way_as_soon_as_the_expression_is_told(graders):
    report = graders("mynet", places=True)(ROOT / "submissions/chloe.py")
    shown = [level.value for level in Level if for_students(replace(report, student_level=level)).flow]
    assert shown == ["pointer", "explanation"]


# ---- traced from a formula


def net():
    x = torch.tensor([0.5, -1.0], dtype=torch.float64)
    W, c = (torch.ones(size, dtype=torch.float64, requires_grad=True) for size in ((2, 2), (2,)))
    z = W @ x + c
    a = torch.tanh(z)
    return ((a - 1) ** 2).sum(), {"W": W, "c": c, "x": x, "z": z, "a": a}


def shaped():
    w = torch.ones(2, dtype=torch.float64, requires_grad=True)
    other = w.reshape(2, 1)
    return (other * other).sum(), {"w": w, "w′": other}


def shared():
    w = torch.ones(2, dtype=torch.float64, requires_grad=True)
    penalty, scores = (w * w).sum(), 3 * w
    unused = 2 * w
    return penalty + scores.sum(), {"w": w, "penalty": penalty, "scores": scores, "unused": unused}


def deep():
    w = torch.ones(1, dtype=torch.float64, requires_grad=True)
    values, value = {"w": w}, w
    for number in range(20):
        values[f"h{number}"] = value = value * w
    return value.sum(), values


@pytest.mark.parametrize(
    ("formula", "ends", "way"),
    [
        (net, ["W", "c"], "L a, a z, z c, z W"),
        (net, ["c"], "L a, a z, z c"),
        (net, [], ""),
        (shaped, ["w"], "L w"),
        (shared, ["w"], "L penalty, L scores, penalty w, scores w"),
        (deep, ["w"], ""),
    ],
    ids=["a net", "one input", "nothing is asked for", "another shape", "two ways", "too much for a picture"],
)
def test_the_way_goes_from_variable_to_variable_and_leads_to_what_is_asked_for(formula, ends, way):
    loss, named = formula()
    assert {f"{a} {b}" for a, b in way_back(loss, named, ends)} == {*filter(None, way.split(", "))}


# ---- where it goes wrong

NET = (("L", "a"), ("a", "z"), ("z", "w"), ("z", "h"), ("h", "y"), ("y", "v"))
TWO_WAYS = (("L", "centred"), ("L", "variance"), ("L", "gamma"), ("variance", "centred"), ("centred", "x"))


def place(**values) -> Place:
    return Place("f.py", None, 1, 0, 1, 1, "d", None, Fact("is-quantity", values), None, (), (), (), ())


def marked(way, verdicts, *places, values=()):
    ends = {f"d{name}": name for name in verdicts}
    probe = Probe("p", "p", {})
    derivation = Derivation(probe, {}, dict.fromkeys((*ends, *values), "check"), {}, way, ends)
    findings = [
        Finding("check", "p", name, Verdict.CORRECT if verdicts.get(name[1:]) else Verdict.WRONG)
        for name in (*ends, *values)
    ]
    edges = flow(AnswerKey("s", "1", (probe,), {}, derivations=(derivation,)), findings, places)
    return {f"{edge.source} {edge.target}": edge.state.value for edge in edges if edge.state is not FlowState.RIGHT}


@pytest.mark.parametrize(
    ("way", "verdicts", "places", "states"),
    [
        (NET, {"w": False, "v": False}, [place(name="∂L/∂z")], {"a z": "wrong", "z dw": "follows", "z h": "follows", "h y": "follows", "y dv": "follows"}),
        (NET, {"w": True, "v": False}, [], {"z h": "open", "h y": "open", "y dv": "open"}),
        (NET, {"w": False, "v": True}, [], {"z dw": "wrong"}),
        (NET, {"w": False, "v": False}, [], {}),
        (NET, {"w": False, "v": False}, [place(names=("∂L/∂z", "∂L/∂y"))], {"a z": "wrong", "z dw": "follows", "z h": "follows", "h y": "wrong", "y dv": "follows"}),
        (TWO_WAYS, {"gamma": True, "x": False}, [place(name="∂L/∂centred")], {"L centred": "open", "variance centred": "open", "centred dx": "follows"}),
        (TWO_WAYS, {"gamma": True, "x": False}, [place(name="∂L/∂x")], {"centred dx": "wrong"}),
        (TWO_WAYS, {"gamma": True, "x": False}, [place(name="∂L/∂centred via variance")], {"variance centred": "wrong", "centred dx": "follows"}),
        (TWO_WAYS[:2], {"centred": False, "variance": True}, [], {}),
    ],
    ids=["proved", "right as far as z", "one step", "nothing is known", "two places", "two ways lead to it", "the last step", "one of two ways", "a formula of one step"],
)  # fmt: skip
def test_steps_are_wrong_follow_or_are_open(way, verdicts, places, states):
    assert marked(way, verdicts, *places) == states


def test_where_a_value_is_wrong_only_what_is_proved_is_told():
    assert marked(NET, {"w": True, "v": False}, values=["out"]) == {}
    assert marked(NET, {"w": True, "v": False}, place(name="∂L/∂y"), values=["out"])["h y"] == "wrong"


# ---- drawn


@given(st.lists(st.sampled_from([*combinations("Labcdefg", 2)]), min_size=1, max_size=16, unique=True))
def test_no_box_lies_on_another_and_every_step_goes_to_the_right(pairs):
    picture = flow_picture([FlowEdge(source, target, FlowState.WRONG) for source, target in pairs])
    at = {box.name: np.array([box.x, box.y]) for box in picture.boxes}
    assert {*at} == {name for pair in pairs for name in pair}
    for one, other in combinations(at.values(), 2):
        apart = np.abs(one - other)
        assert apart[0] >= 2 * picture.half or apart[1] >= 2 * picture.high
    for source, target in pairs:
        assert at[source][0] < at[target][0]
    assert all(0 < x < picture.width and 0 < y < picture.height for x, y in at.values())
