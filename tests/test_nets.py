"""Nets of declared layers: what is wrong in a layer is charged there, and not in the net that calls it."""

from __future__ import annotations

import inspect
import json

import pytest

from tests.layers import net
from tests.test_layers import course

DECLARED = """\
title: A net of layers
version: 1
layers:
  affine:
    calls: ["affine_forward(x: N D, w: D M, b: M) -> out, cache", "affine_backward(dout, cache) -> dx, dw, db"]
    points: {out: 1, dx: 1, dw: 1, db: 1}
  relu:
    calls: ["relu_forward(x: N D) -> out, cache", "relu_backward(dout, cache) -> dx"]
    points: {out: 1, dx: 1}
  two_layers:
    inputs: {X: N D, y: "int < C: N", W1: D H, b1: H, W2: H C, b2: C}
    uses: [affine, relu]
    calls:
      - "TwoLayers(D, H, C)"
      - ".params = {'W1': W1, 'b1': b1, 'W2': W2, 'b2': b2}"
      - ".loss(X, y) -> loss, grads"
      - "grads['W1'] -> dW1"
      - "grads['b1'] -> db1"
      - "grads['W2'] -> dW2"
      - "grads['b2'] -> db2"
    points: {loss: 1, dW1: 1, db1: 1, dW2: 1, db2: 1}
"""
FORMULAS = """\
import torch

relu = torch.relu


def affine(x, w, b):
    return x @ w + b


def two_layers(X, y, W1, b1, W2, b2):
    return torch.nn.functional.cross_entropy(relu(X @ W1 + b1) @ W2 + b2, y)
"""
RIGHT = inspect.getsource(net)
EDITS = {
    "nothing": ("", "", set(), []),
    "a layer": ("x.T @ dout,", "x.T @ dout / 2,", {"affine-dw"}, ["formula-half"]),
    "a layer that raises": ("return dout * (cache > 0)", "raise ValueError", {"relu-dx"}, []),
    "the net": (
        "relu_backward(dh, c2)",
        "2 * relu_backward(dh, c2)",
        {"two-layers-dw1", "two-layers-db1"},
        ["formula-twice"],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_one_mistake_is_charged_where_it_is_made_and_named(grade, tmp_path, edit):
    course(tmp_path, DECLARED, FORMULAS)
    old, new, lost, named = EDITS[edit]
    assert old in RIGHT
    (tmp_path / "mine.py").write_text(RIGHT.replace(old, new, 1) if old else RIGHT)
    done = grade(
        "file", tmp_path / "mine.py", "--course", tmp_path, "--assignment", "layers", "--seed", "1", "--json", "-"
    )
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert {check["id"] for check in report["checks"] if check["points"] < check["out_of"]} == lost
    assert [mistake["id"] for mistake in report["diagnosis"]["mistakes"]] == named
    assert not report["policy"], "right layers differentiate by autograd, which is not the submission's work"


def test_a_layer_that_uses_what_is_not_there_says_what_there_is(grade, tmp_path):
    course(tmp_path, DECLARED.replace("[affine, relu]", "[affine, tanh]"), FORMULAS)
    done = grade("validate", "layers", "--course", tmp_path)
    assert "uses `tanh`; other layers are affine, relu" in " ".join((done.out + done.err).split())
