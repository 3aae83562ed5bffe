"""What a student reads: nothing of hidden trials but that they are right or not, and hints as far as they are allowed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grader.records import Level, Visibility
from grader.reports.audience import for_students
from grader.reports.json_report import as_json
from tests.conftest import ROOT, assignment_and_key
from tests.test_corpus import CORPUS, cases

KEY = assignment_and_key("mynet")[1]
HIDDEN = {probe.name for probe in KEY.probes if probe.visibility is Visibility.HIDDEN}
MYNET = [case for kind in ("right", "wrong", "suspected") for case in cases(kind) if case.startswith("mynet/")]


@pytest.mark.parametrize("case", MYNET)
def test_no_number_of_a_hidden_trial_reaches_a_student(case, graders):
    whole = graders("mynet")(CORPUS / case, seconds=60)
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    public = {f.message for f in whole.findings if f.probe not in HIDDEN}
    for finding in told.findings:
        assert " instead of " not in finding.message or finding.message in public
        assert finding.ratio is None or finding.probe not in HIDDEN
    assert " instead of " not in " ".join((*told.remarks, told.message))
    assert (told.seed, told.output, told.charts) == ("", "", ())


def test_a_remark_on_a_hidden_trial_stays_without_its_numbers(graders):
    whole = graders("mynet")(CORPUS / "mynet/right/cuda_hard_coded.py")
    assert " instead of " in whole.remarks[0]
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    assert told.remarks[0] == "a batch of four [3, 4, 2]: is not right\nThis trial earns no points, so none are lost."
    assert told.remarks[1:] == whole.remarks[1:]


def test_a_student_is_told_that_a_shortcut_costs_the_points_and_not_how_it_was_noticed(graders):
    whole = graders("mynet")(ROOT / "submissions/ivan.py")
    assert {found.rule for found in whole.policy} == {"autograd", "caches"}
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    assert [(found.rule, found.evidence) for found in told.policy] == [("autograd", "there are signs of autograd")]
    assert "mark" not in json.dumps([found.evidence for found in told.policy])


@pytest.mark.parametrize(("level", "hints"), [(Level.NUDGE, 1), (Level.POINTER, 2), (Level.EXPLANATION, 3)])
def test_hints_go_as_far_as_the_level_and_formulas_are_for_the_instructor(level, hints, graders):
    whole = graders("mynet")(ROOT / "submissions/chloe.py")
    (mistake,) = for_students(replace(whole, student_level=level)).diagnosis.mistakes
    assert {len(texts) for texts in mistake.hints.values()} == {hints}
    assert (mistake.used, mistake.right) == ("", "")
    assert whole.diagnosis.mistakes[0].right


def test_without_hints_no_mistake_is_named_and_without_symptoms_no_number_is(graders):
    whole = graders("mynet")(ROOT / "submissions/chloe.py")
    assert for_students(replace(whole, student_level=Level.SYMPTOMS)).diagnosis.mistakes == ()
    nothing = for_students(replace(whole, student_level=Level.NOTHING))
    assert not any(finding.message for finding in nothing.findings)
    assert "instead of" not in as_json(nothing)
