"""The answer key on disk: whole, verified, private, and renewed when what it depends on changes."""

from __future__ import annotations

import os
import shutil
import stat

import numpy as np
import pytest

from grader.assignment import load
from grader.errors import AssignmentError
from grader.key import answer_key
from grader.key.obtaining import obtain_key
from grader.wire.facts import Fact
from tests.conftest import ROOT, SEED


@pytest.fixture
def course(tmp_path):
    for folder in ("assignments", "reference"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture(autouse=True)
def own_cache(assignment, key, tmp_path, monkeypatch):
    """A cache with the key of mynet, which other tests do not use."""
    kept = answer_key.key_path(assignment, SEED)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own cache"))
    answer_key.save(answer_key.key_path(assignment, SEED), key)
    assert answer_key.key_path(assignment, SEED) != kept


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_key_survives_saving_and_loading(tmp_path, assignment, key):
    answer_key.save(tmp_path / "k", key)
    again = answer_key.load(tmp_path / "k", assignment, SEED)
    assert [p.name for p in again.probes] == [p.name for p in key.probes]
    for probe in key.probes:
        for ours, theirs in zip(key.expected[probe.name], again.expected[probe.name], strict=True):
            assert (ours.quantity, ours.check, ours.rule, ours.source) == (
                theirs.quantity, theirs.check, theirs.rule, theirs.source,
            )  # fmt: skip
            np.testing.assert_array_equal(ours.double.value, theirs.double.value)
            np.testing.assert_array_equal(ours.single.error, theirs.single.error)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"PK\x03\x04 something else",
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data.replace(b"key 3", b"key 2", 1),
    ],
)
def test_a_damaged_or_foreign_file_is_noticed(assignment, damage):
    path = answer_key.key_path(assignment, SEED)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(answer_key.UnusableKeyError):
        answer_key.load(path, assignment, SEED)


def test_a_key_that_cannot_be_used_is_built_again(assignment):
    path = answer_key.key_path(assignment, SEED)
    path.write_bytes(path.read_bytes()[:-1])
    said = []
    assert obtain_key(assignment, SEED, said.append).seed == SEED
    assert [fact.kind for fact in said] == ["key: unusable"]
    said.clear()
    obtain_key(assignment, SEED, said.append)
    assert said == []


def test_a_file_that_cannot_be_read_is_noticed(assignment):
    """Root may read everything; so the file is replaced by a folder, which nobody can read as a file."""
    path = answer_key.key_path(assignment, SEED)
    path.unlink()
    path.mkdir()
    with pytest.raises(answer_key.UnusableKeyError) as raised:
        answer_key.load(path, assignment, SEED)
    assert raised.value.why == Fact("system: EISDIR")


def test_a_key_of_another_seed_is_not_taken(assignment, key):
    with pytest.raises(answer_key.UnusableKeyError) as raised:
        answer_key.load(answer_key.key_path(assignment, SEED), assignment, "2")
    assert raised.value.why == Fact("key: of-another")


def test_where_nothing_can_be_kept_the_key_is_built_and_the_user_told(assignment, key, monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    monkeypatch.setattr(answer_key, "cache_folder", lambda: tmp_path / "cache")
    said = []
    built = obtain_key(assignment, SEED, said.append)
    assert [fact.kind for fact in said] == ["key: unusable", "key: not-kept"]
    np.testing.assert_array_equal(built.expected["toy"][0].double.value, key.expected["toy"][0].double.value)
    assert answer_key.default_seed() != answer_key.default_seed()


def test_keys_and_seed_are_private_to_the_user(assignment, key):
    seed = answer_key.default_seed()
    assert answer_key.default_seed() == seed
    for path in (answer_key.key_path(assignment, SEED), answer_key.cache_folder() / "seed"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_probes_follow_from_the_seed_alone(assignment, key):
    other = obtain_key(assignment, "another", lambda line: None)
    assert not np.array_equal(other.probes[0].inputs["x"], key.probes[0].inputs["x"])
    assert other.probes[0].inputs["x"].shape == key.probes[0].inputs["x"].shape


@pytest.mark.parametrize(
    "file", ["assignments/mynet/exercise.py", "assignments/mynet/assignment.yaml", "reference/mynet/solution.py"]
)
def test_a_change_of_the_course_leads_to_another_key(course, file):
    before = answer_key.key_path(load(course, "mynet"), SEED)
    assert before == answer_key.key_path(load(course, "mynet"), SEED)
    with (course / file).open("a") as out:
        out.write("# changed\n")
    assert answer_key.key_path(load(course, "mynet"), SEED) != before


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("reference/mynet/solution.py", "2 * (a - y)", "a - y", "solution.py: is wrong at toy, dL_dw"),
        ("assignments/mynet/exercise.py", "** 2).sum()", "** 2).mean()", "`toy`, example 1: the exercise's loss is"),
        ("assignments/mynet/exercise.py", "-biases", "-bias", "the check `output-bias`; write one of output-weights"),
        (
            "assignments/mynet/exercise.py",
            "self.f = ",
            "self.f = 1 / 0 # ",
            "exercise.py:34: in __init__: ZeroDivisionError",
        ),
        ("reference/mynet/solution.py", "def output_error", "def output_error(:\n", "cannot be imported: SyntaxError"),
    ],
)
def test_a_fault_of_the_course_is_told_as_such(course, file, old, new, message):
    edit(course / file, old, new)
    with pytest.raises(AssignmentError) as caught:
        obtain_key(load(course, "mynet"), SEED, lambda line: None)
    assert message in str(caught.value)


def test_only_the_newest_keys_are_kept(tmp_path, key):
    for number in range(40):
        path = tmp_path / f"{number}.key"
        path.touch()
        os.utime(path, (number, number))
    answer_key.save(tmp_path / "new.key", key)
    left = sorted(path.name for path in tmp_path.glob("*.key"))
    assert len(left) == 32
    assert "new.key" in left
    assert "0.key" not in left
