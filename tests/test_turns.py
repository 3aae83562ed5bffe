"""Where a formula takes one of two ways: trials lie on both, so that a mask of another kind shows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from grader.kit.layers.drawing import drawn
from grader.kit.layers.layer import Layer
from grader.kit.layers.turns import sides
from grader.kit.tensors import as_tensors
from grader.oracles.wrong_ways import wrong_ways
from grader.testing import LayerError, assert_layer

CALLS = ("f_forward(x: N D) -> out, cache", "f_backward(dout, cache) -> dx")

BELOW_A_THRESHOLD = {
    "a comparison": lambda x: torch.where(x > 0.3, x, 0),
    "with a tensor": lambda x: torch.where(x >= torch.full_like(x, 0.3), x, 0),
    "a bound": lambda x: x.clamp(min=0.3),
    "a bound, by another name": lambda x: torch.clip(x, 0.3, None),
    "a maximum": lambda x: torch.maximum(x, torch.full_like(x, 0.3)),
    "what is taken off": lambda x: torch.relu(x - 0.3),
    "what is added": lambda x: torch.relu(-0.3 + x),
    "a threshold": lambda x: functional.threshold(x, 0.3, 0.0),
    "a distance": lambda x: functional.huber_loss(x, torch.zeros_like(x), delta=0.3),
    "a distance, by another name": lambda x: functional.smooth_l1_loss(x, torch.zeros_like(x), beta=0.3),
}


@pytest.mark.parametrize("way", BELOW_A_THRESHOLD)
@pytest.mark.parametrize(("x", "told"), [(0.2, {"below", "between"}), (0.5, {"above"})])
def test_where_numbers_lie_is_seen_however_they_are_compared(way, x, told):
    layer = Layer.declared(BELOW_A_THRESHOLD[way], CALLS)
    possible, seen = sides(layer, as_tensors({"x": np.array([[x]])}))
    assert possible == {(0, "above"), (0, "below"), (0, "between")}
    assert seen == {(0, side) for side in told}


def test_what_is_taken_from_a_number_is_compared_from_the_other_side():
    layer = Layer.declared(lambda x: torch.relu(0.3 - x), CALLS)
    assert sides(layer, as_tensors({"x": np.array([[0.2]])}))[1] == {(0, "below"), (0, "between")}


def test_what_is_taken_off_several_times_is_compared_as_it_is():
    layer = Layer.declared(lambda x: torch.relu(torch.sub(x, 0.15, alpha=2)), CALLS)
    assert sides(layer, as_tensors({"x": np.array([[0.2]])}))[1] == {(0, "below")}


def test_a_comparison_with_zero_has_two_sides():
    layer = Layer.declared(lambda x: torch.relu(x) + x.abs() + functional.leaky_relu(x), CALLS)
    possible, seen = sides(layer, as_tensors({"x": np.array([[0.2]])}))
    assert possible == {(n, side) for n in range(3) for side in ("above", "below")}
    assert seen == {(n, "above") for n in range(3)}


@pytest.mark.parametrize("before", [lambda x: x * 1, lambda x: x - 0.1])
def test_what_is_changed_in_place_is_compared_as_it_is_then(before):
    def formula(x):
        y = before(x)
        y -= 0.3
        return torch.relu(y)

    layer = Layer.declared(formula, CALLS)
    assert sides(layer, as_tensors({"x": np.array([[0.2]])})) == ({(0, "above"), (0, "below")}, {(0, "below")})


def cosine(x, t):
    cos = (x * t).sum(1) / (x.norm(dim=1) * t.norm(dim=1))
    return torch.where(cos > 0.1, cos, 0 * cos).sum()


RARE = {
    "a cosine above a small number": (cosine, "loss(x: N D, t: N D) -> out, dx"),
    "a single number": (torch.relu, "f(x: scalar) -> out, dx"),
    "one of two single numbers": (lambda x, y: torch.relu(x) * y + torch.relu(y) * x, "f(x: scalar, y: scalar) -> out, dx"),
    "between two bounds": (lambda x: (x.clamp(0.2, 1.2) ** 2).sum(), "f(x: N) -> out, dx"),
    "a hinge": (lambda x, y: torch.relu(1 - x * y).sum(), "f(x: N, y: one of -1, 1: N) -> out, dx"),
}  # fmt: skip


@pytest.mark.parametrize("formula", RARE)
@pytest.mark.parametrize("seed", range(8))
def test_each_comparison_comes_out_both_ways_in_some_trial(formula, seed):
    function, call = RARE[formula]
    layer = Layer.declared(function, [call])
    trials = [sides(layer, as_tensors(point)) for _, point in drawn(layer, np.random.default_rng(seed), 3)]
    assert frozenset().union(*(seen for _, seen in trials)) == frozenset().union(*(possible for possible, _ in trials))


def loss_at_zero(x, t):
    lengths = np.linalg.norm(x, axis=1, keepdims=True), np.linalg.norm(t, axis=1, keepdims=True)
    cos = (x * t).sum(1, keepdims=True) / lengths[0] / lengths[1]
    return (cos * (cos > 0.1)).sum(), (cos > 0) * (t / (lengths[0] * lengths[1]) - cos * x / lengths[0] ** 2)


@pytest.mark.parametrize("seed", range(8))
def test_a_mask_at_zero_in_the_place_of_a_small_threshold_is_found_and_named(seed):
    with pytest.raises(LayerError, match=r"A comparison is made with zero.*`cos > 0.1`"):
        assert_layer(RARE["a cosine above a small number"][1], cosine, {"loss": loss_at_zero}, seed=seed)


@pytest.mark.parametrize("seed", range(8))
def test_a_mask_that_is_missing_is_found_where_there_is_one_number_only(seed):
    names = {"f_forward": lambda x: (max(x, 0), x), "f_backward": lambda dout, cache: dout}
    with pytest.raises(LayerError, match="dx"):
        assert_layer(
            "f_forward(x: scalar) -> out, cache", "f_backward(dout, cache) -> dx", torch.relu, names, seed=seed
        )


AT_ZERO = {
    "a number": (lambda x: torch.where(x > 0.3, x, 0), [("x > 0.3", [0, 1, 1])]),
    "a number with a name": (lambda x: x.clamp(min=0.3), [("x.clamp(min=0.3)", [0, 1, 1])]),
    "a tensor with one entry": (lambda x: torch.where(x >= torch.tensor(0.3), x, 0), [("x >= torch.tensor(0.3)", [0, 1, 1])]),
    "zero": (lambda x: torch.where(x > 0, x, 0), []),
    "one bound, then the other": (lambda x: x.clamp(-1, 0.3), [("x.clamp(-1, 0.3)", [0, 1, 0]), ("x.clamp(-1, 0.3)", [1, 0, 0])]),
    "what leaves nothing": (lambda x: x.clamp(min=-0.4), []),
}  # fmt: skip


@pytest.mark.parametrize("case", AT_ZERO)
def test_one_number_at_a_time_is_compared_as_if_it_were_zero(case):
    formula, told = AT_ZERO[case]
    point = {"x": np.array([-0.3, -0.2, -0.1] if case == "what leaves nothing" else [-0.5, 0.2, 0.7])}
    ways = [way for way in wrong_ways(lambda at: formula(at["x"]).sum(), point, ["x"]) if way.kind == "threshold"]
    assert [(way.step, way.arrays["x"].tolist()) for way in ways] == told


def test_sides_that_no_number_reaches_are_not_waited_for():
    layer = Layer.declared(lambda x: x.clamp(max=30.0), CALLS)
    assert [point["x"].ndim for _, point in drawn(layer, np.random.default_rng(0), 3)] == [2, 2, 2]
