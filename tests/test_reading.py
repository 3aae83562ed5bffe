"""Reading files: whatever the bytes are, the code comes out or one clear error."""

from __future__ import annotations

import ast
import dis
import json
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.watch.reading.cells import UnreadableError, read_cells
from grader.watch.reading.entry_points import AskedFor
from grader.watch.reading.select import _LOADING, _STORING, named
from grader.watch.running.raised import raised, remember
from grader.watch.running.run import load
from grader.wire.told import traceback_of
from grader.words import say
from tests.conftest import ROOT, SLUGS

ENTRY = {"backpropagation": AskedFor(["backpropagation", "backprop"])}


def notebook(*sources: str | list[str]) -> bytes:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


def run(*sources: str, given=None):
    return load(read_cells("student.ipynb", notebook(*sources), notebook=True), ENTRY, given or {}).names


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "worksheets", "input", "code"]), inner, max_size=4
        )
    ),
)


@given(value=json_values)
def test_any_json_is_read_or_called_unreadable(value):
    try:
        read_cells("n.ipynb", json.dumps(value).encode(), notebook=True)
    except UnreadableError as error:
        assert "notebook" in say(error.fact)


@given(data=st.binary(max_size=300), is_notebook=st.booleans())
def test_any_bytes_are_read_or_called_unreadable(data, is_notebook):
    try:
        cells = read_cells("n", data, notebook=is_notebook)
    except UnreadableError:
        return
    assert all(cell.tree is not None or cell.error is not None for cell in cells)


@given(sources=st.lists(st.sampled_from(["x = 1", "def f():\n    return 2", "", "# only words"]), min_size=1))
def test_the_code_of_a_notebook_is_read_whether_its_lines_are_a_list_or_a_text(sources):
    as_text = notebook(*sources)
    as_lists = notebook(*[source.splitlines(keepends=True) for source in sources])
    if not any(source.strip() for source in sources):
        with pytest.raises(UnreadableError) as caught:
            read_cells("n", as_text, notebook=True)
        assert "without code" in say(caught.value.fact)
        return
    assert [c.source for c in read_cells("n", as_text, notebook=True)] == [
        c.source for c in read_cells("n", as_lists, notebook=True)
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{}", "no list of cells"),
        (b"[]", "no list of cells"),
        (notebook(""), "without code"),
        (b'{"cells": [{"cell_type": "markdown", "source": "def f(): pass"}]}', "without code"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(data, message):
    with pytest.raises(UnreadableError) as caught:
        read_cells("n.ipynb", data, notebook=True)
    assert message in say(caught.value.fact)


def test_format_3_notebooks_are_read():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}], "nbformat": 3}
    assert read_cells("n", json.dumps(old).encode(), notebook=True)[0].source == "x = 1"


@pytest.mark.parametrize("magic", ["%matplotlib inline", "!pip install torch", "if True:\n    %time", "help?", "?help"])
def test_magics_are_dropped(magic):
    assert run(f"{magic}\ndef backpropagation(): return 1")["backpropagation"]() == 1


def test_what_is_timed_is_run():
    source = "%time value = 1\ndef backpropagation(): return value"
    assert run(source)["backpropagation"]() == 1


def test_a_line_that_only_looks_like_a_magic_is_kept():
    assert run("def backpropagation():\n    return (7\n%4)")["backpropagation"]() == 3


@pytest.mark.parametrize("source", ["-" * 50_000 + "1", "(" * 300 + ")" * 300, "x" + ".a" * 20_000, "\0"])
def test_code_that_cannot_be_parsed_is_a_broken_cell_and_harms_no_other(source):
    assert run(source, "def backpropagation(): return 1")["backpropagation"]() == 1


def test_only_what_the_entry_point_needs_is_run():
    names = run(
        "raise SystemExit",
        "scale = 3\nunused = 1 / 0",
        "def helper(): return scale",
        "def backpropagation(): return helper()",
        "backpropagation(1, 2, 3)\nwhile True: pass",
    )
    assert names["backpropagation"]() == 3
    assert "unused" not in names


def test_the_last_definition_wins_and_an_earlier_broken_one_is_not_run():
    assert run("def backpropagation(x=1 / 0): return 1", "def backpropagation(): return 2")["backpropagation"]() == 2


def test_an_assignment_that_changes_a_needed_object_is_run():
    assert run("table = {}", "table['x'] = 5", "def backpropagation(): return table['x']")["backpropagation"]() == 5


def test_a_definition_that_is_replaced_is_run_where_something_was_made_of_it():
    names = run("def backpropagation(): return 1", "old = backpropagation", "def backpropagation(): return old() + 1")
    assert names["backpropagation"]() == 2


def test_a_name_bound_in_try_if_or_for_is_found():
    source = "try:\n    import absent_module as m\nexcept ImportError:\n    m = None\ndef backpropagation(): return m"
    assert run(source)["backpropagation"]() is None


def test_an_absent_import_complains_by_name_when_it_is_used():
    names = run("from tests_backpropagation import main_test\ndef backpropagation(): return main_test()")
    with pytest.raises(NameError, match="`main_test` is not available here: ModuleNotFoundError: No module named"):
        names["backpropagation"]()


def test_an_absent_import_does_not_replace_a_given_name():
    names = run("from course import MyNet\ndef backpropagation(): return MyNet", given={"MyNet": 42})
    assert names["backpropagation"]() == 42


def test_future_imports_hold_for_the_whole_file():
    assert (
        run("from __future__ import annotations", "def backpropagation(m: Unknown): return 1")["backpropagation"](0)
        == 1
    )


def test_a_method_is_an_entry_point_and_brings_its_class():
    assert run("class MyNet:\n    def backpropagation(self): return 9")["backpropagation"](None) == 9


def test_another_accepted_spelling_is_found_but_the_first_one_has_precedence():
    assert run("def backprop(): return 1")["backpropagation"]() == 1
    assert run("def backpropagation(): return 2", "def backprop(): return 1")["backpropagation"]() == 2


def test_a_missing_entry_point_is_named():
    with pytest.raises(UnreadableError) as caught:
        run("x = 1")
    assert "defines no function `backpropagation`" in say(caught.value.fact)


def test_a_missing_entry_point_is_blamed_on_the_cell_that_is_not_python():
    with pytest.raises(SyntaxError) as caught:
        run("x = 1", "def backpropagation(:\n    pass")
    assert caught.value.filename == "student.ipynb, cell 2"


def test_an_entry_point_that_is_not_a_function_is_refused():
    with pytest.raises(UnreadableError) as caught:
        run("backpropagation = 3")
    assert "`backpropagation` is a int, not a function" in say(caught.value.fact)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfdef backpropagation(): return '\xc3\xa9'",
        b"# \xe9\r\ndef backpropagation():\r\n    return '\xe9'\r\n",
        b"# -*- coding: utf-7 -*-\ndef backpropagation(): return '\xc3\xa9'",
    ],
)
def test_encodings_and_line_ends_are_read_and_a_declared_encoding_is_not_obeyed(data):
    assert load(read_cells("s.py", data, notebook=False), ENTRY, {}).names["backpropagation"]() == "é"


def test_a_traceback_shows_the_lines_of_the_submission_alone():
    cells = read_cells("s.py", b"import json\ndef backpropagation():\n    return json.loads('{')\n", notebook=False)
    try:
        load(cells, ENTRY, {}).names["backpropagation"]()
    except ValueError as error:
        text = traceback_of(raised(error, cells))
    assert text.startswith("s.py, line 3, in backpropagation\n    return json.loads('{')\nJSONDecodeError: ")
    assert text.count("line") == 2  # ours, and the one in the message


def test_an_exception_whose_message_raises_is_described_all_the_same():
    source = b"class E(Exception):\n    def __str__(self): raise E\ndef backpropagation(): raise E\n"
    cells = read_cells("s.py", source, notebook=False)
    try:
        load(cells, ENTRY, {}).names["backpropagation"]()
    except Exception as error:
        assert traceback_of(raised(error, cells)).endswith("E: (its message cannot be shown)")


RIGHT_FILES = [path for slug in SLUGS for path in sorted((ROOT / "tests/submissions" / slug / "right").glob("*.py"))]


@pytest.mark.parametrize("path", RIGHT_FILES, ids=lambda path: path.name)
def test_a_broken_part_of_a_file_leaves_all_others_as_they_were(path):
    whole = read_cells("s.py", path.read_bytes(), notebook=False)
    parts = read_cells("s.py", path.read_bytes().rstrip() + b"\n\ndef broken(:\n    pass\n", notebook=False)
    expected = [ast.dump(node) for cell in whole if cell.tree for node in cell.tree.body]
    assert [ast.dump(node) for cell in parts if cell.tree for node in cell.tree.body][: len(expected)] == expected
    assert any(cell.error for cell in parts)


def test_lines_of_a_file_with_a_broken_part_keep_their_numbers():
    source = b"x = (1,\n\ndef backpropagation():\n    raise ValueError('here')\n"
    cells = read_cells("s.py", source, notebook=False)
    with pytest.raises(ValueError, match="here") as caught:
        load(cells, ENTRY, {}).names["backpropagation"]()
    assert "s.py, line 4, in backpropagation\n    raise ValueError('here')" in traceback_of(raised(caught.value, cells))


MANY = "".join(f"name_{number} = other_{number}\n" for number in range(600))  # more than one byte can number


@pytest.mark.parametrize("source", [MANY, *(path.read_bytes() for path in sorted((ROOT / "grader").glob("**/*.py")))])
def test_the_names_that_code_refers_to_are_those_that_the_disassembler_tells(source):
    codes = [compile(source, "", "exec")]
    for code in codes:  # grows
        codes += (constant for constant in code.co_consts if isinstance(constant, CodeType))
    for operations in (_STORING, _LOADING):
        for code in codes:
            told = [i.argval for i in dis.get_instructions(code) if i.opcode in operations]
            assert list(named(code, operations)) == told


PRINTS = {
    "print 'loss', loss": "print('loss', loss)",
    'print "%d of %d" % (1, 2),': "print('%d of %d' % (1, 2))",
    "if verbose: print loss": "if verbose:\n    print(loss)",
    "print 'a'\nprint >>sys.stderr, loss  # to the other one": "print('a')\nprint(loss)",
    "print 'a', b\nprint('ok')\nprint = 3": "print('a', b)\nprint('ok')\nprint = 3",
}


@pytest.mark.parametrize("source", PRINTS)
@pytest.mark.parametrize("notebook", [False, True])
def test_the_print_statement_of_python_2_calls_the_function(source, notebook):
    cell = {"cell_type": "code", "source": f"%matplotlib inline\n{source}"}
    data = json.dumps({"cells": [cell]}) if notebook else source
    (read,) = read_cells("mine", data.encode(), notebook=notebook)
    assert read.error is None
    assert ast.unparse(read.tree).removeprefix("pass\n") == PRINTS[source]


@pytest.mark.filterwarnings("always")
def test_a_warning_names_the_line_of_the_submission_that_led_to_it(capsys):
    source = "import torch\n\nloss = torch.nn.functional.mse_loss(torch.ones(2), torch.ones(2, 1))\n"
    remember(read_cells("s.py", source.encode(), notebook=False))
    exec(compile(source, "s.py", "exec"))
    assert capsys.readouterr().err.startswith("s.py, line 3: UserWarning: Using a target size")
