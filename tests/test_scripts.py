"""Whole files: which exercise they are for, what they are run with, what is told of them."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
import pytest
import torch

from grader import submission
from grader.assignment import load, slugs
from grader.course import find_course
from grader.errors import SubmissionError
from grader.watch.reading.cells import read_cells
from grader.watch.reading.noticed import never_called
from grader.watch.reading.select import statements
from grader.watch.running.raised import raised
from grader.watch.running.rewrite import as_run, helpers
from grader.watch.stubs.nothing import Nothing

KNOWN = [load(find_course(), slug) for slug in slugs(find_course())]
FUNCTION = "class {}(torch.autograd.Function):\n    @staticmethod\n    def backward(ctx, g): return g\n"
SCRATCH = ["TwoLayerNet", "Relu", "Sigmoid", "Affine", "SoftmaxWithLoss"]
ATTENTION = ["Attention", "LayerNorm", "Embedding", "GELU", "CrossEntropy"]
TRAINS = "loss = (x @ w).mean()\nloss.backward()\n"


def slug_of(source):
    return submission.find_assignment(submission.accept(PurePath("s.py"), source.encode()), KNOWN).slug


@pytest.mark.parametrize(
    ("source", "slug"),
    [
        (FUNCTION.format("MyReLu"), "relu"),
        (FUNCTION.format("HisRELUFn"), "relu"),
        ("".join(map(FUNCTION.format, ["Tanh", "Linear", "MSE", "ReLU"])), "functions"),
        ("".join(map(FUNCTION.format, ["_Tanh", "_Linear", "_MSE", "_ReLU"])) + TRAINS, "functions"),
        (TRAINS, "descent"),
        ("backpropagation: 'f' = other\ndef other(m, t, p): pass\n", "mynet"),
        ("".join(f"{name} = made('{name}')\n" for name in ["MSE", "Linear", "Tanh", "ReLU"]), "functions"),
        ("".join(f"class {name}: pass\n" for name in SCRATCH), "scratch-layers"),
        ("".join(f"class {name}: pass\n" for name in ATTENTION), "static-attention"),
        ("".join(map(FUNCTION.format, ATTENTION)), "attention"),
        ('backpropagation: C[["MyNet"], None] = other\n', "mynet"),
    ],
)
def test_a_file_is_for_the_exercise_that_would_grade_most_of_it(source, slug):
    assert slug_of(source) == slug


@pytest.mark.parametrize("source", ["# the backward pass\ndef back_of_net(m): pass\n", "def helper(x): pass\n"])
def test_a_word_in_a_comment_makes_no_script(source):
    with pytest.raises(SubmissionError, match="defines the functions of no assignment"):
        slug_of(source)


def test_a_file_that_may_be_two_exercises_is_answered_with_both():
    with pytest.raises(SubmissionError, match="descent, functions"):
        slug_of("".join(map(FUNCTION.format, ["Tanh", "Linear"])) + TRAINS)
    with pytest.raises(SubmissionError, match="cs231n-modular-net, cs231n-two-layer-net"):
        slug_of("class TwoLayerNet: pass\nclass Relu: pass\n")


@pytest.mark.parametrize(
    "meet", [np.array, np.asarray, lambda n: np.hstack((n, n)), torch.tensor, torch.as_tensor, lambda n: np.ones(2) + n]
)
def test_a_stand_in_that_an_array_is_made_of_says_so_at_once(meet):
    with pytest.raises((TypeError, ValueError)):
        meet(Nothing())


@pytest.mark.parametrize(
    "below", ["for i, data in enumerate([datax]):\n    pass\n", "data = datax * 2\n", "def data(): return datax\n"]
)
def test_what_a_name_is_used_for_below_changes_nothing_above(below):
    source = f"data = load()\nnames, datax = data.get()\n{below}"
    given = {"datax": torch.ones(3)}
    program, _ = statements(as_run(read_cells("s.py", source.encode(), notebook=False), given))
    namespace = {**given, **helpers(given), "load": None}
    for statement in program[1:2]:
        exec(statement.code, namespace)
    assert namespace["datax"] is given["datax"]


def test_errors_are_told_one_after_the_other():
    cells = read_cells("s.py", b"a = 1 / 0\nb = [][3]\n", notebook=False)
    program, _ = statements(cells)
    errors = []
    for statement in program:
        try:
            exec(statement.code, {})
        except Exception as error:
            errors.append(error)
    assert raised(ExceptionGroup("", errors), cells).kind == "several-errors"


@pytest.mark.parametrize(("call", "told"), [("", ["train"]), ("train()", []), ("run(train)", [])])
def test_a_function_that_trains_and_is_never_called_is_told(call, told):
    source = f"def train():\n    loss.backward()\ndef unused(): pass\n{call}\n"
    found = never_called(read_cells("s.py", source.encode(), notebook=False))
    assert [fact.values["name"] for fact in found] == told
