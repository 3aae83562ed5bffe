"""A new exercise is two folders: a sixth one, from the outside, without an edit of the program."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

COURSE = ROOT / "tests/sixth"


def report_on(name: str, *options: str) -> dict:
    command = [sys.executable, "-m", "grader", str(COURSE / "submissions" / name), "--course", str(COURSE), *options]
    done = subprocess.run([*command, "--seed", "1", "--json", "-"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "lost", "verdicts"),
    [
        ("right.py", {}, {"correct"}),
        ("upstream_ignored.py", {"backward": 5, "upstream": 1}, {"correct", "wrong"}),
        ("half_done.py", {"backward": 5, "upstream": 1}, {"correct", "not-attempted"}),
    ],
)
def test_a_sixth_exercise_is_graded_like_the_others(name, lost, verdicts):
    checks = report_on(name)["checks"]
    assert {c["id"]: c["out_of"] - c["points"] for c in checks if c["points"] < c["out_of"]} == lost
    assert {c["verdict"] for c in checks} == verdicts


def test_a_part_that_hangs_does_not_take_the_marks_of_another_part():
    report = report_on("forward_hangs.py", "--limit-seconds", "1.5")
    assert {c["id"]: c["points"] for c in report["checks"]} == {"forward": 0, "backward": 5, "upstream": 1}
    assert report["outcome"] == "timed-out"


def test_it_takes_fewer_than_120_lines():
    folders = (COURSE / "assignments", COURSE / "reference")
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".yaml")]
    assert sum(len(path.read_text().splitlines()) for path in files) < 120
