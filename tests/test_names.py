"""The names that a file seems to define, found in one pass."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from grader.submission.names import names_in
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x): pass", {"f"}),
        ("class A:\n    def method(self): pass", {"A", "method"}),
        ("async  def h(): pass", {"h"}),
        ("# def no(): pass\nx.def_ = 1", set()),
        ("\r\ndef crlf(): pass\rdef cr(): pass", {"crlf", "cr"}),
        ("def größe(): pass", {"größe"}),
        (">>> def typed(x):\n...     pass\nIn [12]: def at_a_prompt(x):\n    ...:   pass", {"typed", "at_a_prompt"}),
        (f"def {'a' * 101}(): pass", set()),
        ('{"source": ["import torch\\n", "def in_notebook(a):\\n"]}', {"in_notebook"}),
        ('{"source": "import torch\\ndef in_text(a):\\n\\tdef nested():  pass"}', {"in_text", "nested"}),
    ],
)
def test_functions_and_classes_are_found_where_a_statement_begins(source, names):
    assert names_in(source.encode()).definitions == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("g = lambda x: x\ny == 3", {"g"}),
        ("g: Callable[[int], int] = f", {"g"}),
        ("import torch; h = 3", {"h"}),
        ("f(a=3)\nx.y = 3", set()),
        ("from nn import run as g, h", {"g"}),
        ('"""Used as g, or with f as h."""', set()),
    ],
)
def test_variables_are_found_where_a_statement_gives_them_a_value(source, names):
    assert names_in(source.encode()).variables == names


@pytest.mark.parametrize(
    "source",
    [
        "class A(Function): pass",
        "class A (torch.autograd.Function): pass",
        "class A(\n    torch.autograd.Function,\n): pass",
        "class A(torch.autograd.Function",
        "Fn = torch.autograd.Function\nclass A(Fn): pass",
        "import torch; Fn = torch.autograd.Function\nclass A(Fn): pass",
        "from torch.autograd import Function as Fn\nclass A(Fn): pass",
        '{"source": ["class A(Mixin, Function):\\n"]}',
    ],
)
def test_a_class_derives_from_a_base_by_any_name_that_the_file_gives_it(source):
    assert names_in(source.encode()).derived("Function") == {"A"}


@pytest.mark.parametrize(
    "source",
    ["class A: pass", "class A(Functional): pass", "Fn = Function(3)\nclass A(Fn): pass", "class A: x = Function"],
)
def test_another_class_does_not(source):
    assert names_in(source.encode()).derived("Function") == set()


TILED = {
    "line ends": b"\n",
    "blanks": b" ",
    "tabs of a notebook": b"\\t",
    "line ends of a notebook": b"\\n",
    "quotes": b'"',
    "equations": b"a=",
    "variables": b"a=\n",
    "annotations": b"\na:",
    "annotations in quotes": b'"a:b',
    "half a definition": b"def ",
    "asynchronous": b"\nasync ",
    "bases": b"\nclass A(",
    "bases over lines": b"class A(\n",
    "no bases": b"\nclass  ",
    "renamed imports": b"\nimport a as b",
    "words": b"a ",
    "other names": b"a as ",
    "dots": b"\na=a.",
    "statements in a line": b";x",
    "brackets": b"(",
    "beyond ASCII": b"\xff",
}
BYTES = 1 << 18


def seconds(data):
    started = time.process_time()
    names_in(data)
    return time.process_time() - started


@pytest.mark.parametrize("kind", TILED)
def test_no_text_takes_much_longer_than_a_program_of_the_same_length(kind):
    program = (ROOT / "submissions" / "karim.py").read_bytes()
    usual = min(seconds((program * (BYTES // len(program) + 1))[:BYTES]) for _ in range(3))
    tile = TILED[kind]
    for start in (b"", b"a", b"\nclass A(", b"\na:", b"\na=a."):
        assert min(seconds((start + tile * BYTES)[:BYTES]) for _ in range(2)) < 10 * usual


@pytest.mark.parametrize("kind", TILED)
def test_no_text_takes_much_memory(kind):
    data = TILED[kind] * (BYTES // len(TILED[kind]))
    tracemalloc.start()
    try:
        names_in(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES


def test_no_more_names_are_kept_than_a_file_of_a_course_could_have():
    data = b"".join(b"def f%d(): pass\n" % number for number in range(100_000))
    assert len(names_in(data).functions) == 20_000
