"""The sandbox needs no root: where the tests run as root, the ones about isolation are run again as nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT

NOBODY = 65534
CORE = (
    "test_right_code_is_right_at_every_level",
    "test_no_level_but_the_weakest_lets_an_attack_through",
    "test_in_the_enclosure_nothing_outside_can_be_seen_even_by_stat",
    "test_without_the_sweep_and_the_adoption_of_orphans_processes_would_stay",
)
LIBRARIES = Path(np.__file__).parent.parent


def as_nobody(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{LIBRARIES}",
        "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(home),
    }  # fmt: skip
    return subprocess.run(
        command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", env=environment, capture_output=True, text=True
    )


def usable_python(home: Path) -> str:
    """This Python, or that of the system with these libraries, if others may run it and read them."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            found = as_nobody(home, python, "-c", "import grader.judging.judge, torch, pytest")
        except PermissionError:
            continue
        if found.returncode == 0:
            return python
    pytest.fail("no Python here that another user can run with torch, or the checkout cannot be read by others")


def test_the_core_of_isolation_holds_for_a_user_without_rights():
    if os.geteuid() != 0:
        return  # then all tests have run so
    home = Path("/tmp") / f"grader-nobody-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, NOBODY, NOBODY)
    try:
        python = usable_python(home)
        tests = [f"{ROOT}/tests/test_isolation.py::{name}" for name in CORE]
        done = as_nobody(home, python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", *tests)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        assert "skipped" not in done.stdout
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)
