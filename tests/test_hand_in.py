"""Several files that were handed in together: which is the submission, and what it may import."""

from __future__ import annotations

import io
import sys
from pathlib import PurePath
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment import load, slugs
from grader.course import find_course
from grader.errors import NotClear, SubmissionError
from grader.submission import accept
from grader.submission.alike import are_alike, code_of
from grader.submission.hand_in import hand_in, imported
from grader.watch.reading.cells import Cell, read_cells
from grader.watch.reading.entry_points import AskedFor
from grader.watch.running.run import load as run
from tests.conftest import ROOT, words_of

KNOWN = [load(find_course(), slug) for slug in slugs(find_course())]
MYNET = [assignment for assignment in KNOWN if assignment.slug == "mynet"]
RIGHT = b"def backpropagation(m, t, p):\n    return 'right'\n"
NOTEBOOK = b'{"cells": [{"cell_type": "code", "source": ["%s"]}]}'
STARTER = (ROOT / "assignments/mynet/handout.py").read_bytes()


def chosen(files, main=None):
    submission = hand_in({PurePath(path): data for path, data in files.items()}, KNOWN, main and PurePath(main))
    return submission.id.file, set(submission.modules)


@pytest.mark.parametrize(
    ("files", "expected", "modules"),
    [
        ({"a/main.py": b"from helpers import f\n" + RIGHT, "a/helpers.py": b"f = 1"}, "a/main.py", {"helpers.py"}),
        ({"test.py": b"from mine import backpropagation\n", "mine.py": RIGHT}, "mine.py", {"test.py"}),
        ({"mine.py": RIGHT, "mine_old.py": RIGHT + b"#"}, "mine.py", {"mine_old.py"}),
        ({"mine.py": RIGHT, "Copy of mine.py": RIGHT + b"#"}, "mine.py", {"Copy of mine.py"}),
        ({"mine.py": RIGHT, "__MACOSX/._mine.py": b"\0"}, "mine.py", set()),
        ({"mine.py": RIGHT, ".ipynb_checkpoints/mine.py": RIGHT + b"#"}, "mine.py", set()),
        ({"mine.py": RIGHT, "handout.py": STARTER}, "mine.py", {"handout.py"}),
        ({"handout.py": STARTER.replace(b"\n", b"\r\n"), "x.py": RIGHT}, "x.py", {"handout.py"}),
        ({"mine.py": RIGHT, "same.py": RIGHT}, "mine.py", {"same.py"}),
        ({"n.ipynb": NOTEBOOK % b"from mine import backpropagation\\n", "mine.py": RIGHT}, "mine.py", set()),
        ({"src/main.py": b"from pkg import mod\n" + RIGHT, "src/pkg/mod.py": b"", "b/u.py": b""}, "src/main.py", {"pkg/mod.py", "b/u.py"}),
        ({"n.ipynb": NOTEBOOK % (b"%run tools.ipynb\\n" + RIGHT.replace(b"\n", b"\\n")), "tools.ipynb": NOTEBOOK % b"x = 1", "other.ipynb": NOTEBOOK % b"x = 2"}, "n.ipynb", {"tools.ipynb"}),
        ({"a/mine.py": RIGHT, "a/old/mine.py": RIGHT + b"#", "a/old/backup/x.py": RIGHT + b"##"}, "a/mine.py", {"old/mine.py", "old/backup/x.py"}),
        ({"only.py": b"x = 1"}, "only.py", set()),
    ],
)  # fmt: skip
def test_the_submission_is_the_file_that_defines_most(files, expected, modules):
    assert chosen(files) == (expected, modules)


def test_a_file_that_imports_what_another_defines_has_it_all():
    parts = {
        "helpers.py": b"def sigma(x): pass\ndef dsigma(x): pass\ndef loss(v, t): pass\ndef dloss(v, t): pass\n",
        "passes.py": b"from helpers import *\ndef forward_pass(): pass\ndef backward_pass(): pass\n",
    }
    assert chosen(parts) == ("passes.py", {"helpers.py"})


def test_two_candidates_are_named_and_a_person_chooses():
    files = {"a/one.py": RIGHT, "a/two.py": RIGHT.replace(b"right", b"left")}
    with pytest.raises(SubmissionError, match=r"one\.py, a/two\.py; name the one that is meant with --main"):
        chosen(files)
    assert chosen(files, "a/two.py")[0] == chosen(files, "two.py")[0] == "a/two.py"
    with pytest.raises(SubmissionError, match="is not among the files"):
        chosen(files, "three.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"import helpers", {"helpers.py"}),
        (b"from pkg.deep import x", {"pkg/__init__.py", "pkg/deep.py", "other.py"}),
        (b"%run -i helpers.py", {"helpers.py"}),
        (b'"%run tools.ipynb\\n"', {"tools.ipynb", "helpers.py"}),
        (b"import numpy", set()),
    ],
)
def test_what_is_imported_is_no_other_file_that_was_handed_in_besides(text, expected):
    files = {
        "main.ipynb": text,
        "helpers.py": b"import main",
        "pkg/__init__.py": b"",
        "pkg/deep.py": b"import other",
        "other.py": b"",
        "tools.ipynb": b"import helpers",
        "numpy.ipynb": b"",
    }
    found = imported(PurePath("main.ipynb"), {PurePath(path): data for path, data in files.items()})
    assert {path.as_posix() for path in found} == expected


@pytest.mark.parametrize("name", ["s.py", "s.ipynb"])
@pytest.mark.parametrize("data", [RIGHT, NOTEBOOK % RIGHT.replace(b"\n", b"\\n")])
def test_what_a_file_is_does_not_depend_on_how_its_name_ends(name, data):
    submission = accept(PurePath(name), data)
    assert submission.is_notebook == data.startswith(b"{")
    assert submission.names.functions >= {"backpropagation"}


def test_the_digest_is_of_all_files():
    def digest(helpers):
        return hand_in({PurePath("m.py"): RIGHT, PurePath("h.py"): helpers}, KNOWN).id.sha256

    assert digest(b"x = 1") != digest(b"x = 2")


EXPORTED = b"#!/usr/bin/env python\n# coding: utf-8\n\n\n# In[1]:\n\n\n" + RIGHT + b"\n\n# In[2]:\n\n\nx = 1\n"
WORKED_IN = (
    b'{"cells": [{"cell_type": "markdown", "source": ["# Words\\n", "def backpropagation(): pass"]},'
    b' {"cell_type": "code", "metadata": {}, "outputs": [{"text": ["source"]}], "source": ["%%matplotlib inline\\n", "%s"]},'
    b' {"source": "x = 1", "cell_type": "code"}]}' % RIGHT.replace(b"\n", b"\\n")
)


@pytest.mark.parametrize(
    ("files", "expected", "alike"),
    [
        ({"hw.py": EXPORTED, "hw.ipynb": WORKED_IN}, "hw.ipynb", ("hw.py",)),
        ({"a.py": RIGHT, "b.py": b'"""Mine."""\r\n\r\n' + RIGHT.replace(b"\n", b"  # so\r\n")}, "a.py", ("b.py",)),
        (
            {"a.py": RIGHT, "b.py": RIGHT + b"\n\ndef tried():\n    return backpropagation(1, 2, 3)\n"},
            "a.py",
            ("b.py",),
        ),
        ({"a.py": RIGHT, "b.py": RIGHT.replace(b"right", b"left")}, None, ()),
        ({"a.py": b"k = 1\n" + RIGHT, "b.py": b"k = 2\n" + RIGHT}, None, ()),
        ({"a.py": RIGHT, "b.py": RIGHT + RIGHT.replace(b"right", b"left")}, None, ()),
        ({"a.py": RIGHT, "b.py": b"@twice\n" + RIGHT}, None, ()),
        ({"a.py": RIGHT, "b.py": RIGHT.replace(b"    return", b"    if t:\n        return")}, None, ()),
        ({"hw.py": EXPORTED.replace(b"right", b"left"), "hw.ipynb": WORKED_IN}, None, ()),
    ],
)
def test_files_that_define_the_same_leave_nothing_to_choose(files, expected, alike):
    handed_in = {PurePath(path): data for path, data in files.items()}
    if expected is None:
        with pytest.raises(NotClear):
            hand_in(handed_in, MYNET)
        return
    submission = hand_in(handed_in, MYNET)
    assert (submission.id.file, submission.alike) == (expected, alike)


def test_two_scripts_are_the_same_where_all_code_is():
    script = b"for k in range(9):\n    loss.backward()\n    w.data -= w.grad\n    w.grad.zero_()\n"
    descent = [assignment for assignment in KNOWN if assignment.slug == "descent"]
    scripts = {PurePath("a.py"): script, PurePath("b.py"): b"# mine\n" + script}
    assert hand_in(scripts, descent).alike == ("b.py",)
    with pytest.raises(NotClear):
        hand_in(scripts | {PurePath("b.py"): script + b"x = 1\n"}, descent)


@pytest.mark.parametrize(
    "piece", [b'"source":["', b'"""\n', b"@a\n", b"#", b'"', b"\\", b"def f\n", b'"cell_type":"code","source":["\\"']
)
@pytest.mark.parametrize("notebook", [False, True])
def test_the_code_of_a_file_is_bounded_whatever_stands_in_it(piece, notebook):
    lines = code_of(piece * (2**20 // len(piece)), notebook=notebook)
    assert len(lines) <= 20_001
    assert not are_alike([b"x"] * 30_000, [b"x"] * 30_000, ())


READS = {
    "exec(open('helping.py').read())": "value()",
    "exec(compile(open('helping.py').read(), 'helping.py', 'exec'))": "value()",
    "import runpy\nnames = runpy.run_path('helping.py')": "names['value']()",
    "import importlib\nhelping = importlib.import_module('helping')": "helping.value()",
    "helping = __import__('helping')": "helping.value()",
    "import importlib.util as u\nspec = u.spec_from_file_location('h', 'helping.py')\n"
    "h = u.module_from_spec(spec)\nspec.loader.exec_module(h)": "h.value()",
    "import json\nkept = json.load(open('data/kept.json'))": "kept['factor']",
    "import json, pathlib\nkept = json.loads(pathlib.Path(__file__).with_name('kept.json').read_text())": "kept['factor']",
    "import json\nwith open('/content/drive/MyDrive/hw/data/kept.json') as f:\n    kept = json.load(f)": "kept['factor']",
    "import csv\nwith open('data/kept.csv', newline='') as f:\n    rows = list(csv.reader(f))": "float(rows[0][0])",
    "import numpy as np\nkept = np.loadtxt('data/kept.csv', delimiter=',')": "kept[0]",
    "import numpy as np\nkept = np.genfromtxt('data/kept.csv', delimiter=',')": "kept[0]",
    "import numpy as np\nkept = np.load('kept.npy')": "kept[0]",
    "import os, numpy as np\nkept = np.load('kept.npy') if os.path.exists('kept.npy') else None": "kept[0]",
    "import torch\nkept = torch.load('kept.pt')": "kept[0]",
}


@pytest.fixture(scope="module")
def beside():
    array, tensor = io.BytesIO(), io.BytesIO()
    np.save(array, np.array([2.0, 0.0]))
    torch.save(torch.tensor([2.0]), tensor)
    return {
        "helping.py": b"value = lambda: 2\n",
        "data/kept.json": b'{"factor": 2}',
        "data/kept.csv": b"2,0\n",
        "kept.npy": array.getvalue(),
        "kept.pt": tensor.getvalue(),
        "of_nobody.bin": b"\0" * 100,
    }


@pytest.mark.parametrize("reads", READS)
def test_what_was_handed_in_can_be_opened(reads, beside, grade_file):
    plain = (ROOT / "tests/submissions/mynet/right/plain.py").read_text()
    factor = READS[reads]
    submission = f"{reads}\n{plain}\nplain = backpropagation\n\n\ndef backpropagation(model, t, p):\n    assert {factor} == 2\n    plain(model, t, p)\n"
    report = grade_file({"main.py": submission.encode(), **beside})
    assert report.score == report.out_of, words_of(report)


def test_of_other_files_only_those_that_code_names_come_with_it(beside):
    files = {PurePath(name): data for name, data in beside.items()}
    main = b"import json\nk = json.load(open('kept.json'))\n" + RIGHT
    assert set(hand_in({**files, PurePath("main.py"): main}, KNOWN).modules) == {"helping.py", "data/kept.json"}


ENTRY = {"backpropagation": AskedFor(["backpropagation"])}
DEFINES = "def backpropagation(m, t, p):\n    return {}\n"


@pytest.mark.parametrize(
    ("imports", "value", "path"),
    [
        ("import helping", "helping.value()", "helping.py"),
        ("import helping as h", "h.value()", "helping.py"),
        ("from helping import value", "value()", "helping.py"),
        ("from helping import *", "value()", "helping.py"),
        ("from .helping import value", "value()", "helping.py"),
        ("from .helping import *", "value()", "helping.py"),
        ("from . import helping", "helping.value()", "helping.py"),
        ("from package_of_mine import helping", "helping.value()", "package_of_mine/helping.py"),
        ("from package_of_mine.helping import value", "value()", "package_of_mine/helping.py"),
        ("import package_of_mine.helping", "package_of_mine.helping.value()", "package_of_mine/helping.py"),
        ("from the_folder_itself.helping import value", "value()", "helping.py"),
        ("import helping", "helping.value()", "lib/helping.py"),
        ("from .types import value", "value()", "types.py"),
        ("from .types import *", "value()", "types.py"),
        ("from . import random", "random.value()", "random.py"),
        ("from . import math, queue as q", "q.value()", "queue.py"),
        ("from ..package_of_mine.token import value", "value()", "package_of_mine/token.py"),
        ("import submission", "submission.value()", "submission.py"),
        ("from submission import value", "value()", "src/submission.py"),
        ("import random\nvalue = lambda: 'right' if random.random() < 2 else ''", "value()", "random.py"),
        ("from package_of_mine.helping import value", "value()", "src/package_of_mine/helping.py"),
        ("import package_of_mine.helping as h", "h.value()", "a/src/package_of_mine/helping.py"),
        ("from package_of_mine import helping", "helping.value()", "src/package_of_mine/helping.py"),
        ("%run helping.py", "value()", "helping.py"),
        ("%run -i helping.py", "value()", "helping.py"),
        ("exec(open('helping.py').read())", "value()", "helping.py"),
        ("from pathlib import Path\nexec(Path('lib/helping.py').read_text())", "value()", "lib/helping.py"),
        ("try:\n    from helping import value\nexcept ImportError:\n    value = None", "value()", "helping.py"),
    ],
)
def test_a_module_is_found_among_the_files_however_it_is_imported(imports, value, path, monkeypatch):
    monkeypatch.setattr("sys.meta_path", list(__import__("sys").meta_path))
    for name in (
        "helping",
        "package_of_mine",
        *[name for name in sys.modules if name.startswith(("package_of_mine.", "handed_in"))],
    ):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    main = read_cells("s.py", f"{imports}\n{DEFINES.format(value)}".encode(), notebook=False)
    module = read_cells(
        path, b"import no_such_plotter\nplotted = no_such_plotter.plot()\ndef value(): return 'right'\n", notebook=False
    )
    loaded = run(main, ENTRY, {}, modules={path: module})
    assert loaded.names["backpropagation"](0, 0, 0) == "right"


WAYS = {
    # how a file gets at the name `{name}` of the file `{module}`; how it then calls it
    "import {module}": "{module}.{name}",
    "import {module} as other": "other.{name}",
    "from {module} import {name}": "{name}",
    "from {module} import {name} as mine": "mine",
    "from {module} import *": "{name}",
    "from .{module} import {name}": "{name}",
    "from . import {module}": "{module}.{name}",
    "from ..hand_in_of_mine.{module} import {name}": "{name}",
    "from package_of_mine.{module} import *": "{name}",
    "import importlib\nother = importlib.import_module('{module}')": "other.{name}",
    "other = __import__('{module}')": "other.{name}",
    "exec(open('{module}.py').read())": "{name}",
    "%run {module}.py": "{name}",
    "%run -i {module}": "{name}",
    "try:\n    from package_of_mine.{module} import {name}\nexcept ImportError:\n    from {module} import {name}": "{name}",
    "if True:\n    from {module} import {name}": "{name}",
    "def {name}(*a):\n    from {module} import {name} as f\n    return f(*a)": "{name}",
    "import {module}\nimportlib = __import__('importlib')\nimportlib.reload({module})": "{module}.{name}",
    "class Holder:\n    from {module} import {name}": "Holder.{name}",
}
PARTS = ["def part_{k}(x):\n    return 3 * {call} + {k}\n", "part_{k} = lambda x: 3 * {call} + {k}\n",
         "class Part_{k}:\n    def __call__(self, x):\n        return 3 * {call} + {k}\n\n\npart_{k} = Part_{k}()\n"]  # fmt: skip


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(WAYS)), st.sampled_from(PARTS), st.booleans()), min_size=1, max_size=4)
)
def test_a_right_submission_that_is_cut_into_files_by_any_imports_gives_what_the_whole_gives(cuts):
    files, call, before, expected = dict[str, list[Cell]](), "x", "", 1
    for k, (way, part, is_cut) in enumerate(cuts):
        own = part.format(k=k, call=call)
        expected = 3 * expected + k
        before = f"{before}\n{own}"
        call = f"part_{k}(x)"
        if is_cut:
            module = f"module_of_mine_{k}"
            files[f"{module}.py"] = read_cells(f"{module}.py", before.encode(), notebook=False)
            words = {"module": module, "name": f"part_{k}"}
            before = way.format(**words)
            call = f"{WAYS[way].format(**words)}(x)"
    main = f"{before}\n\n\ndef backpropagation(x, t, p):\n    return {call}\n"
    with mock.patch.object(sys, "meta_path", list(sys.meta_path)):
        try:
            loaded = run(read_cells("s.py", main.encode(), notebook=False), ENTRY, {}, modules=files)
            assert loaded.names["backpropagation"](1, 0, 0) == expected
        finally:
            for name in [name for name in sys.modules if "_of_mine" in name]:
                del sys.modules[name]


@pytest.mark.parametrize(
    "imports", ["import no_such_file", "from no_such_file import f", "from .no_such_file import f"]
)
def test_a_missing_import_is_told_as_that_with_its_name(imports):
    name = "no_such_file.f" if imports.startswith("import") else "f"
    main = read_cells("s.py", f"{imports}\n{DEFINES.format(f'{name}()')}".encode(), notebook=False)
    with pytest.raises(NameError, match="ModuleNotFoundError: No module named 'no_such_file'"):
        run(main, ENTRY, {}).names["backpropagation"](0, 0, 0)


def test_what_another_file_defines_and_the_submission_does_not_is_found_there(monkeypatch):
    monkeypatch.setattr("sys.meta_path", list(__import__("sys").meta_path))
    other = read_cells("second_half.py", b"def loss(v, t): return 'right'\n", notebook=False)
    main = read_cells("s.py", DEFINES.format("1").encode(), notebook=False)
    loaded = run(main, {**ENTRY, "loss": AskedFor(["loss"])}, {}, modules={"second_half.py": other})
    assert loaded.names["loss"](0, 0) == "right"
