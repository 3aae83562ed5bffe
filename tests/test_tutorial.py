"""The page for authors builds an exercise: its files are written and its commands run as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_cli import without_times

PAGE = ROOT / "docs/by-hand.md"
BLOCKS = re.compile(r'^(`{3,})(\w+)(?: title="(.*?)")?\n(.*?)^\1$', re.MULTILINE | re.DOTALL)


def run(command: str, course: Path) -> str:
    """What a command prints; its own lines on the standard error, which tell what takes long, are left out."""
    program, *arguments = shlex.split(command)
    assert program == "grade"
    environment = {**os.environ, "COLUMNS": "100", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return without_times(done.stdout).rstrip("\n") + "\n"


def test_the_tutorial_builds_an_exercise_and_its_commands_print_what_it_shows(tmp_path, request):
    text = PAGE.read_text(encoding="utf-8")
    commands = []
    for _, language, title, body in BLOCKS.findall(text):
        if title:
            path = tmp_path / title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif language == "console":
            first, _, shown = body.partition("\n")
            printed = run(first.removeprefix("$ "), tmp_path)
            commands.append((f"{first}\n{shown}", f"{first}\n{printed}"))
    if request.config.getoption("--renew"):
        for shown, printed in commands:
            text = text.replace(f"```console\n{shown}```", f"```console\n{printed}```", 1)
        PAGE.write_text(text, encoding="utf-8")
        return
    assert [shown for shown, _ in commands] == [printed for _, printed in commands]


@pytest.mark.parametrize("mark", ["✓  known mistakes", "Known mistake: nothing leaks on the way back"])
def test_the_tutorial_gets_to_its_end(mark):
    assert mark in PAGE.read_text(encoding="utf-8")
