"""The README, and the page on grading a file, show what the program really prints."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.conftest import ROOT
from tests.test_cli import without_times

PAGES = ["README.md", "docs/usage.md"]
BLOCK = re.compile(r"^```console\n\$ (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(page, *block) for page in PAGES for block in BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    ("page", "command", "shown"), BLOCKS, ids=[f"{page}: {command}" for page, command, _ in BLOCKS]
)
def test_a_console_block_is_what_the_command_prints(grade, monkeypatch, request, page, command, shown):
    monkeypatch.chdir(ROOT)
    program, *arguments = shlex.split(command)
    assert program == "grade"
    status, out, _ = grade(*arguments)
    assert status == 0
    if request.config.getoption("--renew"):
        path = ROOT / page
        path.write_text(path.read_text(encoding="utf-8").replace(shown, without_times(out)), encoding="utf-8")
        return
    assert without_times(out) == without_times(shown)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_a_block_to_compare(page):
    assert page in {page for page, _, _ in BLOCKS}


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 1000
