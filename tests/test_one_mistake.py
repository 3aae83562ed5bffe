"""`functions`: one mistake is charged once, each reading has its own derivative, and a context belongs to one call."""

from __future__ import annotations

import pytest

RIGHT = """
import torch
from torch.autograd import Function


class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        return ((yhat - y) ** 2).mean()

    @staticmethod
    def backward(ctx, g):
        yhat, y = ctx.saved_tensors
        slope = 2 * (yhat - y) / yhat.numel()
        return g * slope, -g * slope


class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return x @ w + b

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g @ w.T, x.T @ g, g.sum(0)


class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        out = torch.tanh(x)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, g):
        (out,) = ctx.saved_tensors
        return g * (1 - out ** 2)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x > 0)
"""
VALUE, SLOPE = "((yhat - y) ** 2).mean()", "2 * (yhat - y) / yhat.numel()"
TANH, CHAIN = "torch.tanh(x)", "return g * (1 - out ** 2)"


def edited(*edits: tuple[str, str]) -> str:
    text = RIGHT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def graded(graders):
    """Points that are lost, by check, and the report."""

    def of(*edits: tuple[str, str]):
        report = graders("functions")(edited(*edits))
        return {c.id: round(c.out_of - c.points, 2) for c in report.checks if c.points < c.out_of}, report

    return of


def named(report) -> list[str]:
    return [mistake.id for mistake in report.diagnosis.mistakes]


@pytest.mark.parametrize(
    ("check", "edits"),
    [
        ("mse-forward", [(VALUE, "((yhat - y) ** 2).sum()"), (SLOPE, "2 * (yhat - y)")]),
        ("mse-forward", [(VALUE, "((yhat - y) ** 2).sum(0)"), (SLOPE, "2 * (yhat - y)")]),
        ("mse-forward", [(VALUE, "((yhat - y) ** 2).mean() / 2"), (SLOPE, "(yhat - y) / yhat.numel()")]),
        ("mse-forward", [(VALUE, "((yhat - y) ** 4).mean()"), (SLOPE, "4 * (yhat - y) ** 3 / yhat.numel()")]),
        ("tanh-forward", [(TANH, "torch.sigmoid(x)"), ("1 - out ** 2", "out * (1 - out)")]),
        ("tanh-forward", [(TANH, "2 * torch.tanh(x)"), ("1 - out ** 2", "2 - out ** 2 / 2")]),
        (
            "relu-forward",
            [("x.clamp(min=0)", "torch.where(x > 0, x, 0.1 * x)"), ("g * (x > 0)", "g * torch.where(x > 0, 1.0, 0.1)")],
        ),
    ],
)
def test_another_function_with_its_own_derivative_loses_its_value_alone(check, edits, graded):
    lost, _ = graded(*edits)
    assert lost == {check: 1}


@pytest.mark.parametrize(
    ("entry", "edits"),
    [
        ("mse", [(VALUE, "(yhat - y).sum()"), (SLOPE, "torch.ones_like(y)")]),
        ("tanh", [(TANH, "x * 1"), (CHAIN, "return g * 1")]),
        ("tanh", [(TANH, "0 * x"), (CHAIN, "return 0 * g")]),
        ("relu", [("x.clamp(min=0)", "3 * x"), ("g * (x > 0)", "3 * g")]),
    ],
)
def test_a_straight_line_is_no_other_function_that_earns_by_its_derivative(entry, edits, graded):
    lost, _ = graded(*edits)
    gradients = {"mse": {"mse-yhat", "mse-y"}}.get(entry, {f"{entry}-backward"})
    assert {f"{entry}-forward", *gradients} <= lost.keys()


@pytest.mark.parametrize(
    ("value", "slope"),
    [
        (VALUE, "2 * (yhat - y) / len(y)"),
        ("((yhat - y) ** 2).mean(0)", SLOPE),
        (VALUE, "2 * (yhat - y) / yhat.shape[1]"),
    ],
)
def test_a_backward_of_another_mean_than_that_of_forward_loses_what_its_statement_says(value, slope, graded):
    lost, report = graded((VALUE, value), (SLOPE, slope))
    assert lost == {"mse-yhat": 1, "mse-y": 1, "mse-own": 1}
    assert named(report) == ["mse-wrong-count-n"]


@pytest.mark.parametrize("entry", ["tanh", "relu"])
def test_the_derivative_of_the_statement_s_function_is_not_that_of_another_forward(entry, graded):
    edit = {"tanh": (TANH, "torch.sigmoid(x)"), "relu": ("x.clamp(min=0)", "x.abs()")}[entry]
    lost, _ = graded(edit)
    assert f"{entry}-own" in lost


@pytest.mark.parametrize(
    "edits",
    [
        [(VALUE, "(yhat - y).abs().mean()"), (SLOPE, "2 * (yhat - y)")],
        [(VALUE, "(yhat - y).abs().mean()"), (SLOPE, "2 * (yhat - y) / len(y)")],
        [(VALUE, "((yhat - y) ** 4).mean()")],
        [(VALUE, "(yhat - y).abs().mean(0)"), ("-g * slope", "g * slope")],
    ],
)
def test_nothing_is_said_of_a_mean_of_squares_where_there_is_none(edits, graded):
    _, report = graded(*edits)
    assert not any(name.startswith("mse-") for name in named(report))


ELSEWHERE = {
    "on the class": [("ctx.save_for_backward(x, w)", "Linear.kept = x, w"), ("x, w = ctx.saved_tensors", "x, w = Linear.kept")],
    "in a global": [
        ("class MSE", "kept = {}\n\n\nclass MSE"), ("ctx.save_for_backward(x, w)", "kept['x'] = x, w"), ("x, w = ctx.saved_tensors", "x, w = kept['x']"),
    ],
    "in a list": [
        ("class MSE", "kept = [None]\n\n\nclass MSE"), ("ctx.save_for_backward(out)", "kept[0] = out"), ("(out,) = ctx.saved_tensors", "out = kept[0]"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("where", ELSEWHERE)
def test_what_is_kept_elsewhere_than_in_the_context_loses_marks_and_is_named(where, graded):
    lost, report = graded(*ELSEWHERE[where])
    assert lost
    assert named(report) == ["state-on-class"]


def test_upstream_gradients_do_not_always_lie_in_one_piece(graded):
    lost, _ = graded((CHAIN, "return (g.view(-1) * (1 - out ** 2).view(-1)).view(out.shape)"))
    assert lost.keys() == {"tanh-backward"}
    lost, _ = graded((CHAIN, "return (g.reshape(-1) * (1 - out ** 2).reshape(-1)).reshape(out.shape)"))
    assert not lost


@pytest.mark.parametrize("body", ["pass", "return None", "ctx.save_for_backward(x)"])
def test_a_forward_that_returns_nothing_was_not_attempted(body, graded):
    text = RIGHT[RIGHT.index("        out = torch.tanh") : RIGHT.index("        return out")] + "        return out"
    _, report = graded((text, f"        {body}"))
    assert {c.id for c in report.checks if c.verdict == "not-attempted"} >= {
        "tanh-forward",
        "tanh-backward",
        "tanh-own",
    }
    assert not report.diagnosis.unknown
