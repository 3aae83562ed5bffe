"""The picture of the way of the gradient, on a student's page."""

from __future__ import annotations

import pytest

from grader.assignment import load
from grader.diagnosis.catalogue import Step
from grader.records import Diagnosis
from grader.reports.html.flow import flow_picture
from tests.conftest import ROOT, SLUGS
from tests.corpus import handed_in

BROKEN = {
    "mynet/wrong/output_slope_missing.py": {("a[L]", "z[L]")},
    "mynet/wrong/hidden_slope_missing.ipynb": {("a[l]", "z[l]")},
    "mlp/wrong/output_slope_missing.py": {("x2", "s2")},
    "mlp/wrong/hidden_slope_missing.ipynb": {("x1", "s1")},
    "mlp/wrong/slope_at_x_not_s.py": {("x2", "s2"), ("x1", "s1")},
    "mlp/wrong/weights_not_transposed_backward.py": {("s2", "x1")},
}


@pytest.mark.parametrize(("case", "broken"), BROKEN.items(), ids=BROKEN)
def test_the_steps_that_are_wrong_are_marked_and_no_others(graders, case, broken):
    report = graders(case.partition("/")[0])(handed_in(case))
    picture = flow_picture(report.flow, report.diagnosis)
    assert picture is not None
    assert {(arrow.edge.source, arrow.edge.target) for arrow in picture.arrows if arrow.broken} == broken


@pytest.mark.parametrize("slug", SLUGS)
def test_the_way_of_the_gradient_goes_by_steps_that_a_diagnosis_names_and_hangs_together(slug):
    flow = load(ROOT, slug).specification.flow
    assert {step for _, _, step, _ in flow} <= set(Step)
    reached = {source for source, *_ in flow[:1]}
    for source, target, _, _ in flow:
        assert source in reached
        reached.add(target)


def test_where_nothing_is_wrong_nothing_is_drawn(graders):
    report = graders("mynet")(ROOT / "submissions/alice.py")
    assert flow_picture(report.flow, Diagnosis()) is None
