"""Submissions as files: the folder says what must come out. A new case is a new file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.records import Verdict
from tests.conftest import ROOT

CORPUS = ROOT / "tests/submissions/mynet"
RIGHT, WRONG, STOPPED, SUSPECTED = (
    sorted(p for p in (CORPUS / name).iterdir() if p.suffix in (".py", ".ipynb"))
    for name in ("right", "wrong", "stopped", "suspected")
)


def header(path, word) -> str:
    """What the first line of the code says after `# word:`."""
    found = re.search(rf"# {word}:([^\n\\\"]*)", path.read_bytes().decode("latin-1"))
    assert found, f"{path}: begins with no `# {word}:`"
    return found[1].strip()


@pytest.mark.parametrize("path", RIGHT, ids=lambda p: p.name)
def test_a_right_submission_gets_full_marks_however_it_is_written(path, grade_file):
    report = grade_file(path)
    assert report.score == report.out_of, [f for f in report.findings if f.message] or report.message
    assert report.policy == ()


@pytest.mark.parametrize("path", WRONG, ids=lambda p: p.name)
def test_a_wrong_submission_loses_the_marks_of_what_is_wrong_and_no_other(path, grade_file):
    report = grade_file(path)
    lost = {check.id for check in report.checks if check.points < check.out_of}
    assert lost == set(header(path, "expects").split())


@pytest.mark.parametrize("path", STOPPED, ids=lambda p: p.name)
def test_a_submission_that_does_not_end_well_gets_a_report_that_says_how(path, grade_file):
    report = grade_file(path, seconds=1.5 if "timed-out" in header(path, "outcome") else 10)
    assert report.outcome == header(path, "outcome").split()[0]
    assert report.message
    assert report.score < report.out_of


@pytest.mark.parametrize("path", SUSPECTED, ids=lambda p: p.name)
def test_a_submission_that_lets_others_differentiate_is_shown_to_a_person(path, grade_file):
    report = grade_file(path, seconds=90)  # the first transform of torch.func imports 800 modules
    assert all(finding.verdict is Verdict.CORRECT for finding in report.findings), report.message
    assert [finding.rule for finding in report.policy] == header(path, "evidence").split()
    assert report.score == (0 if "autograd" in header(path, "evidence") else report.out_of)


def test_the_handouts_earn_nothing(grade_file):
    for name in ("handout.py", "handout.ipynb"):
        assert grade_file(ROOT / "assignments/mynet" / name).score == 0


def test_the_corpus_is_as_large_as_promised():
    assert len(RIGHT) >= 24
    assert len(WRONG) >= 20
    assert len(STOPPED) >= 8
    assert len(SUSPECTED) >= 19


HOSTILE = sorted((CORPUS / "hostile").glob("*.py"))


@pytest.mark.parametrize("path", HOSTILE, ids=lambda p: p.name)
def test_a_hostile_submission_is_contained_and_told_as_what_it_was(path, grade_file):
    report = grade_file(path, seconds=2 if "timed-out" in header(path, "outcome") else 10)
    assert report.outcome == header(path, "outcome").split()[0], report.message
    assert "THROUGH" not in report.output
    assert report.score < report.out_of or report.policy


@pytest.mark.parametrize("path", sorted((CORPUS / "undetected").glob("*.py")), ids=lambda p: p.name)
def test_a_cheat_for_which_there_is_no_evidence_yet_does_no_harm(path, grade_file):
    """Each earns full marks, or learns something, today: what the policies have still to catch."""
    report = grade_file(path)
    assert report.outcome == header(path, "outcome").split()[0]
    assert report.policy == ()


def test_leaving_where_evidence_is_gathered_is_told(grade_file):
    report = grade_file(CORPUS / "undetected/leaves_where_evidence_is_gathered.py")
    assert any("does not get to the end of a marked forward pass" in remark for remark in report.remarks)


def test_loops_over_units_get_a_remark_and_others_do_not(grade_file):
    def remarks(name):
        return [r for r in grade_file(CORPUS / "right" / name).remarks if "grows with the width" in r]

    assert len(remarks("loops_over_entries.py")) == len(remarks("forward_again_entry_by_entry.py")) == 1
    for name in ("recursive.py", "numpy_inside.py", "prints_everything.py", "callable_object.py"):
        assert remarks(name) == []


def test_honest_work_keeps_its_marks_after_all_of_them(grade_file):
    assert grade_file(ROOT / "submissions/alice.py").score == 10
    assert not list(Path("/tmp").glob("grader-escape-*"))
