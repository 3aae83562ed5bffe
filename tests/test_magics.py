"""What of a notebook is Python: IPython's own rules, and what its magics leave behind."""

from __future__ import annotations

import ast
import json
import warnings

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from grader.watch.reading.cells import read_cells
from grader.watch.reading.entry_points import AskedFor
from grader.watch.reading.magics import _ipython, as_python
from grader.watch.reading.newer import version_for
from grader.watch.running.run import load

RIGHT = "def backpropagation(m, t, p):\n    return 'right'\n"
WRONG = RIGHT.replace("right", "wrong")
ENTRY = {"backpropagation": AskedFor(["backpropagation"])}


def cells(*sources):
    written = [{"cell_type": "code", "source": source} for source in sources]
    return read_cells("n.ipynb", json.dumps({"cells": written, "nbformat": 4}).encode(), notebook=True)


def result(*sources):
    return load(cells(*sources), ENTRY, {}).names["backpropagation"](0, 0, 0)


RUNS = ["%%time", "%%time\n%%capture", "%%capture out", "%%prun -q", "%%memit -o", "\n\n%%time", "%%debug"]
RUNS_NOT = [
    "%%script false --no-raise-error", "%%bash", "%%sh", "%%html", "%%javascript", "%%writefile other.py", "%%latex",
    "%%python3", "%%timeit", "%%no_such_magic", "%%markdown", "%%writefile -a other.py",
]  # fmt: skip
LINES = [
    "!pip install -q \\\n  torch \\\n  numpy", "files = !ls \\\n  -a", "%matplotlib inline", "help?", "?help", "x = %pwd",
    "%time y = 2", "!ls {y}", "%pip install torch \\\n  numpy", "%load_ext autoreload\n%autoreload 2", "a, b = !ls", "%%time",
]  # fmt: skip


@pytest.mark.parametrize("magic", RUNS)
def test_a_cell_that_ipython_runs_in_the_notebook_counts(magic):
    assert result(WRONG, f"{magic}\n{RIGHT}") == "right"


@pytest.mark.parametrize("magic", RUNS_NOT)
def test_a_cell_that_ipython_hands_to_something_else_does_not(magic):
    assert result(RIGHT, f"{magic}\n{WRONG}") == "right"


@given(
    st.lists(st.sampled_from([*LINES, *RUNS_NOT, "", "pip install torch", "  # words"]), max_size=4), st.integers(0, 4)
)
def test_no_mix_of_magics_around_a_definition_changes_it(magics, place):
    sources = [f"{magic}\n{'' if magic.startswith('%%') else 'z = 1'}" for magic in magics]
    assert result(*sources[:place], RIGHT, *sources[place:]) == "right"


@given(st.lists(st.sampled_from(LINES[:-1]), max_size=4), st.lists(st.sampled_from(LINES[:-1]), max_size=4))
def test_no_mix_of_magics_within_a_cell_changes_its_definition(before, after):
    assert result("\n".join([*before, RIGHT, *after])) == "right"


@given(st.lists(st.sampled_from([*LINES[:-1], "u = 1", "if True:\n    %time v = 1", ""]), max_size=5))
def test_every_line_keeps_its_number(lines):
    source = "\n".join([*lines, "here = 1"])
    tree = ast.parse(as_python(source))
    last = tree.body[-1]
    assert last.lineno == source.count("\n") + 1


PIECES = [
    *LINES[:-1], "u = 1", "%time v = 1", "v = %time 40 + 2", "if u:\n    !ls {v}\n    w = 2", "print?", "np.mean??", "?np",
    "*int*?", "a = [\n    1,\n    2,\n]", "b = 7\\\n%4", 'c = """\n%no magic\n!nor this\n"""', "# %no\n", "",
    "def f(x):\n    %timeit x\n    return x % 3", "x = !ls | grep '%' \\\n  -v", "files = !{cmd}", "%cd /tmp\\\n/a", "class A: pass",
    "%%no_cell_magic_here", "lambda: 1 != 2", "d = {'a': 1}; !ls", "!!ls", "%alias_magic t timeit", "with open('f') as g:\n    pass",
]  # fmt: skip


def _parsed(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError):
        return None


@settings(max_examples=200)
@example(["/,?", "/,?"])
@given(st.lists(st.sampled_from(PIECES) | st.text("%!?=() xy1'\\\n#,/", max_size=16), max_size=6))
def test_a_cell_is_the_python_that_ipython_makes_of_it(pieces):
    cell = "\n".join(pieces).rstrip("\n")
    with warnings.catch_warnings(action="ignore"):
        try:
            theirs = _ipython.TransformerManager().transform_cell(cell)
        except SyntaxError:
            theirs = "("
        try:
            ours = as_python(cell)
        except SyntaxError:
            ours = "("
        assert _parsed(ours) == _parsed(theirs)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_between_whatever_magics_every_statement_keeps_its_line(pieces):
    source = "\n".join(f"{piece}\nmark_{number} = 0" for number, piece in enumerate(pieces))
    assume(_parsed(as_python(source)))
    lines = {node.targets[0].id: node.lineno for node in ast.parse(as_python(source)).body if _is_mark(node)}
    wanted = {line.split()[0]: number for number, line in enumerate(source.split("\n"), 1) if line.startswith("mark_")}
    assert lines == wanted or source.startswith("%%")


def _is_mark(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.startswith("mark_")
    )


def test_what_a_magic_computes_has_its_value():
    assert result(f"value = %time 40 + 2\n{RIGHT.replace(repr('right'), 'value')}") == 42


def test_calls_of_an_exported_notebook_are_what_they_stand_for():
    exported = f"get_ipython().system('pip install torch')\nget_ipython().run_cell_magic('time', '', {RIGHT!r})\n"
    names = load(read_cells("n.py", exported.encode(), notebook=False), ENTRY, {}).names
    assert names["backpropagation"](0, 0, 0) == "right"


def test_a_cell_of_words_is_no_code():
    words = {"cell_type": "markdown", "source": WRONG}
    code = {"cell_type": "code", "source": RIGHT}
    found = read_cells("n", json.dumps({"cells": [code, words]}).encode(), notebook=True)
    assert load(found, ENTRY, {}).names["backpropagation"](0, 0, 0) == "right"


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ('x = {"a": 1}\nprint(f"{x["a"]}")', "3.12"),
        ("type X = int", "3.12"),
        ("def f[T](x: T) -> T:\n    return x", "3.12"),
        ("class A[T]:\n    pass", "3.12"),
        ("try:\n    pass\nexcept A, B:\n    pass", "3.14"),
        ('print(t"{x}")', "3.14"),
        ("def f(:\n    pass", ""),
        ('f"{x"', ""),
        ('print(f"{x["a"]}"', ""),
        ("for k in range(3)\n    pass", ""),
    ],
)
def test_syntax_of_a_later_python_is_told_from_mistakes(source, version, monkeypatch):
    monkeypatch.setattr("sys.version_info", (3, 11, 0))
    assert version_for(source) == (version if not _reads(source) else version_for(source))


def _reads(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("line", ["print('here')", "x = 1", "pass"])
def test_a_block_that_goes_on_after_an_unindented_line_is_refused(line):
    broken = f"def backpropagation(m, t, p):\n    a = 1\n{line}\n    return a\n"
    with pytest.raises(IndentationError):
        load(read_cells("s.py", broken.encode(), notebook=False), ENTRY, {})


@pytest.mark.parametrize("before", ["", "%matplotlib inline\n", "%%time\n", "x = 1\n"])
@pytest.mark.parametrize("notebook", [False, True])
def test_a_wrong_indentation_is_told_by_python_and_never_as_a_rule_of_notebooks(before, notebook):
    source = f"{before}def f():\n        a = 1\n    b = 2\n"
    document = {"cells": [{"cell_type": "code", "source": source}]}
    data = json.dumps(document) if notebook else source
    errors = [cell.error for cell in read_cells("s", data.encode(), notebook=notebook) if cell.error]
    assert [(type(error), error.msg) for error in errors] == [
        (IndentationError, "unindent does not match any outer indentation level")
    ]
    assert errors[0].lineno
    assert str(errors[0].filename).startswith("s")
