"""Who shares code: a copy is found under other names, and the same task solved independently is not."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from grader import cli
from tests.conftest import ROOT

INDEPENDENT = [ROOT / "submissions" / name for name in ("alice.py", "bruno.py", "farid.py", "gwen.ipynb", "hanna.py")]
RENAMED = {"l": "layer", "L": "top", "delta": "err", "a": "act", "z": "pre", "k": "example"}


def disguised(source: str) -> str:
    """The same program with other names, other comments and other line ends."""
    for old, new in RENAMED.items():
        source = re.sub(rf"(?<![.\w]){old}(?!\w)", new, source)
    return re.sub(r"\n( +)", r"\n\n\1# my own idea\n\1", source).replace("\n", "\r\n")


@pytest.fixture
def similar(capsys, monkeypatch):
    """Run `grade similar` on a class; its pairs, as sets of names without their endings, and the standard error."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(folder: Path, *arguments: str) -> tuple[list[set[str]], str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["similar", str(folder), "--assignment", "mynet", *arguments])
        printed = capsys.readouterr()
        assert ended.value.code == 0
        rows = [line for line in printed.out.splitlines() if re.match(r" *\d+% ", line)]
        return [{Path(name).stem for name in row.split()[2:]} for row in rows], printed.err

    return run


@pytest.fixture
def folder(tmp_path) -> Path:
    for path in INDEPENDENT:
        shutil.copy(path, tmp_path)
    return tmp_path


def test_a_copy_with_other_names_and_comments_is_found_and_independent_work_is_not(folder, similar):
    assert similar(folder) == ([], "")
    source = (folder / "alice.py").read_text()
    (folder / "copy.py").write_text(disguised(source), newline="")
    assert disguised(source) != source
    assert similar(folder) == ([{"alice", "copy"}], "")


def test_a_page_shows_both_files_with_what_they_share_marked(folder, similar, tmp_path):
    source = (folder / "alice.py").read_text()
    (folder / "copy.py").write_text(disguised(source), newline="")
    page = tmp_path / "similar.html"
    similar(folder, "--html", str(page))
    text = page.read_text(encoding="utf-8")
    assert ("Group 1: " in text, "Group 2: " in text) == (True, False)
    shared = re.findall(r'<li class="shared"><code>(.*?)</code>', text)
    assert len(shared) > 10
    assert "<script" not in text


def test_a_copy_in_a_notebook_between_other_cells_is_found(folder, similar):
    cells = [{"cell_type": "code", "source": ["import torch\n", "print(torch.arange(30).reshape(5, 6).sum(0))\n"]}]
    cells += [{"cell_type": kind, "source": (folder / "alice.py").read_text()} for kind in ("markdown", "code")]
    (folder / "copy.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    assert similar(folder)[0] == [{"alice", "copy"}]


def test_what_was_handed_out_is_nobodys_copy(folder, similar):
    handout = (ROOT / "assignments/mynet/handout.py").read_text()
    given = (ROOT / "assignments/mynet/exercise.py").read_text()
    for name in ("alice", "hanna"):
        own = (folder / f"{name}.py").read_text()
        (folder / f"{name}.py").write_text(f"{given}\n{handout}\n{own}")
    (folder / "nothing.py").write_text(handout)
    assert similar(folder) == ([], "")


def test_a_file_that_cannot_be_read_is_told_and_does_not_hide_the_others(folder, similar):
    shutil.copy(folder / "alice.py", folder / "copy.py")
    (folder / "deep.ipynb").write_text('{"cell_type": "code", "cells": ' + "[" * 100_000)
    (folder / "long.py").write_text("def backpropagation(m, t, p):\n    pass\n" + "x = 1\n" * 50_000)
    pairs, told = similar(folder)
    assert pairs == [{"alice", "copy"}]
    assert "deep.ipynb" in told
    assert "long.py: has more than 200,000 letters" in told


def test_pairs_below_the_threshold_are_not_listed(folder, similar):
    listed = similar(folder, "--threshold", "40")[0]
    assert listed == [{"alice", "hanna"}]
    assert similar(folder, "--threshold", "45")[0] == []
