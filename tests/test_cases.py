"""Wrong submissions as edits of right ones: what an edit gives, and what is told of one that does not fit."""

from __future__ import annotations

import re

import pytest

from grader.errors import AssignmentError
from grader.validation.cases import cases_in, read

RIGHT = "import torch\n\n\ndef f(x):\n    y = 2 * x\n    return y\n\n\ndef g(x):\n    y = 3 * x\n    return y\n"
HEADER = "# expects: value\n# mistake: doubled\n# from: right/plain.py\n\n"


@pytest.fixture
def written(tmp_path):
    """Write an edit of a right file."""
    for kind in ("right", "wrong"):
        (tmp_path / kind).mkdir()
    (tmp_path / "right/plain.py").write_text(RIGHT)

    def write(text: str):
        path = tmp_path / "wrong/case.diff"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ("-    y = 2 * x\n+    y = 4 * x\n", "2 * x", "4 * x"),
        ("-    y = 2 * x\n", "    y = 2 * x\n", ""),
        (" import torch\n+import numpy\n", "torch\n", "torch\nimport numpy\n"),
        (" import torch\n+\n+a = 1\n", "torch\n", "torch\n\na = 1\n"),
        ("     y = 3 * x\n-    return y\n+    return -y\n", "3 * x\n    return y", "3 * x\n    return -y"),
        ("     y = 3 * x\n     return y\n+# the end\n", "3 * x\n    return y\n", "3 * x\n    return y\n# the end\n"),
    ],
    ids=["replaced", "removed", "added", "added with a blank line", "told by the line above", "a comment"],
)
def test_an_edit_gives_the_right_file_with_its_lines_changed(written, changes, old, new):
    case = read(written(HEADER + changes))
    assert case.data.decode() == RIGHT.replace(old, new)
    assert (case.name, case.header("expects"), case.header("steps")) == ("case.py", "value", None)


def test_several_changes_stand_apart(written):
    case = read(written(f"{HEADER}-    y = 2 * x\n+    y = x\n\n-    y = 3 * x\n+    y = -x\n"))
    assert case.data.decode() == RIGHT.replace("2 * x", "x").replace("3 * x", "-x")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEADER}-    return y\n+    return 1\n", "`return y` stands there 2 times; write lines that"),
        (f"{HEADER}-    y = 5 * x\n", "`y = 5 * x` stands there 0 times"),
        (f"{HEADER}+    y = 5 * x\n", "a change tells no place"),
        ("-    y = 2 * x\n", "starts from no file; write `# from: right/NAME.py`"),
        ("# from: right/other.py\n\n-    y = 2 * x\n", "starts from no file"),
    ],
    ids=["twice there", "not there", "no place", "no file named", "no such file"],
)
def test_an_edit_that_does_not_fit_is_told_with_its_file(written, text, told):
    path = written(text)
    with pytest.raises(AssignmentError, match=f"^{re.escape(f'{path}: {told}')}"):
        read(path)


def test_whole_files_and_edits_stand_side_by_side(written):
    path = written(HEADER + "-    y = 2 * x\n")
    (path.parent / "another.py").write_text("# expects: value\n")
    (path.parent / "notes.txt").write_text("nothing\n")
    assert [case.name for case in cases_in(path.parent)] == ["another.py", "case.py"]
