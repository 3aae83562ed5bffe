"""`mynet` and `mlp`: kinds of mistakes that have a name, and manners of writing that are as right as others."""

from __future__ import annotations

import pytest

NET = """
def backpropagation(model, y_true, y_pred):
    last = model.L
    d = 2 * (y_pred - y_true) * model.df[last](model.z[last])
    for k in range(last, 0, -1):
        if k < last:
            d = (d @ model.fc[str(k + 1)].weight) * model.df[k](model.z[k])
        model.dL_dw[k] = d.T @ model.a[k - 1]
        model.dL_db[k] = d[0]
"""
PASSES = """
import torch

def sigma(x):
    return torch.tanh(x)

def dsigma(x):
    return 1 - torch.tanh(x) ** 2

def loss(v, t):
    return ((v - t) ** 2).sum()

def dloss(v, t):
    return 2 * (v - t)

def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    return s1, x1, s2, sigma(s2)

def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = (w2.T @ d2) * dsigma(s1)
    dl_dw2 += torch.outer(d2, x1)
    dl_db2 += d2
    dl_dw1 += torch.outer(d1, x)
    dl_db1 += d1
"""


def edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


ERROR, BIAS, WEIGHTS = "2 * (y_pred - y_true)", "= d[0]", "d.T @ model.a[k - 1]"


@pytest.mark.parametrize(
    ("mistakes", "edits"),
    [
        (["loss-squared-twice-minus"], [(ERROR, "-2 * (y_true - y_pred) ** 2")]),
        (["loss-squared-twice-minus"], [(ERROR, "-2 * (y_pred - y_true).square()")]),
        (["loss-squared-twice"], [(ERROR, "2 * (y_true - y_pred) ** 2")]),
        (["back-weights-of-own-layer"], [("str(k + 1)", "str(k)")]),
        (["wgrad-elementwise-product"], [(WEIGHTS, "d * model.a[k - 1]")]),
        (["wgrad-elementwise-product"], [(WEIGHTS, "model.a[k - 1] * d")]),
        (["bgrad-keeps-batch-dim"], [(BIAS, "= d")]),
        (["bgrad-keeps-batch-dim"], [(BIAS, "= d[0] if k == last else d")]),
        (["bgrad-keeps-batch-dim"], [(BIAS, "= d if k == last else d[0]")]),
    ],
)
def test_a_mistake_of_mynet_is_named_and_nothing_stands_beside_it(mistakes, edits, graders):
    diagnosis = graders("mynet")(edited(NET, *edits)).diagnosis
    assert [m.id for m in diagnosis.mistakes] == mistakes
    assert not diagnosis.unknown


@pytest.mark.parametrize(("edit", "where"), [("= d[0] if k == last else d", "hidden layers"), ("= d", "")])
def test_an_axis_too_many_says_in_which_layers(edit, where, graders):
    (mistake,) = graders("mynet")(edited(NET, (BIAS, edit))).diagnosis.mistakes
    assert mistake.where == where


@pytest.mark.parametrize(
    "text",
    [
        "def backpropagation(model, y_true, y_pred):\n    return 0\n",
        "def backpropagation(model, y_true, y_pred):\n    pass\n",
        "def backpropagation(model, y_true, y_pred):\n    return [], {}\n",
        "def backpropagation(model, y_true, y_pred):\n    yield\n",
        "async def backpropagation(model, y_true, y_pred):\n    model.dL_dw[1] = 0\n",
    ],
)
def test_who_stores_nothing_earns_nothing(text, graders):
    report = graders("mynet")(text)
    assert report.score == 0
    assert "store-returned-instead" not in [m.id for m in report.diagnosis.mistakes]


def test_a_full_mark_has_no_remark(graders):
    assert graders("mynet")(NET).remarks == ()


@pytest.mark.parametrize("names", ["v, t", "y, y_hat", "t, v", "target, pred", "a, b"])
def test_a_wrong_dloss_costs_the_same_whatever_its_parameters_are_called(names, graders):
    first, second = names.split(", ")
    report = graders("mlp")(
        edited(
            PASSES, ("def dloss(v, t):\n    return 2 * (v - t)", f"def dloss({names}):\n    return {first} - {second}")
        )
    )
    assert report.score == 18
    assert {c.id for c in report.checks if c.points < c.out_of} == {"dloss"}


ORDERS = (
    "dl_db1, dl_db2, dl_dw1, dl_dw2",
    "dl_dw2, dl_db2, dl_dw1, dl_db1",
    "dl_dw1, dl_dw2, dl_db1, dl_db2",
    "dl_dw1",
    "",
)


@pytest.mark.parametrize("order", ORDERS)
def test_gradients_bound_to_new_names_are_worth_the_same_in_whatever_order_they_are_returned(order, graders):
    text = edited(PASSES, *((f"dl_d{name} +=", f"dl_d{name} =") for name in ("w1", "b1", "w2", "b2")))
    assert graders("mlp")(text + (f"    return {order}\n" if order else "")).score == 18


COLUMN = (
    ("w1 @ x + b1", "w1 @ x.T + b1"),
    ("dloss(x2, t)", "dloss(x2, t.view(-1, 1))"),
    ("torch.outer(d2, x1)", "d2 @ x1.T"),
)


@pytest.mark.parametrize("product", ["d1 @ x", "torch.outer(d1.flatten(), x.flatten())", "d1 * x"])
def test_an_example_in_a_row_beside_columns_is_as_right_as_other_layouts(product, graders):
    assert graders("mlp")(edited(PASSES, *COLUMN, ("torch.outer(d1, x)", product))).score == 20


@pytest.mark.parametrize("name", ["loss_", "loss_fn", "compute_loss"])
def test_one_s_own_definition_beats_a_name_of_a_module_that_is_not_here(name, graders):
    text = "from my_library import loss\n" + edited(PASSES, ("def loss(", f"def {name}("))
    assert graders("mlp")(text).score == 20
