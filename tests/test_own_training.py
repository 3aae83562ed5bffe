"""The training loop that a submission brings: remarks where something is proved to be wrong, and never a point."""

from __future__ import annotations

import pytest

from grader.records import Outcome
from tests.conftest import assignment_and_key
from tests.test_corpus import CORPUS, TOLD, cases, header

WITH_A_LOOP = ("functions", "mlp", "relu")
WAITING = {"mlp/loops/holds_on.py"}
"""Those that have to be stopped from outside."""


@pytest.fixture
def grade_case(graders):
    return lambda case, **limits: graders(case.split("/")[0])(CORPUS / case, **limits)


@pytest.mark.parametrize("case", cases("loops"))
def test_a_loop_costs_nothing_and_what_is_wrong_with_it_is_told(case, grade_case):
    report = grade_case(case, **({"seconds": 4} if case in WAITING else {}))
    assert report.score == report.out_of, report.findings
    assert report.outcome == Outcome.RETURNED, report.message
    assert report.policy == ()
    told = [remark for remark in report.remarks if remark.startswith(TOLD)]
    words = header(CORPUS / case, "remark")
    assert len(told) == bool(words), told
    assert all(words in remark for remark in told), told


@pytest.mark.parametrize("slug", WITH_A_LOOP)
def test_the_loop_is_run_last_for_no_points(slug):
    probes = assignment_and_key(slug)[1].probes
    assert probes[-1].part == "own_training"
    assert not probes[-1].graded
