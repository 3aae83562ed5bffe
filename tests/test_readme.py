"""The README shows what the program really prints."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.conftest import ROOT
from tests.test_cli import without_times

README = ROOT / "README.md"
BLOCKS = re.findall(r"^```console\n\$ (.*?)\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=lambda text: text.splitlines()[0])
def test_a_console_block_of_the_readme_is_what_the_command_prints(grade, monkeypatch, request, command, shown):
    monkeypatch.chdir(ROOT)
    program, *arguments = shlex.split(command)
    assert program == "grade"
    status, out, _ = grade(*arguments)
    assert status == 0
    if request.config.getoption("--renew"):
        README.write_text(README.read_text().replace(shown, without_times(out)))
        return
    assert without_times(out) == without_times(shown)


def test_there_are_blocks_to_compare():
    assert len(BLOCKS) >= 2
