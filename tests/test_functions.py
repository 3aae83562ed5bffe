"""The exercise `functions`: classes like torch.autograd.Function, called in every way that is legal."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from grader.kit.calling import argument_order, call
from grader.kit.context import Context
from grader.kit.differences import jacobian
from grader.kit.functions import upstream_for
from tests.conftest import ROOT, words_of
from tests.corpus import cases, handed_in

JADE = (ROOT / "submissions/jade.py").read_text(encoding="utf-8")


@pytest.fixture
def grade_functions(graders):
    return graders("functions")


def points(report):
    return {check.id: check.points for check in report.checks}


@pytest.mark.parametrize("path", [*map(handed_in, cases("functions/stopped"))], ids=lambda p: p.name)
def test_a_function_that_does_not_end_well_costs_its_own_marks_and_no_others(path, grade_functions):
    own = path.name.split("_")[0]
    report = grade_functions(path, seconds=2)
    for check in report.checks:
        if not check.id.startswith((own, "upstream", "untouched")):
            assert check.points == check.out_of, check
        elif check.id in ("upstream", "untouched"):
            assert check.points == 0.75 * check.out_of


@pytest.mark.parametrize("entry", ["MSE", "Linear", "Tanh", "ReLU"])
def test_each_function_can_be_handed_in_alone(entry, grade_functions):
    head, *classes = JADE.split("\n\n\n")
    alone = "\n\n\n".join([head, *(text for text in classes if text.startswith(f"class {entry}("))])
    report = grade_functions(alone)
    for check in report.checks:
        if check.id.startswith(entry.lower()):
            assert check.points == check.out_of
        elif check.id not in ("upstream", "untouched"):
            assert check.points == 0


def test_a_gradient_that_keeps_the_axis_of_examples_is_seen_though_autograd_sums_it(grade_functions):
    report = grade_functions(handed_in("functions/wrong/linear_bias_not_summed.ipynb"))
    wrong = {f.probe for f in report.findings if f.check == "linear-b" and f.verdict != "correct"}
    assert wrong == {"linear-context", "linear-single"}  # not `linear-apply`


def test_a_wrong_mean_is_compared_with_the_reading_that_has_its_shape(grade_functions):
    report = grade_functions(handed_in("functions/wrong/mse_halved.py"))
    assert all("shape" not in words_of(finding) for finding in report.findings)


def test_autograd_inside_a_backward_is_noticed_and_that_of_apply_is_not(grade_functions):
    cheat = JADE.replace(
        "        return grad_output * (1 - a**2)",
        "        with torch.enable_grad():\n"
        "            x = torch.atanh(a).detach().requires_grad_()\n"
        "            return torch.autograd.grad((torch.tanh(x) * grad_output).sum(), x)[0]",
    )
    assert [finding.rule for finding in grade_functions(cheat).policy] == ["autograd"]
    assert grade_functions(JADE).policy == ()


def test_a_value_that_is_no_tensor_is_told_of_where_autograd_needs_one(grade_functions):
    report = grade_functions(JADE.replace("((yhat - y) ** 2).mean(0)", "((yhat - y) ** 2).mean().item()"))
    assert "TypeError: forward returned a float; autograd goes on from tensors only" in words_of(report)
    assert points(report)["tanh-forward"] == 1


def test_a_class_without_a_base_class_loses_only_what_apply_would_earn(grade_functions):
    report = grade_functions(JADE.replace("class Tanh(Function)", "class Tanh"))
    assert points(report)["tanh-forward"] == pytest.approx(2 / 3, abs=0.01)
    assert points(report)["tanh-own"] == 1
    assert points(report)["relu-backward"] == 2


def test_single_precision_is_no_news_where_it_was_handed_in(grade_functions):
    assert grade_functions(handed_in("functions/right/constants_as_tensors.py")).remarks == ()


def test_a_linear_for_square_weights_only_is_told_so(grade_functions):
    square = JADE.replace("return x @ w + b", "assert w.shape[0] == w.shape[1]\n        return x @ w + b")
    report = grade_functions(square)
    assert report.score == report.out_of
    assert "Linear where all widths differ" in words_of(report.remarks[0])


def test_the_curves_of_a_right_submission_are_those_of_the_reference(grade_functions):
    training, bars = grade_functions(JADE).charts
    assert [len(series.observed) for series in training.series] == [150, 150, 150]
    for series in (*training.series, *bars.series):
        np.testing.assert_allclose(series.observed, series.expected, rtol=1e-9)
    for series in training.series:
        assert series.observed[-1] < 0.6 * series.observed[0]
    assert bars.kind == "bars"


def test_a_wrong_function_shows_in_the_curves_and_costs_nothing_more_there(grade_functions):
    report = grade_functions(handed_in("functions/wrong/tanh_is_a_sigmoid.py"))
    linear, tanh, relu = report.charts[0].series
    assert np.allclose(linear.observed, linear.expected)
    assert np.allclose(relu.observed, relu.expected)
    assert not np.allclose(tanh.observed, tanh.expected)


@pytest.mark.parametrize("function", [torch.tanh, torch.exp, lambda x: x**3, lambda x: torch.sin(x).sum(0)])
def test_own_differences_are_within_their_bars_of_the_derivative(function):
    x = torch.linspace(-2, 2, 6, dtype=torch.float64).reshape(3, 2) + 0.1
    value, bar = jacobian(function, [x], 0)
    exact = torch.autograd.functional.jacobian(function, x)
    exact = exact.reshape(-1, x.numel()).T
    assert torch.all((value - exact).abs() <= bar)
    assert bar.max() < 1e-7


def test_upstream_gradients_are_linear_in_their_numbers_whatever_the_shape():
    first, second = torch.arange(6.0), torch.arange(6.0) ** 2
    for shape in ((), (3,), (2, 3), (4, 5)):
        output = torch.zeros(shape)
        total = upstream_for(output, first + second)
        assert total.shape == shape
        torch.testing.assert_close(total, upstream_for(output, first) + upstream_for(output, second))


@pytest.mark.parametrize("order", list(itertools.permutations("xwb")), ids="".join)
def test_the_order_of_the_arguments_is_told_by_their_shapes(order):
    class Reordered:
        @staticmethod
        def forward(ctx, *inputs):
            x, w, b = (inputs[order.index(name)] for name in "xwb")
            return x @ w + b

    found = argument_order(Reordered, lambda x, w, b: x @ w + b, ((6, 4), (4, 3), (3,)))
    assert tuple("xwb"[place] for place in found) == order


def test_a_plain_context_keeps_what_pytorchs_own_keeps():
    class Doubled:
        @staticmethod
        def forward(ctx, x):
            assert isinstance(ctx, Context)
            assert ctx.needs_input_grad == (True,)
            ctx.factor = 2
            ctx.save_for_backward(x)
            ctx.mark_non_differentiable()
            return x * ctx.factor

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * ctx.factor * torch.ones_like(x)

    output, backward = call(Doubled, [torch.ones(2)])
    assert output.tolist() == [2, 2]
    assert backward(torch.ones(2))[0].tolist() == [2, 2]


ABSENT = {
    "functions": """
from course_utils import BaseFunction

class Tanh(BaseFunction):
    @staticmethod
    def forward(ctx, x):
        return x.tanh()
""",
    "mynet": "import course_utils as u\n\ndef backpropagation(m, t, p):\n    u.help(m)\n",
    "relu": "import course_utils as u\n\nclass MyReLUFunction(u.Base):\n    def forward(ctx, x):\n        return x\n",
    "mlp": "import course_utils as u\n\ndef sigma(x):\n    return u.tanh(x)\n",
}


@pytest.mark.parametrize("slug", ABSENT)
def test_what_is_not_here_is_told_once_as_that_a_base_class_too(slug, graders):
    report = graders(slug)(ABSENT[slug])
    assert report.score < report.out_of
    assert "course_utils" in words_of(report)
    assert report.diagnosis.unknown == ()
