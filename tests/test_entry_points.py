"""Which class is meant by an entry point: idioms that PyTorch's own tutorials teach; and what is noticed of a file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import find_course
from grader.key.exercises import load_module
from grader.watch.reading.cells import read_cells
from grader.watch.reading.entry_points import AskedFor
from grader.watch.reading.noticed import misplaced, refused
from grader.watch.running.run import load
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


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%%bash\ncat > f.py <<EOF\ndef g(): pass\nEOF\n", "bash"),
        ("\n%%no_such_magic -x\nimport torch\ndef g(): pass\n", "no_such_magic"),
        ("%%timeit\nclass g: pass\n", "timeit"),
        ("%%html\n<p>def g(): pass</p>\n", None),
        ('x = "\ndef g(): pass"', None),
        ("%%time\ndef g(): pass\n", None),
    ],
)
def test_a_definition_under_a_magic_that_runs_no_python_is_pointed_at(cell, told):
    source = [{"cell_type": "code", "source": text} for text in ("def f(): pass", cell)]
    cells = read_cells("n.ipynb", json.dumps({"cells": source}).encode(), notebook=True)
    made = load(cells, F, {}).names
    wanted = {} if "time\n" in cell else {"g": AskedFor(["g"])}
    found = [fact.values["magic"] for fact in misplaced(cells, wanted, made) if fact.kind == "stands-under-a-magic"]
    assert found == ([told] if told else [])


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


HEAD = "import torch\nfrom torch import nn\nfrom torch.autograd import Function\n"
RIGHT, WRONG = "g * (x > 0)", "g * (x < 0)"


def function(name: str, backward: str = RIGHT, forward: str = "x.clamp(min=0)") -> str:
    return f"""
class {name}(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return {forward}
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return {backward}
"""


def module(name: str, what: str) -> str:
    return f"class {name}(nn.Module):\n    def forward(self, x): return {what}\n"


LEAKY = function("MyLeakyReLU", "torch.where(x > 0, g, 0.1 * g)", "torch.where(x > 0, x, 0.1 * x)")
MEANT = {
    "a draft before": (function("MyReLUFunction", WRONG) + function("MyReLU2"), "MyReLU2", None),
    "a draft after": (function("Bend") + function("ReLUFunction", WRONG), "Bend", None),
    "a draft that raises": (function("ReLU", forward="x.no_such_thing()") + function("_ReLU"), "_ReLU", None),
    "a draft without an end": (function("ReLU", "[None for _ in iter(int, 1)]") + function("TheReLU"), "TheReLU", None),
    "a relation": (LEAKY + function("Redresseur"), "Redresseur", None),
    "both wrong: names tell": (function("ReLU", WRONG) + function("Other", WRONG), "ReLU", None),
    "both right: names tell": (function("Other") + function("ReLUFunction"), "ReLUFunction", None),
    "a module of PyTorch's": (
        function("F1") + module("MyReLU", "torch.relu(x)") + module("Layer", "F1.apply(x)"), "F1", "Layer",
    ),
    "a module for a relation": (
        LEAKY + function("F1") + module("MyReLULayer", "MyLeakyReLU.apply(x)") + module("B", "F1.apply(x)"), "F1", "B",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "meant", "layer"), MEANT.values(), ids=MEANT)
def test_of_several_classes_the_one_that_does_what_is_asked_was_meant(relu, source, meant, layer):
    entries = {"Function": AskedFor(["ReLUFunction", "MyReLU", "ReLU"], "Function")}
    entries["Module"] = AskedFor(["MyReLU", "ReLULayer"], "Module")
    names = load(read_cells("s.py", (HEAD + source).encode(), notebook=False), entries, {}, how_right=relu).names
    assert names["Function"].__name__ == meant
    assert (names["Module"].__name__ if "Module" in names else None) == layer


@pytest.fixture(scope="module")
def relu():
    return load_module(find_course() / "assignments/relu/exercise.py").how_right


def test_what_a_class_computes_tells_what_it_is_where_its_name_does_not():
    how_right = load_module(find_course() / "assignments/functions/exercise.py").how_right
    tanh = function("Tangente", "g * (1 - x.tanh() ** 2)", "x.tanh()")
    cells = read_cells("s.py", (HEAD + tanh + function("ReLU")).encode(), notebook=False)
    names = load(cells, {"Tanh": AskedFor(["Tanh"]), "ReLU": AskedFor(["ReLU"])}, {}, how_right=how_right).names
    assert (names["Tanh"].__name__, names["ReLU"].__name__) == ("Tangente", "ReLU")
