"""Labels, masks and indices of an exercise are never moved, rounded, differentiated, or turned into real numbers."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grader.assignment import load
from grader.errors import AssignmentError
from grader.judging.judge import judge
from grader.key import builder, exercises
from grader.key.expectations import ProbeKey
from grader.records import Observation, Outcome, Run, Verdict

FILES = {
    "assignments/softmax/assignment.yaml": """\
title: Softmax loss
version: 1
entry_points:
  softmax_loss: {signature: "softmax_loss(x, y, counts)"}
checks:
  - {id: value, title: The loss, points: 1, rule: value}
  - {id: gradient, title: The gradient, points: 1, rule: gradient}
""",
    "assignments/softmax/exercise.py": """\
import torch


def probes(rng):
    for n, c in ((4, 3), (6, 5)):
        inputs = {"x": rng.normal(0, 1, (n, c)), "y": rng.integers(0, c, n), "counts": rng.random(n) < 0.7}
        inputs["counts"][0] = True
        yield {"name": f"{n} examples", "title": "some", "inputs": inputs, "part": "loss"}


class Loss:
    needs = ("softmax_loss",)

    def quantities(self, inputs):
        yield "loss", "value", ""
        yield "dx", "gradient", "x"

    def scalar(self, point):
        losses = torch.nn.functional.cross_entropy(point["x"], point["y"], reduction="none")
        return losses[point["counts"]].sum()

    def observe(self, names, inputs, report):
        loss, dx = names["softmax_loss"](inputs["x"].numpy(), inputs["y"].numpy(), inputs["counts"].numpy())
        report("loss", loss)
        report("dx", dx)


loss = Loss()
""",
    "reference/softmax/solution.py": """\
import numpy as np


def softmax_loss(x, y, counts):
    assert (y.dtype.kind, counts.dtype.kind, x.dtype.kind) == ("i", "b", "f")
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y])[counts].sum()
    p[np.arange(len(y)), y] -= 1
    return loss, p * counts[:, None]
""",
}


@pytest.fixture
def softmax(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    builder.prepare()
    return tmp_path


def verdicts(course, softmax_loss):
    """What the judge says of the gradients that a function gives."""
    assignment = load(course, "softmax")
    key = builder.build(assignment, "1")
    exercise = exercises.load_module(assignment.folder / "exercise.py")
    seen = {}
    for probe in key.probes:
        part = exercises.part_of(exercise, probe)
        reported = ProbeKey(assignment, part, {"softmax_loss": softmax_loss}, probe).reported
        seen[probe.name] = Observation(Outcome.RETURNED, arrays=reported)
    return {f.verdict for f in judge(key, Run(Outcome.RETURNED, None, seen, "", 0.0)) if f.quantity == "dx"}


def test_a_gradient_of_softmax_of_opposite_sign_does_not_pass(softmax):
    right = exercises.load_module(softmax / "reference/softmax/solution.py").softmax_loss

    def opposite(*given):
        loss, dx = right(*given)
        return loss, -dx

    assert verdicts(softmax, right) == {Verdict.CORRECT}
    assert verdicts(softmax, opposite) == {Verdict.WRONG}


@pytest.mark.parametrize("name", ["y", "counts"])
def test_an_exercise_cannot_ask_for_the_gradient_of_labels_or_masks(softmax, name):
    exercise = softmax / "assignments/softmax/exercise.py"
    exercise.write_text(exercise.read_text().replace('"dx", "gradient", "x"', f'"dx", "gradient", "{name}"'))
    with pytest.raises(AssignmentError, match=rf"`{name}` holds .*, and integers are never differentiated"):
        builder.build(load(softmax, "softmax"), "1")


def test_labels_and_masks_arrive_at_a_submission_as_they_are(softmax):
    (softmax / "hand_in.py").write_text(FILES["reference/softmax/solution.py"])
    command = [sys.executable, "-m", "grader", str(softmax / "hand_in.py"), "--course", str(softmax), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [check["verdict"] for check in json.loads(done.stdout)["checks"]] == ["correct", "correct"]


def test_an_exercise_in_which_rounding_is_as_large_as_a_gradient_is_refused(softmax):
    """x + 1e8 keeps no digit of x in single precision: whatever a submission gave in it would pass."""
    solution = softmax / "reference/softmax/solution.py"
    solution.write_text(solution.read_text().replace("    p = np.exp", "    x = (x + 1e8) - 1e8\n    p = np.exp"))
    with pytest.raises(
        AssignmentError, match=r"`dx`, call 1: in single precision .* wrong gradients pass\. Draw numbers"
    ):
        builder.build(load(softmax, "softmax"), "1")
