"""Several files that were handed in together: which is the submission, and what it may import."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from grader.assignment import load, slugs
from grader.course import find_course
from grader.errors import SubmissionError
from grader.hand_in import hand_in, imported
from grader.submission import accept
from grader.watch.cells import read_cells
from grader.watch.entry_points import AskedFor
from grader.watch.run import load as run
from tests.conftest import ROOT

KNOWN = [load(find_course(), slug) for slug in slugs(find_course())]
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
    files = {"a/one.py": RIGHT, "a/two.py": RIGHT + b"# another"}
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
        ("%run helping.py", "value()", "helping.py"),
        ("try:\n    from helping import value\nexcept ImportError:\n    value = None", "value()", "helping.py"),
    ],
)
def test_a_module_is_found_among_the_files_however_it_is_imported(imports, value, path, monkeypatch):
    monkeypatch.setattr("sys.meta_path", list(__import__("sys").meta_path))
    for name in ("helping", "package_of_mine", "package_of_mine.helping"):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    main = read_cells("s.py", f"{imports}\n{DEFINES.format(value)}".encode(), notebook=False)
    module = read_cells(
        path, b"import no_such_plotter\nplotted = no_such_plotter.plot()\ndef value(): return 'right'\n", notebook=False
    )
    loaded = run(main, ENTRY, {}, modules={path: module})
    assert loaded.names["backpropagation"](0, 0, 0) == "right"


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
