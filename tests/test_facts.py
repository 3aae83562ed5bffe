"""What is told of numbers that no known mistake explains is true of them."""

from __future__ import annotations

import numpy as np
import pytest

from grader.diagnosis import facts as diagnosis_facts
from grader.diagnosis.comparing import matches
from tests.conftest import words_of
from tests.corpus import handed_in


def facts(*args, **options) -> tuple[str, ...]:
    return tuple(map(words_of, diagnosis_facts.facts(*args, **options)))


RIGHT = np.random.default_rng(1).normal(size=(3, 2, 4))


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_fits_no_hypothesis(number):
    observed = np.where(np.arange(24).reshape(RIGHT.shape) == 5, number, RIGHT)
    assert not matches(observed, np.stack([RIGHT, 2 * RIGHT, observed])).any()


def test_the_largest_numbers_fit_what_is_equal_to_them_alone():
    with np.errstate(over="ignore"):
        assert matches(1e308 * np.sign(RIGHT), 1e308 * np.stack([np.sign(RIGHT), -np.sign(RIGHT)])).tolist() == [
            True,
            False,
        ]


def test_nothing_is_told_of_numbers_that_are_exact():
    assert facts("q", [("a net", RIGHT * (1 + 1e-15), RIGHT)]) == ()


def test_a_shape_is_told_before_anything_else():
    (told,) = facts("q", [("a net", RIGHT[:, None], RIGHT)])
    assert told == "q has the right numbers in the shape (1, 2, 4); it must be (2, 4) (at a net)"


def test_coarse_numbers_are_told_as_such():
    (told,) = facts("q", [("a net", RIGHT + 1e-6, RIGHT)])
    assert "right to about 6 digits only" in told


def test_only_numbers_that_are_nearly_right_in_every_entry_are_called_coarse():
    right = np.where(RIGHT > 0, RIGHT, 0.0)
    (told,) = facts("q", [("a class", np.where(RIGHT > 0, RIGHT, 0.01), right)], layered=False)
    assert told.endswith("of the entries of q are wrong, the others right")


def test_a_call_in_which_everything_must_be_zero_is_no_right_entry():
    right = np.concatenate([RIGHT, 0 * RIGHT])
    assert facts("q", [("a class", right**3, right)], layered=False) == ("q is not what it should be",)


def test_a_single_number_is_no_constant_factor():
    one = np.array([2.0])
    assert facts("q", [("a class", 3 * one, one)]) == ("q is not what it should be",)
    assert facts("q", [("a", 3 * one, one), ("b", 5 * one, one)]) == ("q is not what it should be",)
    assert facts("q", [("a", 3 * RIGHT, RIGHT)]) == ("q is 3 times what it should be, in every entry",)


def test_a_single_entry_is_not_equal_to_all():
    alone, right = np.array([[3.0], [4.0]]), np.array([[1.0], [5.0]])
    assert facts("q", [("one unit", alone, right)]) == ("q is not what it should be",)


def test_what_some_trials_show_is_told_of_them():
    assert facts("q", [("a", 3 * RIGHT, RIGHT), ("b", None, RIGHT)]) == (
        "q at a is 3 times what it should be, in every entry",
    )
    assert facts("q", [("a", RIGHT**3, RIGHT), ("b", RIGHT + 0.0, RIGHT)]) == ("q is right at b, and wrong elsewhere",)


BACKPROPAGATION = """import torch


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = delta * model.df[l](model.z[l])
        w, b = delta.T @ model.a[l - 1], delta[0]
        model.dL_dw[l], model.dL_db[l] = {stored}
        delta = delta @ model.fc[str(l)].weight
"""


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("w > 0, b > 0", "dL_dw[2] holds truth values, not numbers"),
        (
            "w[..., :0], b[..., :0]",
            "dL_dw of the output layer has the shape (2, 0) at toy [2, 3, 2]; it must be (2, 3)",
        ),
        (
            "w, b / (3 if l == model.L else 1)",
            "dL_db of the output layer is 0.3333 times what it should be, in every entry",
        ),
        (
            "torch.cat([w, w]), torch.cat([b, b])",
            "dL_db of the output layer has the shape (4,) at width one [3, 1, 2]; it must be (2,)",
        ),
    ],
)
def test_what_is_not_even_like_a_gradient_is_told_as_what_it_is(stored, words, graders):
    diagnosis = graders("mynet")(BACKPROPAGATION.format(stored=stored)).diagnosis
    assert diagnosis.mistakes == ()
    assert all(unknown.facts for unknown in diagnosis.unknown)
    assert words in [words_of(fact) for unknown in diagnosis.unknown for fact in unknown.facts]


FROM_BELOW = """
def backpropagation(model, y_true, y_pred):
    L = model.L
    d = {L: 2 * (y_pred - y_true) * model.df[L](model.z[L])}
    for l in range(L - 1, 0, -1):
        d[l] = (d[l + 1] @ model.fc[str(l + 1)].weight) * model.df[l](model.z[l])
    for l in range(1, L + 1):
        model.dL_dw[l] = (d[l] if l < L else d[l + 1]).T @ model.a[l - 1]
        model.dL_db[l] = d[l][0]
"""


def test_a_call_that_stops_at_the_last_layer_after_others_is_not_said_to_have_stored_nothing(graders):
    (unknown,) = graders("mynet")(FROM_BELOW).diagnosis.unknown
    assert words_of(unknown.facts[0]).startswith("the call stops with an error in layer 2, at ")
    assert "one layer" not in words_of(unknown.facts[0])


def test_what_does_not_count_is_not_said_to_be_missing_itself(graders):
    skips = BACKPROPAGATION.replace("    delta = 2", "    if model.L == 1:\n        return\n    delta = 2")
    told = {f.quantity: words_of(f) for f in graders("mynet")(skips.format(stored="w, b")).findings if words_of(f)}
    assert told["dL_dw[1]"] == "was not stored"
    assert told["w[1] after"] == "does not count: dL_dw[1] was not stored"


BATCHED = """import torch


class ReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mask = x > 0
        return (x * ctx.mask)[None]

    @staticmethod
    def backward(ctx, g):
        return (g * ctx.mask)[None]
"""


def test_axes_too_many_are_told_where_the_numbers_are_right(graders):
    findings = graders("functions")(BATCHED).findings
    told = {words_of(f) for f in findings if f.quantity == "gradient of x" and f.fact and f.verdict == "wrong"}
    assert "has shape (1, 1, 6, 3), must have shape (6, 3)" in told


NAN = """
    d2 = dloss(x2, t) * dsigma(s2) * float("nan")
    d1 = (w2.T @ d2) * dsigma(s1)
    dl_dw2 += d2.view(-1, 1) @ x1.view(1, -1)
    dl_db2 += d2
    dl_dw1 += d1.view(-1, 1) @ x.view(1, -1)
    dl_db1 += d1
"""


def mlp(backward: str, *changes: tuple[str, str]) -> str:
    """The helpers and the forward pass of one submission, changed, and another backward pass."""
    text = handed_in("mlp/wrong/calls_backward.py").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text[: text.index("    loss(x2, t).backward()")] + backward


def test_gradients_that_are_no_numbers_are_told_as_such(graders):
    diagnosis = graders("mlp")(mlp(NAN)).diagnosis
    assert [tuple(map(words_of, u.facts)) for u in diagnosis.unknown] == [
        ("dl_dw2 holds something that is not a number",),
        ("dl_db2 holds something that is not a number",),
    ]


def test_a_bias_is_not_called_forgotten_because_of_zeros(graders):
    """The layer below gives zeros, the layer above hands them on without anything else."""
    code = mlp(NAN.replace('float("nan")', "1"), ("x1 = sigma(s1)", "x1 = 0 * s1"), ("@ x1 + b2", "@ x1"))
    named = {mistake.id for mistake in graders("mlp")(code).diagnosis.mistakes}
    assert "fwd-bias-forgotten" not in named
