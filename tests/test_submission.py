"""Opening a submission and finding its assignment, without running or parsing it."""

from __future__ import annotations

import os

import pytest

from grader import submission
from grader.assignment import Assignment, EntryPoint, load, slugs
from grader.course import find_course
from grader.errors import SubmissionError
from tests.conftest import ROOT


def renamed(assignment: Assignment, slug: str, entry: str) -> Assignment:
    specification = assignment.specification.model_copy(
        update={"entry_points": {entry: EntryPoint(signature=f"{entry}(x)")}}
    )
    return assignment.model_copy(update={"slug": slug, "specification": specification})


def written(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return submission.read(path)


def test_the_assignment_is_the_one_whose_entry_points_are_defined(tmp_path, assignment):
    others = [assignment, renamed(assignment, "other", "forward_pass")]
    chosen = submission.find_assignment(written(tmp_path, "s.py", "def forward_pass(x): pass"), others)
    assert chosen.slug == "other"
    chosen = submission.find_assignment(written(tmp_path, "s.py", "def back_propagation(m, t, p): pass"), others)
    assert chosen.slug == "mynet"


def test_a_file_that_fits_two_assignments_is_answered_with_both(tmp_path, assignment):
    both = written(tmp_path, "s.py", "def backpropagation(): pass\ndef forward_pass(x): pass")
    with pytest.raises(SubmissionError, match="fits several assignments: mynet, other; name one with --assignment"):
        submission.find_assignment(both, [assignment, renamed(assignment, "other", "forward_pass")])


def test_a_file_that_fits_none_is_answered_with_what_is_asked_for(tmp_path, assignment):
    with pytest.raises(SubmissionError, match=r"mynet +backpropagation\(model, y_true, y_pred\)"):
        submission.find_assignment(written(tmp_path, "s.py", "x = 1"), [assignment])


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("s.py", b"", "is empty"),
        ("s.py", b" \n\t", "is empty"),
        ("s.py", b"\x7fELF\0\0", "is a binary file"),
        ("s.py", b"PK\x03\x04zip", "is a binary file"),
        ("s.txt", b"def f(): pass", "neither a Python file"),
        ("s.ipynb", b"f of x is x", "is not a notebook"),
        ("s.ipynb", b'{"cells": []}', "without code cells"),
        ("s.py", b"#" * (submission.LARGEST + 1), "is larger than 16 MB"),
    ],
)
def test_what_cannot_be_a_submission_is_refused_with_the_reason(tmp_path, name, data, message):
    with pytest.raises(SubmissionError, match=message):
        written(tmp_path, name, data)


def test_missing_files_folders_links_and_pipes_are_refused(tmp_path):
    (tmp_path / "real.py").write_text("x = 1")
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    for name, message in [
        ("absent.py", "no such file"),
        ("link.py", "symbolic link"),
        ("folder.py", "is a folder"),
        ("pipe.py", "not a regular file"),
    ]:
        with pytest.raises(SubmissionError, match=message):
            submission.read(tmp_path / name)


SAMPLES = {
    "alice.py": "mynet",
    "gwen.ipynb": "mynet",
    "jade.py": "functions",
    "karim.py": "mlp",
    "lena.ipynb": "relu",
    "mona.py": "descent",
}
ALL = [load(find_course(), slug) for slug in slugs(find_course())]


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_fits_one_assignment(name):
    chosen = submission.find_assignment(submission.read(ROOT / "submissions" / name), ALL)
    assert chosen.slug == SAMPLES[name]


def test_a_variable_called_like_a_function_does_not_make_a_file_fit(tmp_path):
    script = "import torch\nloss = (w * x - y).pow(2).mean()\nloss.backward()\n"
    assert submission.find_assignment(written(tmp_path, "s.py", script), ALL).slug == "descent"


def test_half_an_exercise_that_also_trains_may_be_either_and_is_not_guessed(tmp_path):
    half = "class MSE(torch.autograd.Function): pass\nloss.backward()\n"
    with pytest.raises(SubmissionError, match="fits several assignments: descent, functions"):
        submission.find_assignment(written(tmp_path, "s.py", half), ALL)


def test_a_class_counts_for_an_entry_point_with_a_base_only_if_it_derives_from_it(tmp_path):
    only_function = "class MyReLU(torch.autograd.Function): pass\n"
    (relu,) = [assignment for assignment in ALL if assignment.slug == "relu"]
    assert submission.fit(written(tmp_path, "s.py", only_function), relu) == 0.5
