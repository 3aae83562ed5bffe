"""The exercise `relu`: its oracles in a network with kinks, and that one mistake is counted once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader import submission
from grader.assignment import load
from grader.course import find_course
from grader.key.exercises import load_module, random_generator
from grader.oracles import ORACLES, Problem, black_box
from tests.conftest import ROOT, SLUGS, words_of
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
    assert series.observed[-1] < 0.3 * series.observed[0]
    np.testing.assert_allclose(series.observed, series.expected)


@pytest.mark.parametrize("path", [*map(handed_in, cases("relu/right"))], ids=lambda p: p.name)
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


RELU = NET2[: NET2.index("class Net2")]
FORWARD, BACKWARD = "return x.clamp(min=0)", "return grad_output * (x > 0)"
UNPACKED, APPLIED = "(x,) = ctx.saved_tensors", "return MyReLUFunction.apply(x)"


def edited(*edits: tuple[str, str]) -> str:
    text = RELU
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    "edit",
    [
        (FORWARD, "return torch.from_numpy(x.detach().numpy().clip(0).astype('float32'))"),
        (FORWARD, "return x.float().clamp(min=0)"),
        (APPLIED, "return MyReLUFunction.apply(x.float())"),
        (APPLIED, "return MyReLUFunction.apply(x).float()"),
    ],
)
def test_a_layer_of_single_precision_keeps_all_points(edit, graders):
    assert graders("relu")(edited(edit)).score == 15


def test_nothing_is_said_of_a_net2_that_is_another_network(graders):
    other = "\n\nclass Net2(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.f = nn.Linear(3, 3)\n"
    assert graders("relu")(RELU + other).remarks == ()


NETWORKS = {
    "sizes": "def __init__(self, n, m):\n        super().__init__()\n        self.f = nn.Linear(n, m)\n",
    "own sizes": "def __init__(self):\n        super().__init__()\n        self.f = nn.Linear(4, 4)\n",
    "a list": "def __init__(self, sizes):\n        super().__init__()\n        self.f = nn.Linear(*sizes)\n",
    "a tensor": "def __init__(self):\n        super().__init__()\n        self.w = torch.ones(4, 4)\n        self.f = self.w.mul\n",
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_network_that_stands_in_the_file_is_not_taken_for_the_layer(kind, graders):
    network = f"class Net(nn.Module):\n    {NETWORKS[kind]}\n    def forward(self, x):\n        return MyReLUFunction.apply(self.f(x))\n"
    report = graders("relu")(RELU[: RELU.index("class MyReLU(")] + network)
    assert report.score == 11
    assert {c.id for c in report.checks if c.out_of and c.verdict == "not-attempted"} == {
        "module-forward", "module-backward", "prints",
    }  # fmt: skip


@pytest.mark.parametrize(
    "edits",
    [
        [
            (FORWARD, "return x.clamp_(min=0)"),
            (BACKWARD, "d = grad_output.clone()\n        d[x < 0] = 0\n        return d"),
        ],
        [(FORWARD, "x[x < 0] = 0\n        return x.clone()"), (BACKWARD, "return grad_output * (x >= 0)")],
        [(FORWARD, "return torch.relu_(x)"), (BACKWARD, "return torch.where(x < 0, 0 * grad_output, grad_output)")],
        [(FORWARD, "return x.clamp_(min=0)")],
    ],
)
def test_forward_that_writes_into_its_input_is_one_mistake(edits, graders):
    diagnosis = graders("relu")(edited(*edits)).diagnosis
    assert [m.id for m in diagnosis.mistakes] == ["forward-modifies-input"]
    assert not diagnosis.unknown


def test_a_second_mistake_beside_writing_into_the_input_is_told_too(graders):
    text = edited((FORWARD, "return x.clamp_(min=0)"), (BACKWARD, "return 3 * grad_output * (x > 0)"))
    diagnosis = graders("relu")(text).diagnosis
    assert len(diagnosis.mistakes) + len(diagnosis.unknown) == 2


GUARDS = ("x * g < 0.02", "(x * g).abs() < 0.02", "x + g < 0", "(x < 0) & (g < 0)", "g < 0", "g.abs() < 0.5")


@pytest.mark.parametrize("seed", ["s2", "15"])
@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_in_backward_costs_the_marks_of_backward_with_every_seed(guard, seed, tmp_path, grade):
    body = f"g = grad_output\n        d = g.clone()\n        d[{guard}] = 0\n        return d"
    file = tmp_path / "guarded.py"
    file.write_text(edited((BACKWARD, body)))
    told = grade(str(file), "--assignment", "relu", "--seed", seed).out
    assert "11 / 15" in told
    assert "does not depend on its input" not in told


@pytest.mark.parametrize("seed", range(5))
def test_every_trial_holds_all_four_pairs_of_signs(seed, exercise):
    for probe in exercise.probes(np.random.default_rng(seed)):
        given = probe["inputs"]
        if "g" in given:
            x = given["x"] if "w" not in given else given["x"] @ given["w"].T + given["b"]
            assert len({*zip(np.sign(x).flat, np.sign(given["g"]).flat, strict=True)}) == 4, probe["name"]


FUNCTION = RELU[RELU.index("class MyReLUFunction") : RELU.index("class MyReLU(")]
OWN_RULE = "return x.clamp(min=0)\n\n    def backward(self, g):\n        return g"


@pytest.mark.parametrize(
    ("mistake", "edits"),
    [
        ("function-missing", [(FUNCTION, ""), (APPLIED, "return x.clamp(min=0)")]),
        ("function-missing", [(FUNCTION, ""), (APPLIED, "return torch.relu(x)")]),
        ("function-missing", [(FUNCTION, ""), (APPLIED, "return x * (x > 0)")]),
        ("backward-in-module", [(FUNCTION, ""), (APPLIED, OWN_RULE)]),
        ("backward-in-module", [(APPLIED, OWN_RULE)]),
        ("function-object-called", [(APPLIED, "return MyReLUFunction()(x)")]),
        ("saved-tensors-not-unpacked", [(UNPACKED, "x = ctx.saved_tensors")]),
        ("saved-tensors-not-unpacked", [(UNPACKED, "x = ctx.saved_tensors"), (BACKWARD, "return grad_output * x")]),
        ("saved-tensors-not-unpacked", [(UNPACKED, "x = ctx.saved_tensors"), (BACKWARD, "return x * grad_output")]),
        (
            "saved-tensors-not-unpacked",
            [(UNPACKED, "x = ctx.saved_tensors"), (BACKWARD, "return torch.mul(grad_output, x)")],
        ),
        (
            "saved-tensors-not-unpacked",
            [(UNPACKED, "x = ctx.saved_tensors"), (BACKWARD, "return x.sign() * grad_output")],
        ),
        ("ctx-attribute-missing", [(UNPACKED, "x = ctx.x")]),
        ("ctx-attribute-missing", [("ctx.save_for_backward(x)", "ctx.input = x"), (UNPACKED, "x = ctx.inputs")]),
        ("self-in-static-method", [(BACKWARD, "return grad_output * (self.x > 0)")]),
        ("name-not-defined", [(BACKWARD, "return grad_output * mask")]),
        ("name-not-defined", [(UNPACKED, "(saved,) = ctx.saved_tensors")]),
    ],
)
def test_what_stops_or_bypasses_a_backward_is_named_and_nothing_else_is(mistake, edits, graders):
    diagnosis = graders("relu")(edited(*edits)).diagnosis
    assert [m.id for m in diagnosis.mistakes] == [mistake]
    assert not diagnosis.unknown


@pytest.mark.parametrize(
    ("old", "new", "verdict", "remark"),
    [
        ("", "", "correct", ""),
        (NET2.partition("class Net2")[2], "Other: pass", "not-attempted", ""),
        ("self.fct2(self.fc2(x))", "self.fc2(x)", "wrong", "fails: the gradient of conv1.weight is another one"),
        ("self.fct1(self.fc1(", "(self.fc1(", "wrong", "fails: the gradient of conv1.weight is another one"),
        ("nn.Linear(120, 84)", "nn.Linear(120, 85)", "not-reported", ""),
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
        any(remark in line for line in map(words_of, report.remarks) if "Net2" in line)
        if remark
        else not any("Net2" in line for line in map(words_of, report.remarks))
    )


def test_a_module_that_hands_on_whole_numbers_of_its_function_is_not_said_to_bypass_it(graders):
    report = graders("relu")(handed_in("relu/wrong/forward_gives_whole_numbers.py"))
    assert "module-bypasses-function" not in {mistake.id for mistake in report.diagnosis.mistakes}
    words = {words_of(f) for f in report.findings if f.quantity == "dL_dw"}
    assert words == {"was not computed: the Module gives whole numbers, which cannot be differentiated"}
