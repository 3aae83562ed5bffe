"""What one mistake costs in declared layers, and what is told of a submission besides its numbers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from grader.assignment import Check
from grader.judging.scoring import check_results
from grader.kit.layers.calling import call
from grader.kit.layers.helpers import right_helpers, with_right
from grader.kit.layers.layer import Layer
from grader.kit.layers.noticing import noticed
from grader.records import AnswerKey, Finding, Rule, Verdict

AFFINE = Layer.declared(
    lambda x, w: x @ w, ["affine_forward(x: N D, w: D M) -> out, cache", "affine_backward(dout, cache) -> dx, dw"]
)
LINEAR = Layer.declared(
    lambda x, W: x @ W, ["Linear()", ".W = W", ".forward(x: N D) -> out", ".backward(dout) -> dx", ".dW"], {"W": "D M"}
)
POINT = {"x": np.arange(6.0).reshape(2, 3), "w": np.arange(12.0).reshape(3, 4)}
SIZES = {"N": 2, "D": 3, "M": 4}
UPSTREAM = {"out": np.ones((2, 4))}


def forward(x, w):
    return x @ w, (x, w)


def backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout


def of_what_arrives(dout, cache):
    dout *= 2
    return backward(dout / 2, cache)


def of_the_cache(dout, cache):
    result = backward(dout, cache)
    cache[0][...] = 0
    return result


def of_a_copy(dout, cache):
    dout = dout.copy()
    dout *= 1
    return backward(dout, cache)


def emptied(dout, cache):
    return backward(dout, (cache.pop(), cache.pop())[::-1])


class Sums:
    def __init__(self):
        self.dW = 0

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = self.dW + self.x.T @ dout
        return dout @ self.W.T


class Assigns(Sums):
    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


TOLD = {
    "nothing, of a copy": (AFFINE, {"affine_forward": forward, "affine_backward": of_a_copy}, []),
    "what arrives is changed": (AFFINE, {"affine_forward": forward, "affine_backward": of_what_arrives}, [("given-is-changed", "dout")]),
    "an input is changed": (AFFINE, {"affine_forward": forward, "affine_backward": of_the_cache}, [("given-is-changed", "x")]),
    "nothing, of a cache that is emptied": (AFFINE, {"affine_forward": lambda x, w: (x @ w, [x, w]), "affine_backward": emptied}, []),
    "a gradient is added to the last": (LINEAR, {"Linear": Sums}, [("second-call-differs", "dW")]),
    "nothing, of an object that assigns": (LINEAR, {"Linear": Assigns}, []),
}  # fmt: skip


@pytest.mark.parametrize("what", TOLD)
def test_what_is_changed_in_place_and_what_differs_when_asked_again_is_told(what):
    layer, names, expected = TOLD[what]
    point = POINT if layer is AFFINE else {"x": POINT["x"], "W": POINT["w"]}
    done = call(layer, names, point, UPSTREAM, SIZES, torch_tensors=False)
    assert [(fact.kind, fact.values["names"]) for fact in noticed(layer, "layer", names, done)] == expected


def test_a_right_helper_hands_on_the_cache_of_the_submission_which_may_look_into_it():
    names = {"affine_forward": forward, "affine_backward": lambda *_: (0, 0)}
    with with_right(names, right := right_helpers((AFFINE,), names)):
        out, cache = right["affine_forward"](*POINT.values())
        dx, dw = right["affine_backward"](UPSTREAM["out"], cache)
    assert cache[0] is POINT["x"]
    np.testing.assert_allclose(out, POINT["x"] @ POINT["w"])
    np.testing.assert_allclose(dx, UPSTREAM["out"] @ POINT["w"].T)
    np.testing.assert_allclose(dw, POINT["x"].T @ UPSTREAM["out"])


def test_a_gradient_that_is_wrong_by_an_error_before_it_keeps_the_share_that_is_asked_for():
    check = Check(id="dx", title="dx", points=2, rule=Rule.GRADIENT)
    probes = (SimpleNamespace(name="1", graded=True), SimpleNamespace(name="2", graded=True))
    key = AnswerKey.__new__(AnswerKey)
    object.__setattr__(key, "probes", probes)
    wrong = [Finding("dx", name, "dx", Verdict.WRONG, follows=follows) for name, follows in (("1", True), ("2", False))]
    (full,), (half,) = (check_results((check,), key, wrong, share) for share in (1.0, 0.5))
    assert (full.points, half.points) == (1.0, 0.5)
    assert half.fact.kind == "right-but-for-one-error"
