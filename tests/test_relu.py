"""The exercise `relu`: its oracles in a network with kinks, and that one mistake is counted once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader import submission
from grader.assignment import load
from grader.course import find_course
from grader.key_builder import load_module, random_generator
from grader.oracles import ORACLES, Problem, black_box
from tests.conftest import ROOT, SLUGS
from tests.corpus import cases, handed_in

COURSE = find_course()


@pytest.fixture(scope="module")
def exercise():
    return load_module(COURSE / "assignments/relu/exercise.py")


@pytest.fixture
def network(exercise):
    """The problem of the network for a seed, as the key builder poses it."""

    def of(seed: str) -> Problem:
        drawn = exercise.probes(random_generator(seed, load(COURSE, "relu"), "probes"))
        point = next(probe["inputs"] for probe in drawn if probe["name"] == "network")
        told = exercise.network.rows({name: torch.tensor(value) for name, value in point.items()})
        rows = {weight: (bias, row.numpy()) for weight, (bias, row) in told.items()}
        return Problem(exercise.network.scalar, point, list(exercise.SHAPES), step=exercise.network.step, rows=rows)

    return of


@pytest.mark.parametrize("seed", ["1"])
def test_finite_differences_confirm_all_61026_parameters_and_cross_no_kink(network, seed):
    problem = network(seed)
    truth, differences = ORACLES["autograd"](problem), ORACLES["finite differences"](problem)
    assert sum(estimate.value.size for estimate in differences.values()) == 61026
    for name, estimate in differences.items():
        assert np.all(np.abs(estimate.value - truth[name].value) <= estimate.error), name
        assert estimate.error.max() < 1e-5 * np.abs(truth[name].value).max(), name


def test_the_complex_step_abstains_where_there_is_a_relu(network):
    assert ORACLES["complex step"](network("1")) == {}


def test_moving_a_weight_is_moving_its_bias_by_the_row_that_it_multiplies():
    rng = np.random.default_rng(0)
    point = {"w": rng.normal(size=(3, 4)), "b": rng.normal(size=3), "x": rng.normal(size=(1, 4))}

    def scalar(t):
        return torch.tanh(t["x"] @ t["w"].T + t["b"]).square().sum()

    plain = black_box.finite_difference(Problem(scalar, point, ["w"]))["w"]
    by_bias = black_box.finite_difference(Problem(scalar, point, ["w"], rows={"w": ("b", point["x"][0])}))["w"]
    np.testing.assert_allclose(by_bias.value, plain.value, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["mask_missing", "sign_flipped", "leaky", "returns_nothing"])
def test_a_wrong_function_costs_its_own_marks_and_the_rows_without_points_still_tell_the_truth(name, graders):
    report = graders("relu")(handed_in(f"relu/wrong/{name}.py"))
    rows = {check.id: check for check in report.checks}
    assert rows["net-gradients"].points == rows["net-gradients"].out_of
    assert rows["module-backward"].points == rows["module-backward"].out_of
    assert rows["exact-gradients"].verdict == "wrong"


def test_the_report_shows_a_training_run_with_the_module_next_to_the_one_expected(graders):
    (chart,) = graders("relu")(ROOT / "submissions/lena.ipynb").charts
    (series,) = chart.series
    assert len(series.observed) == 60
    assert series.observed[-1] < 0.2 * series.observed[0]
    np.testing.assert_allclose(series.observed, series.expected)


@pytest.mark.parametrize("path", map(handed_in, cases("relu/right")), ids=lambda p: p.name)
def test_a_submission_is_recognised_whatever_its_classes_are_called(path):
    chosen = submission.find_assignment(submission.read(path), [load(COURSE, slug) for slug in SLUGS])
    assert chosen.slug == "relu"


def test_submissions_to_other_exercises_are_not_mistaken_for_this_one():
    assignments = [load(COURSE, slug) for slug in SLUGS]
    for path in sorted((ROOT / "submissions").glob("*.py")):
        if path.stem in ("alice", "bruno", "chloe", "david"):
            assert submission.find_assignment(submission.read(path), assignments).slug == "mynet"


NET2 = """
import torch
import torch.nn.functional as F
from torch import nn


class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x > 0)


class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)


class Net2(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 2)
        self.fct1, self.fct2 = MyReLU(), MyReLU()

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.fct1(self.fc1(x.flatten(1)))
        x = self.fct2(self.fc2(x))
        return self.fc3(x)
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict", "remark"),
    [
        ("", "", "correct", ""),
        (NET2.partition("class Net2")[2], "Other: pass", "not-attempted", ""),
        ("self.fct2(self.fc2(x))", "self.fc2(x)", "wrong", "fails: the gradient of conv1.weight is another one"),
        ("self.fct1(self.fc1(", "(self.fc1(", "wrong", "fails: the gradient of conv1.weight is another one"),
        ("nn.Linear(120, 84)", "nn.Linear(120, 85)", "not-reported", "was not stored"),
    ],
)
def test_net2_is_looked_at_where_it_was_written_and_costs_nothing(graders, tmp_path, old, new, verdict, remark):
    file = tmp_path / "net2.py"
    file.write_text(NET2.replace(old, new) if old else NET2)
    report = graders("relu")(file)
    assert report.score == report.out_of == 15
    (row,) = [check for check in report.checks if check.id == "net2"]
    assert row.verdict == verdict
    assert (
        any(remark in line for line in report.remarks if "Net2" in line)
        if remark
        else not any("Net2" in line for line in report.remarks)
    )


def test_a_module_that_hands_on_whole_numbers_of_its_function_is_not_said_to_bypass_it(graders):
    report = graders("relu")(handed_in("relu/wrong/forward_gives_whole_numbers.py"))
    assert "module-bypasses-function" not in {mistake.id for mistake in report.diagnosis.mistakes}
    words = {f.message for f in report.findings if f.quantity == "dL_dw"}
    assert words == {"was not computed: the Module gives whole numbers, which cannot be differentiated"}
