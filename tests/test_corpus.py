"""Submissions as files: the folder says what must come out. A new case is a new file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.records import Diagnosis, Verdict
from tests.conftest import ROOT, SLUGS, words_of
from tests.corpus import cases, handed_in, header, says

TOLD = "In your own training loop"
GAP = "It does not get to the end of"
HANDOUTS = [f"{slug}/handout.{kind}" for slug in SLUGS for kind in ("py", "ipynb")]


@pytest.fixture
def grade_case(graders):
    """Grade `exercise/kind/file`."""
    return lambda case, **limits: graders(case.split("/")[0])(handed_in(case), **limits)


@pytest.mark.parametrize("case", cases("right"))
def test_a_right_submission_gets_full_marks_however_it_is_written(case, grade_case):
    report = grade_case(case)
    assert report.score == report.out_of, [f for f in report.findings if words_of(f)] or words_of(report)
    assert report.policy == ()
    assert report.diagnosis == Diagnosis()
    assert not [remark for remark in map(words_of, report.remarks) if remark.startswith((TOLD, GAP))]


@pytest.mark.parametrize("case", cases("wrong"))
def test_a_wrong_submission_loses_the_marks_of_what_is_wrong_and_known_mistakes_are_named(case, grade_case):
    report = grade_case(case)
    lost = {check.id for check in report.checks if check.points < check.out_of}
    assert lost == set(header(case, "expects").split())
    named = {mistake.id for mistake in report.diagnosis.mistakes}
    if says(case, "mistake") or says(case, "steps"):
        steps = header(case, "steps") if says(case, "steps") else ""
        assert named == set(header(case, "mistake").split() if says(case, "mistake") else ())
        assert [unknown.step for unknown in report.diagnosis.unknown] == [s for s in steps.split("; ") if s]
    elif case.startswith(("functions/", "relu/")):
        assert named == set()


@pytest.mark.parametrize("case", cases("stopped"))
def test_a_submission_that_does_not_end_well_gets_a_report_that_says_how(case, grade_case):
    outcome = header(case, "outcome").split()[0]
    report = grade_case(case, seconds=1.5 if outcome == "timed-out" else 10)
    assert report.outcome == outcome
    assert words_of(report)
    assert report.score < report.out_of
    if says(case, "mistake"):
        assert header(case, "mistake") in [mistake.id for mistake in report.diagnosis.mistakes]


@pytest.mark.parametrize("case", cases("suspected"))
def test_a_submission_that_lets_others_differentiate_is_shown_to_a_person(case, grade_case):
    report = grade_case(case, seconds=60)  # finite differences take long
    evidence = header(case, "evidence").split()
    assert all(finding.verdict is Verdict.CORRECT for finding in report.findings), "it does not even work"
    assert [finding.rule for finding in report.policy] == evidence
    assert report.score == (0 if "autograd" in evidence else report.out_of)


@pytest.mark.parametrize("handout", HANDOUTS)
def test_the_handouts_earn_nothing(handout, graders):
    assert graders(handout.split("/")[0])(ROOT / "assignments" / handout).score == 0


@pytest.mark.parametrize("slug", SLUGS)
def test_the_corpus_is_as_large_as_promised(slug):
    sizes = {kind: len(cases(f"{slug}/{kind}")) for kind in ("right", "wrong")}
    assert sizes["right"] >= 12
    assert sizes["wrong"] >= 12
    assert len(cases("suspected")) >= 19


@pytest.mark.parametrize("case", cases("hostile"))
def test_a_hostile_submission_is_contained_and_told_as_what_it_was(case, grade_case):
    outcome = header(case, "outcome").split()[0]
    report = grade_case(case, seconds=2 if outcome == "timed-out" else 10)
    assert report.outcome == outcome, words_of(report)
    assert "THROUGH" not in report.output
    assert report.score < report.out_of or report.policy


@pytest.mark.parametrize("case", cases("undetected"))
def test_a_cheat_for_which_there_is_no_evidence_yet_does_no_harm(case, grade_case):
    """Each earns full marks, or learns something, today: what the policies have still to catch."""
    report = grade_case(case)
    assert report.outcome == header(case, "outcome").split()[0]
    assert report.policy == ()


def test_leaving_where_evidence_is_gathered_is_told(grade_case):
    report = grade_case("mynet/undetected/leaves_where_evidence_is_gathered.py")
    assert any("does not get to the end of a marked forward pass" in remark for remark in map(words_of, report.remarks))


def test_loops_over_units_get_a_remark_and_others_do_not(grade_case):
    def remarks(name):
        return [r for r in grade_case(f"mynet/right/{name}").remarks if "grows with the width" in words_of(r)]

    assert len(remarks("loops_over_entries.py")) == len(remarks("forward_again_entry_by_entry.py")) == 1
    for name in ("recursive.py", "numpy_inside.py", "prints_everything.py", "callable_object.py"):
        assert remarks(name) == []


def test_honest_work_keeps_its_marks_after_all_of_them(graders):
    assert graders("mynet")(ROOT / "submissions/alice.py").score == 10
    assert not list(Path("/tmp").glob("grader-escape-*"))
