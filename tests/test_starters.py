"""What students start from, where no author wrote it: derived from how layers are called."""

from __future__ import annotations

import ast

import pytest

from grader.assignment import load, slugs
from grader.assignment.layer_declaration import LayerDeclaration
from grader.assignment.starter import starter
from grader.course import find_course
from grader.handout.student import student_files

ALL = [load(find_course(), slug) for slug in slugs(find_course())]
DECLARED = {assignment.slug: assignment for assignment in ALL if assignment.specification.layers}
PIECES = {
    "a function for autograd": (["F.apply(x: N D) -> out", "out.backward(dout)", "x.grad -> dx"], ["class F(torch.autograd.Function)", "def forward(ctx, x)", "def backward(ctx, dout)"]),
    "an engine": (["V(a: scalar) -> va", "2 * va + (-va).tanh() -> vo", "vo.backward()", "vo.data -> out", "va.grad -> da"], ["def __rmul__(self, other)", "def __add__(self, other)", "def __neg__(self)", "def tanh(self)", "has `data`, `grad`", "def backward(self)"]),
    "a class": (["L(D)", ".w = w", ".forward(x: N D, w: D) -> out", ".backward(dout) -> dx"], ["def __init__(self, D)", "def forward(self, x, w)", "def backward(self, dout)"]),
    "static functions": (["L.forward(x: N D) -> out, cache", "L.backward(dout, cache) -> dx"], ["@staticmethod", "def forward(x)"]),
    "a function that is called in two ways": (["f(x: N D, 1) -> out, cache", "g(dout, cache) -> dx", "f(x, 2, mode='a') -> b, _"], ["def f(x, option_2, mode=None)", "def g(dout, cache)"]),
    "a method that is called in two ways": (["L()", ".forward(x: N D) -> out", ".backward(dout) -> dx", ".forward(x, test=True) -> b"], ["def forward(self, x, test=None)", "Gives out."]),
    "functions": (["f(x: N D) -> out, cache", "g(dout, cache) -> dx"], ["def f(x)", "def g(dout, cache)"]),
}  # fmt: skip


@pytest.mark.parametrize("slug", DECLARED)
def test_a_derived_starter_defines_every_name_that_an_exercise_asks_for(slug):
    told = DECLARED[slug].specification
    tree = ast.parse(starter(told.layers.values(), told.title, told.arrays))
    assert set(told.entry_points) == {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize("what", PIECES)
def test_a_derived_starter_has_the_gaps_of_an_interface(what):
    calls, pieces = PIECES[what]
    text = starter([_layer(calls)], "Layer")
    ast.parse(text)
    assert [piece for piece in pieces if piece not in text] == []


def _layer(calls):
    gradient = "da" if any("da" in call for call in calls) else "dx"
    return LayerDeclaration(calls=tuple(calls), points={gradient: 1})


def test_an_exercise_without_a_starter_is_handed_out_with_the_derived_one():
    assert not (DECLARED["attention"].folder / "handout.py").exists()
    assert (
        b"class Attention(torch.autograd.Function)"
        in student_files(DECLARED["attention"], github=False)["attention.py"]
    )
