"""Exercises of declared layers: written from a call, validated, graded in the sandbox."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from tests.layers import classes, pairs

LAYERS = """\
title: Affine, ReLU and softmax
version: 1
layers:
  affine:
    calls: ["affine_forward(x: N D, w: D M, b: M) -> out, cache", "affine_backward(dout, cache) -> dx, dw, db"]
    points: {out: 1, dx: 2, dw: 2, db: 1}
  relu:
    calls: ["relu_forward(x: N D) -> out, cache", "relu_backward(dout, cache) -> dx"]
    points: {out: 1, dx: 1}
  softmax:
    calls: ["softmax_loss(x: N C, y: int < C: N) -> loss, dx"]
    points: {loss: 1, dx: 3}
"""
FORMULAS = """\
import torch


def affine(x, w, b):
    return x @ w + b


relu = torch.relu


def softmax(x, y):
    return torch.nn.functional.cross_entropy(x, y)
"""
RIGHT = inspect.getsource(pairs)


def course(folder: Path, declared: str = LAYERS, formulas: str = FORMULAS) -> Path:
    """A course with one exercise, `layers`."""
    place = folder / "assignments/layers"
    place.mkdir(parents=True)
    (place / "assignment.yaml").write_text(declared)
    (place / "formulas.py").write_text(formulas)
    return folder


@pytest.fixture
def points(grade, tmp_path):
    """Grade a source text, and give the points of each check."""
    course(tmp_path)

    def run(source: str) -> dict[str, float]:
        (tmp_path / "mine.py").write_text(source)
        done = grade(
            "file", tmp_path / "mine.py", "--course", tmp_path, "--assignment", "layers", "--seed", "1", "--json", "-"
        )
        assert done.status == 0, done.err
        return {check["id"]: check["points"] for check in json.loads(done.out)["checks"]}

    return run


FULL = {"affine-out": 1, "affine-dx": 2, "affine-dw": 2, "affine-db": 1, "relu-out": 1, "relu-dx": 1, "softmax-loss": 1, "softmax-dx": 3}  # fmt: skip


def test_right_layers_get_all_points(points):
    assert points(RIGHT) == FULL


WRONG = {
    "a transposed factor": ("dw = x.reshape(x.shape[0], -1).T.dot(dout)", "dw = dout.T.dot(x)", {"affine-dw"}),
    "a mean for a sum": ("db = np.sum(dout, axis=0)", "db = np.mean(dout, axis=0)", {"affine-db"}),
    "a mask left out": ("return dout * (cache > 0)", "return dout", {"relu-dx"}),
    "the opposite sign": ("return loss, dx / N", "return loss, -dx / N", {"softmax-dx"}),
    "labels that are not used": ("dx[np.arange(N), y] -= 1", "pass", {"softmax-dx"}),
    "a way back that raises": ("x, w, b = cache\n    dx", "x, w = cache\n    dx", {"affine-dx", "affine-dw", "affine-db"}),
    "a count": ("return dx, dw, db\n\n\ndef relu_f", "return dx, dw\n\n\ndef relu_f", {"affine-dx", "affine-dw", "affine-db"}),
    "a way forth that raises": (
        "return np.maximum(0, x), x",
        "return np.maximum(0, y), x",
        {"relu-out", "relu-dx"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", WRONG)
def test_what_is_wrong_loses_its_points_and_nothing_else_does(points, mistake):
    old, new, lost = WRONG[mistake]
    assert RIGHT.count(old) >= 1, "the text that is changed is not there"
    found = points(RIGHT.replace(old, new, 1))
    assert {check for check in FULL if found[check] < FULL[check]} == lost


def test_a_file_with_some_of_the_names_is_graded_for_these(points):
    only_relu = (
        "import numpy as np\n\n" + inspect.getsource(pairs.relu_forward) + inspect.getsource(pairs.relu_backward)
    )
    assert {check for check, earned in points(only_relu).items() if earned} == {"relu-out", "relu-dx"}


def test_classes_with_attributes_and_nets_with_dictionaries_are_graded(grade, tmp_path):
    declared = """\
title: Classes
version: 1
layers:
  linear:
    inputs: {A: N D, W: M D, b: M 1}
    calls: ["Linear(D, M)", ".W = W", ".b = b", ".forward(A) -> Z", ".backward(dLdZ) -> dLdA", ".dLdW", ".dLdb"]
    points: {Z: 1, dLdA: 1, dLdW: 1, dLdb: 1}
  loss:
    calls: ["SoftmaxWithLoss()", ".forward(x: N C, t: int < C: N) -> loss", ".backward() -> dx"]
    points: {loss: 1, dx: 1}
"""
    formulas = "import torch\n\ndef linear(A, W, b):\n    return A @ W.T + b.T\n\ndef loss(x, t):\n    return torch.nn.functional.cross_entropy(x, t)\n"
    course(tmp_path, declared, formulas)
    (tmp_path / "mine.py").write_text(inspect.getsource(classes))
    done = grade("file", tmp_path / "mine.py", "--course", tmp_path, "--assignment", "layers", "--seed", "1", "-q")
    assert "6 / 6" in done.out, done.out + done.err


def test_students_check_themselves_without_a_reference(grade, tmp_path):
    course(tmp_path)
    (tmp_path / "mine.py").write_text(RIGHT)
    done = grade("check", tmp_path / "mine.py", "--course", tmp_path, "--assignment", "layers")
    assert "12 / 12" in done.out, done.out + done.err


def test_a_layer_that_is_begun_from_a_call_passes_validation_and_its_handout_earns_nothing(grade, tmp_path):
    call = "affine_forward(x: N D, w: D M, b: M) -> out, cache"
    assert grade("new", "my-affine", "--from", call, "--course", tmp_path).status == 0
    told = grade("validate", "my-affine", "--course", tmp_path)
    assert told.status == 0, told.out + told.err
    assert "✗" not in told.out
    folder = tmp_path / "assignments/my-affine"
    lines = [line for name in ("assignment.yaml", "formulas.py") for line in (folder / name).read_text().splitlines()]
    assert len([line for line in lines if line.strip()]) <= 15
    graded = grade("file", folder / "handout.py", "--course", tmp_path, "--assignment", "my-affine", "-q")
    assert "0 / 4" in graded.out
    (folder / "formulas.py").write_text("def my_affine(x, w, b):\n    return x @ w + b\n")
    (tmp_path / "mine.py").write_text(RIGHT)
    graded = grade("file", tmp_path / "mine.py", "--course", tmp_path, "--assignment", "my-affine", "-q")
    assert "4 / 4" in graded.out


def test_an_exercise_like_another_one_begins_with_its_files_and_passes(grade, tmp_path):
    course(tmp_path)
    assert grade("new", "mine", "--like", "layers", "--course", tmp_path).status == 0
    old, new = (tmp_path / "assignments" / name / "formulas.py" for name in ("layers", "mine"))
    assert old.read_text() == new.read_text()
    told = grade("validate", "mine", "--course", tmp_path)
    assert told.status == 0, told.out + told.err
    missing = grade("new", "other", "--like", "nothing", "--course", tmp_path)
    assert missing.status == 2
    assert "known are" in missing.err
    assert " layers," in missing.err


BAD_CALLS = {
    "no letters": (["affine_forward(x, w) -> out"], "no input has letters"),
    "no way back": (["affine(x: N D) -> out"], "no gradient is named"),
    "a bracket": (["affine_forward(x: N D -> out"], "is not closed"),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_calls_that_cannot_be_used_write_nothing_and_say_what_to_write(grade, tmp_path, case):
    calls, words = BAD_CALLS[case]
    done = grade("new", "mine", *(f"--from={call}" for call in calls), "--course", tmp_path)
    assert done.status == 2
    assert words in done.err
    assert not (tmp_path / "assignments").exists()
