"""`assignment.yaml`: what is wrong with it is said with file, line and key."""

from __future__ import annotations

import pytest

from grader.assignment import load, read_specification, slugs
from grader.course import find_course
from grader.errors import AssignmentError, ToldError
from tests.conftest import ROOT

BROKEN = sorted((ROOT / "tests/broken/assignments").glob("*.yaml"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_the_message_in_its_first_line(path):
    with pytest.raises(AssignmentError) as caught:
        read_specification(path)
    wanted = path.read_text().splitlines()[0].removeprefix("# ")
    assert str(caught.value).startswith(str(path))
    assert wanted in str(caught.value)


def test_all_problems_are_listed_at_once():
    path = ROOT / "tests/broken/assignments/misspelt_top_level_key.yaml"
    with pytest.raises(AssignmentError) as caught:
        read_specification(path)
    assert len(str(caught.value).splitlines()) == 2


def test_an_assignment_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ToldError, match=r"no assignment `minet`; did you mean `mynet`\? Known are "):
        load(find_course(), "minet")


def test_a_folder_without_assignments_is_no_course(tmp_path):
    with pytest.raises(ToldError, match="has no folder `assignments`; --course names"):
        find_course(tmp_path)


def test_the_current_directory_is_not_taken_for_the_course(tmp_path, monkeypatch):
    (tmp_path / "assignments/evil").mkdir(parents=True)
    (tmp_path / "assignments/evil/assignment.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert "evil" not in slugs(find_course())


def test_every_assignment_of_the_course_is_valid_and_is_worth_points():
    for slug in slugs(find_course()):
        assert load(find_course(), slug).out_of >= 5
