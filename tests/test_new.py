"""`grade new`: what it writes is an exercise that works, and nothing is overwritten."""

from __future__ import annotations

import json
import shutil

import nbformat
import pytest

from grader.authoring.new import class_name, new
from grader.errors import AssignmentError


def score(grade, course, file) -> tuple[float, float]:
    done = grade(course / file, "--course", course, "--seed", "1", "--json", "-")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    return report["score"], report["out_of"]


def test_a_new_exercise_passes_validation_and_grades_its_solution_and_its_handouts(grade, tmp_path):
    assert grade("new", "cube-of-x", "--course", tmp_path).status == 0
    done = grade("validate", "cube-of-x", "--course", tmp_path)
    assert done.status == 0, done.out + done.err
    assert "✗" not in done.out
    assert score(grade, tmp_path, "reference/cube-of-x/solution.py") == (10, 10)
    assert score(grade, tmp_path, "assignments/cube-of-x/handout.py") == (0, 10)
    assert score(grade, tmp_path, "assignments/cube-of-x/handout.ipynb") == (0, 10)


def test_all_files_carry_the_new_name_and_the_notebook_is_one(tmp_path):
    files = new(tmp_path, "cube-of-x")
    assert {path.name for path in files} == {
        "assignment.yaml", "README.md", "README.fr.md", "exercise.py", "handout.py", "handout.ipynb",
        "by_machine.py",
        "solution.py", "mistakes.py", "wrong.py", "hints.fr.yaml", "golden.yaml",
    }  # fmt: skip
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "emplate" not in text
        assert path.parent.name == "cube-of-x"
    book = nbformat.read(tmp_path / "assignments/cube-of-x/handout.ipynb", as_version=4)
    nbformat.validate(book)
    assert "class CubeOfX(Function):" in book.cells[-2].source
    assert "# your derivation" in book.cells[-2].source
    assert book.cells[-1].source == 'from grader import check\n\ncheck("cube-of-x", globals())'


def test_a_new_exercise_can_be_handed_out_and_checked_without_its_reference(grade, tmp_path):
    new(tmp_path, "cube-of-x")
    assert grade("handout", "cube-of-x", "--out", tmp_path / "out", "--course", tmp_path).status == 0
    solution = (tmp_path / "reference/cube-of-x/solution.py").rename(tmp_path / "cube.py")
    shutil.rmtree(tmp_path / "reference")
    done = grade("check", solution, "--course", tmp_path)
    assert done.status == 0, done.out + done.err
    assert "10 / 10" in done.out


@pytest.mark.parametrize(
    "slug", ["", "Cube", "a b", "../up", "-x", "x-", "a--b", "3d", "cube_of_x", "é", "all", "x" * 41]
)
def test_names_that_cannot_be_are_refused_and_nothing_is_written(tmp_path, slug):
    with pytest.raises(AssignmentError, match="cannot be the name"):
        new(tmp_path, slug)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("side", ["assignments", "reference"])
def test_a_name_that_is_taken_is_refused(grade, tmp_path, side):
    (tmp_path / side / "cube").mkdir(parents=True)
    (tmp_path / "assignments").mkdir(exist_ok=True)
    done = grade("new", "cube", "--course", tmp_path)
    assert done.status == 2
    assert "is there already" in done.err
    assert not list((tmp_path / side / "cube").iterdir())


def test_a_class_is_named_after_the_exercise():
    assert class_name("leaky-relu") == "LeakyRelu"


def test_a_layer_with_two_outputs_and_a_table_of_gradients_passes_as_it_is_written(grade, tmp_path):
    calls = [
        "mix(x: N D, t: one of -1, 1: N) -> out, gate, cache",
        "mix_grad(dout, dgate, cache) -> grads",
        'grads["x"] -> dx',
    ]
    named = [word for call in calls for word in ("--from", call)]
    assert grade("new", "mix", "--course", tmp_path, *named).status == 0
    done = grade("validate", "mix", "--course", tmp_path)
    assert done.status == 0, done.out + done.err
