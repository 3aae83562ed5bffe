"""A folder of strangers' files is worked in: no name in it is trusted, and nothing that is written can be read by others."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from grader.key import answer_key
from grader.key.obtaining import obtain_key
from grader.private import is_ours
from grader.words import say
from tests.conftest import ROOT, SEED

ALICE = ROOT / "submissions" / "alice.py"
MODULES = ["numpy", "torch", "yaml", "click", "rich_click", "rich", "orjson", "pydantic", "json", "ctypes", "socket"]


def test_modules_that_were_handed_in_are_not_imported_by_the_grader(tmp_path):
    for name in MODULES:
        (tmp_path / f"{name}.py").write_text(
            f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\nraise SystemExit(0)\n"
        )
    (tmp_path / "alice.py").write_bytes(ALICE.read_bytes())
    command = [sys.executable, "-m", "grader", "alice.py", "--assignment", "mynet", "--seed", SEED, "-q"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert not (tmp_path / "ran").exists()
    assert "10 / 10" in done.stdout


@pytest.mark.parametrize("option", ["--course=elsewhere", "--seed=1", "--out=there", "-q", "--allow-weak-isolation"])
@pytest.mark.parametrize("command", [["batch"], ["file"], []], ids=lambda words: " ".join(words) or "grade")
def test_a_file_whose_name_is_an_option_is_no_option(grade, tmp_path, monkeypatch, command, option):
    monkeypatch.chdir(tmp_path)
    for name in (option, "alice.py"):
        (tmp_path / name).write_bytes(ALICE.read_bytes())
    status, out, err = grade(*command, *sorted(os.listdir(tmp_path)))
    assert (status, out) == (2, "")
    assert f"{option}: is an option, and there is a file of this name here" in err


def test_after_two_dashes_it_is_a_file(grade, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "--course=x.py").write_bytes(ALICE.read_bytes())
    status, out, _ = grade("file", "--seed", SEED, "-q", "--", "--course=x.py")
    assert (status, "10 / 10" in out) == (0, True)


def modes(folder):
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()
    }


def test_what_holds_answers_or_marks_can_be_read_by_nobody_else(grade, tmp_path, monkeypatch):
    before = os.umask(0o022)
    try:
        assert grade(ALICE, "--seed", SEED, "--json", tmp_path / "report.json")[0] == 0
        assert grade("report", tmp_path / "report.json", "--html", tmp_path / "page.html")[0] == 0
        assert (
            grade("handout", "mynet", "--gradescope", "--seed", SEED * 12, "--out", tmp_path / "autograder.zip")[0] == 0
        )
    finally:
        os.umask(before)
    found = modes(tmp_path)
    assert {"report.json", "page.html", "autograder.zip"} <= found.keys()
    assert set(found.values()) == {0o600}


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "backprop-grader"


def test_a_cache_of_somebody_else_is_not_used(own_cache, assignment, key, monkeypatch):
    path = answer_key.key_path(assignment, SEED)
    answer_key.save(path, key)
    (own_cache / "seed").write_text("somebody else's")
    own_cache.chmod(0o755)
    monkeypatch.setattr(answer_key, "is_ours", lambda _: False)
    said = []
    assert obtain_key(assignment, SEED, said.append).seed == SEED
    assert "belongs to somebody else" in say(said[0])
    assert answer_key.default_seed() != "somebody else's"


def test_a_key_that_others_may_write_is_built_again(own_cache, assignment, key):
    path = answer_key.key_path(assignment, SEED)
    answer_key.save(path, key)
    path.chmod(0o666)
    said = []
    obtain_key(assignment, SEED, said.append)
    assert "cannot be used (somebody else may have written it); building it again" in say(said[0])
    assert modes(own_cache)[f"keys/{path.name}"] == 0o600


def test_a_folder_is_ours_where_its_owner_is_this_user(tmp_path, monkeypatch):
    assert is_ours(tmp_path)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert not is_ours(tmp_path)


def test_a_cache_of_ours_is_closed_to_others(own_cache):
    own_cache.mkdir(parents=True)
    own_cache.chmod(0o777)
    assert is_ours(own_cache)
    assert stat.S_IMODE(own_cache.stat().st_mode) == 0o700


@pytest.mark.parametrize(("seed", "warned"), [("1", True), ("exam-2026-01", False), ("9471005f9e77979a", False)])
def test_a_seed_that_can_be_guessed_is_told(grade, seed, warned):
    _, _, err = grade("file", "--seed", seed, "/nowhere/at/all.py")
    assert ("can be guessed from a report" in err) == warned
