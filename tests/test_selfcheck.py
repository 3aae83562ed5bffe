"""main_test, and the blind spots of the file that it replaces: each passes the old rule and fails ours, or the reverse.

The old rules are told in the docstrings of the functions `old_*`, in the words of this project.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from grader import main_test
from grader.key.exercises import load_module
from tests.conftest import ROOT

exercise = load_module(ROOT / "assignments/mynet/exercise.py")
solution = load_module(ROOT / "reference/mynet/solution.py")
right = solution.backpropagation


@pytest.fixture(autouse=True)
def _double_precision():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)


def verdict(capsys, backpropagation, model=None, **options) -> str:
    """What main_test prints."""
    main_test(backpropagation, model or exercise.MyNet([2, 3, 2]), **options)
    return capsys.readouterr().out


def gradients(backpropagation, widths=(2, 3, 2)):
    """What a function stores, and what autograd gives, on one example."""
    model = exercise.MyNet(widths)
    x, y = torch.randn(1, widths[0]), torch.randn(1, widths[-1])
    prediction = model(x)
    ((prediction - y) ** 2).sum().backward()
    truth = {f"w[{l}]": model.fc[str(l)].weight.grad for l in range(1, model.L + 1)}
    truth |= {f"b[{l}]": model.fc[str(l)].bias.grad for l in range(1, model.L + 1)}
    with torch.no_grad():
        backpropagation(model, y, prediction)
    stored = {f"w[{l}]": model.dL_dw[l] for l in range(1, model.L + 1)}
    return stored | {f"b[{l}]": model.dL_db[l] for l in range(1, model.L + 1)}, truth


def old_gradient_rule_passes(backpropagation, widths=(2, 3, 2)) -> bool:
    """Fails where |stored - autograd| / |autograd| > 1e-4; autograd has filled `.grad` before the call."""
    stored, truth = gradients(backpropagation, widths)
    return not any(torch.norm(stored[name] - truth[name]) / torch.norm(truth[name]) > 1e-4 for name in truth)


def changed(model, name, change):
    right_value = getattr(model, name)
    setattr(model, name, {l: change(value) for l, value in right_value.items()})


def all_nan(model, y_true, y_pred):
    right(model, y_true, y_pred)
    changed(model, "dL_dw", lambda g: torch.full_like(g, torch.nan))
    changed(model, "dL_db", lambda g: torch.full_like(g, torch.nan))


def copies_grad(model, y_true, y_pred):
    for l in range(1, model.L + 1):
        model.dL_dw[l] = model.fc[str(l)].weight.grad
        model.dL_db[l] = model.fc[str(l)].bias.grad


def uses_autograd(model, y_true, y_pred):
    flags = [p.requires_grad for p in model.parameters()]
    model.requires_grad_(True)
    with torch.enable_grad():
        loss = ((model(model.a[0]) - y_true) ** 2).sum()
        found = torch.autograd.grad(loss, list(model.parameters()))
    for p, flag in zip(model.parameters(), flags, strict=True):
        p.requires_grad_(flag)
    for l in range(1, model.L + 1):
        model.dL_dw[l], model.dL_db[l] = found[2 * l - 2], found[2 * l - 1]


def first_layer_scaled_by_nine_in_100_000(model, y_true, y_pred):
    right(model, y_true, y_pred)
    model.dL_dw[1] = model.dL_dw[1] * 1.00009


@pytest.mark.parametrize("wrong", [all_nan, copies_grad, uses_autograd, first_layer_scaled_by_nine_in_100_000])
def test_what_the_old_gradient_rule_lets_through_fails_both_of_ours(capsys, wrong):
    assert old_gradient_rule_passes(wrong)
    printed = verdict(capsys, wrong)
    assert "TEST FAILED: Gradients NOT consistent with autograd's" in printed
    assert "TEST FAILED: Gradients NOT consistent with finite differences" in printed


def test_two_layers_written_out_pass_on_the_only_depth_that_the_old_file_tries_and_fail_at_three(capsys):
    def two_layers(model, y_true, y_pred):
        delta = 2 * (y_pred - y_true) * (1 - y_pred**2)
        model.dL_dw[2], model.dL_db[2] = delta.T @ model.a[1], delta[0]
        delta = delta @ model.fc["2"].weight * (1 - model.a[1] ** 2)
        model.dL_dw[1], model.dL_db[1] = delta.T @ model.a[0], delta[0]

    assert old_gradient_rule_passes(two_layers)
    assert "4 / 4" in verdict(capsys, two_layers)
    assert "4 / 4" not in verdict(capsys, two_layers, exercise.MyNet([2, 3, 3, 2]))


def test_weights_compared_with_an_alias_of_themselves_hide_an_optimiser_that_does_nothing(capsys, monkeypatch):
    monkeypatch.setattr(torch.optim.SGD, "step", lambda self: None)
    weight = exercise.MyNet([2, 3, 2]).fc["1"].weight
    alias = weight.data
    assert torch.equal(alias, weight)  # the old rule compares these two, before and after: they cannot differ
    printed = verdict(capsys, right)
    assert "TEST FAILED: Weights have NOT been updated" in printed
    assert "3 / 4" in printed


def test_a_parameter_that_is_cut_off_from_the_graph_is_named(capsys):
    def cuts(model, y_true, y_pred):
        right(model, y_true, y_pred)
        model.f[1] = lambda z: torch.tanh(z).detach()

    printed = verdict(capsys, cuts)  # the old rule finds this too, but does not return it
    assert "TEST FAILED: NOT attached to the computational graph: fc.1.weight, fc.1.bias" in printed
    assert "3 / 4" in printed


@pytest.mark.parametrize("data", ["toy", "mnist"])
def test_right_code_in_single_precision_passes(capsys, data):
    widths = [2, 3, 2] if data == "toy" else [576, 16, 10]
    assert "4 / 4" in verdict(capsys, right, exercise.MyNet(widths).float(), data=data)


def test_finite_differences_in_single_precision_fail_right_code():
    """The old file differentiates numerically in the precision of the model, with a step of 1e-7."""
    torch.set_default_dtype(torch.float32)
    model = exercise.MyNet([2, 3, 2])
    x, y = torch.randn(1, 2), torch.randn(1, 2)
    prediction = model(x)
    ((prediction - y) ** 2).sum().backward()
    weight, losses = model.fc["1"].weight, []
    with torch.no_grad():
        for sign in (1, -2):
            weight[0, 0] += sign * 1e-7
            losses.append(((model(x) - y) ** 2).sum())
    numeric = (losses[0] - losses[1]) / 2e-7
    assert abs(numeric - weight.grad[0, 0]) / abs(weight.grad[0, 0]) > 1e-4


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda g: None, "was not stored"),
        (lambda g: g[None], "it keeps the axis of the examples"),
        (lambda g: "zero", "holds a str, not numbers"),
        (lambda g: g * torch.inf, "2 of 2 entries are wrong"),
    ],
)
def test_what_crashes_the_old_rule_gets_a_message(capsys, value, message):
    def stores(model, y_true, y_pred):
        right(model, y_true, y_pred)
        model.dL_db[2] = value(model.dL_db[2])

    printed = verdict(capsys, stores)
    assert f"model.dL_db[2]: {message}" in printed.replace("has shape (1, 2), must have shape (2,): ", "")
    assert "4 / 4" not in printed


def test_a_function_that_raises_fails_with_its_message_and_the_other_tests_go_on(capsys):
    def raises(model, y_true, y_pred):
        raise KeyError("delta")

    printed = verdict(capsys, raises)
    assert "your function raised KeyError: 'delta'" in printed
    assert "1 / 4" in printed


def test_a_function_that_changes_the_weights_fails_and_the_weights_are_given_back(capsys):
    def descends(model, y_true, y_pred):
        right(model, y_true, y_pred)
        model.fc["1"].weight.data -= 0.1 * model.dL_dw[1]

    model = exercise.MyNet([2, 3, 2])
    before = model.fc["1"].weight.detach().clone()
    assert "your function changed the weights" in verdict(capsys, descends, model)
    assert torch.equal(model.fc["1"].weight, before)


def test_the_notebook_finds_everything_as_it_left_it_and_the_gradients_stored(capsys):
    model = exercise.MyNet([2, 3, 2])
    model.fc["1"].weight.grad = torch.ones(3, 2)
    model.fc["2"].bias.requires_grad_(False)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    state = torch.random.get_rng_state()
    verdict(capsys, right, model)
    assert all(torch.equal(p, before[name]) for name, p in model.named_parameters())
    assert torch.equal(model.fc["1"].weight.grad, torch.ones(3, 2))
    assert not model.fc["2"].bias.requires_grad
    assert torch.equal(torch.random.get_rng_state(), state)
    assert model.dL_dw[1].shape == (3, 2)


def test_verbose_shows_both_gradients(capsys):
    printed = verdict(capsys, right, verbose=True)
    assert "Your computation:" in printed
    assert "Autograd's computation:" in printed


def test_a_model_of_another_kind_is_refused():
    model = exercise.MyNet([2, 3, 2])
    model.f = {1: torch.relu, 2: torch.relu}
    with pytest.raises(ValueError, match="does not compute tanh"):
        main_test(right, model)
    with pytest.raises(ValueError, match="576 inputs and 10 outputs, not 2 and 2"):
        main_test(right, exercise.MyNet([2, 3, 2]), data="mnist")
    with pytest.raises(ValueError, match="known are 'toy' and 'mnist'"):
        main_test(right, exercise.MyNet([2, 3, 2]), data="cifar")


TRACED = """
import sys
from grader.selfcheck.state import TookTooLong, bounded

with bounded(60):
    pass
try:
    with bounded(0.2):
        while True:
            pass
except TookTooLong:
    print("stopped")
sys.settrace(lambda *_: None)

def traced():
    print("goes on")

traced()
"""


def test_a_debugger_goes_on_after_a_check_whether_it_was_stopped_or_not():
    done = subprocess.run([sys.executable, "-c", TRACED], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.split("\n")[:2] == ["stopped", "goes on"]
