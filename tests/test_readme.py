"""The README shows what the program really prints."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.conftest import ROOT
from tests.test_cli import grade, without_times

__all__ = ["grade"]

BLOCKS = re.findall(r"^```console\n\$ (.*?)\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=lambda text: text.splitlines()[0])
def test_a_console_block_of_the_readme_is_what_the_command_prints(grade, monkeypatch, command, shown):
    monkeypatch.chdir(ROOT)
    program, *arguments = shlex.split(command)
    assert program == "grade"
    status, out, _ = grade(*arguments)
    assert status == 0
    assert without_times(out) == without_times(shown)


def test_there_are_blocks_to_compare():
    assert len(BLOCKS) >= 2
