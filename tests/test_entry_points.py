"""Which class is meant by an entry point: idioms that PyTorch's own tutorials teach; and what is noticed of a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.watch.cells import read_cells
from grader.watch.entry_points import AskedFor
from grader.watch.noticed import misplaced, refused
from grader.watch.run import load
from grader.wire.facts import Fact
from grader.wire.noticed import KINDS, decode, encode
from grader.words import say

ENTRIES = {"Tanh": AskedFor(["Tanh", "TanhFunction", "MyTanh"]), "Linear": AskedFor(["Linear", "LinearFunction"])}
FUNCTIONS = """
import torch
from torch import nn
from torch.autograd import Function
class {tanh}(Function):
    @staticmethod
    def forward(ctx, x): return x.tanh()
    @staticmethod
    def backward(ctx, g): return g
class {linear}(Function):
    @staticmethod
    def forward(ctx, x, w, b): return x @ w + b
    @staticmethod
    def backward(ctx, g): return g, g, g
class LeakyTanhShrinkFunction(Function):
    pass
"""
MODULES = """
class Tanh(nn.Module):
    def forward(self, x): return {tanh}.apply(x)
class Linear(nn.Module):
    def forward(self, x): return {linear}.apply(x, 1, 2)
"""


def loaded(source, entries=ENTRIES):
    return load(read_cells("s.py", source.encode(), notebook=False), entries, {})


@pytest.mark.parametrize(
    ("tanh", "linear", "after"),
    [
        ("Tanh", "Linear", ""),
        ("Tanh", "Linear", "from torch.nn import Linear, Tanh\nlayer = Linear(3, 2)\n"),
        ("TanhFunction", "LinearFunction", MODULES),
        ("TanhFunction", "LinearFunction", "Tanh = TanhFunction.apply\nLinear = LinearFunction.apply\n"),
        ("TanhOp", "LinearOp", MODULES),
        ("_Tanh", "_Linear", "tanh = _Tanh.apply\n"),
        ("HisTanh", "HisLinearLayer", ""),
        ("Bend", "Affine", MODULES),
        ("Bend", "Affine", "Tanh = Bend.apply\ndef Linear(x, w, b): return Affine.apply(x, w, b)\n"),
        ("Bend", "Affine", "Tanh = Bend\nLinear = Affine\n"),
    ],
)
def test_the_function_that_is_meant_is_found(tanh, linear, after):
    names = loaded((FUNCTIONS + after).replace("{tanh}", tanh).replace("{linear}", linear)).names
    assert names["Tanh"].__name__ == tanh
    assert names["Linear"].__name__ == linear


def test_a_class_of_the_asked_name_with_a_backward_of_its_own_is_the_one():
    plain = "class Tanh:\n    @staticmethod\n    def forward(ctx, x): return x\n    @staticmethod\n    def backward(ctx, g): return g\n"
    names = loaded(FUNCTIONS.replace("{tanh}", "OtherTanh").replace("{linear}", "Linear") + plain).names
    assert names["Tanh"].__name__ == "Tanh"


F = {"f": AskedFor(["f"])}


def facts(source, notebook=False):
    cells = read_cells("s.py", source.encode(), notebook=False)
    made = load(cells, {**F, "g": AskedFor(["g"])}, {}).names
    return [*refused(cells, F, made), *misplaced(cells, {"g": AskedFor(["g"])}, made)]


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("def f(): pass\n", []),
        ("def f(): pass\nx = (\n", ["refused"]),
        ("def f(): pass\ndef f(:\n    pass\n", ["refused", "older-definition"]),
        ("def f(): pass\ndef h(:\n    pass\n", ["refused"]),
        ("def f(): pass\ndef main():\n    def g(): pass\n", ["stands-inside"]),
        ("def f(): pass\nclass A:\n    class B:\n        def g(): pass\n", []),
    ],
)
def test_what_is_noticed_of_a_file(source, kinds):
    found = [fact.kind for fact in facts(source)]
    assert found == kinds or (source.count("class") and set(found) <= {"stands-inside"})


@given(st.text(max_size=300))
def test_any_text_is_read_as_facts_or_as_none(text):
    for fact in decode(text):
        assert fact.kind in KINDS


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=400), st.integers())
def test_a_fact_comes_over_bounded_and_has_words(kind, text, number):
    sent = Fact(kind, {name: number if name == "line" else text for name in KINDS[kind]})
    (got,) = decode(encode([sent, sent]))
    assert got.kind == kind
    assert all(len(str(value)) <= 200 and "\n" not in str(value) for value in got.values.values())
    assert say(got, "en")
    assert say(got, "fr")
