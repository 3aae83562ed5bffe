"""What a script writes is found again by the script, and nowhere else."""

from __future__ import annotations

import csv

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.watch.stubs.files import MemoryFiles


@pytest.fixture
def files():
    return MemoryFiles()


@given(parts=st.lists(st.binary(max_size=40), max_size=4), after=st.binary(max_size=40))
def test_what_is_written_is_read_again_and_can_be_added_to(parts, after):
    files = MemoryFiles()
    with files.open("x.bin", "wb") as stream:
        for part in parts:
            stream.write(part)
    with files.open("x.bin", "ab") as stream:
        stream.write(after)
    with files.open("./x.bin", "rb") as stream:
        assert stream.read() == b"".join(parts) + after


def test_nothing_of_it_reaches_the_disk(files, tmp_path):
    path = tmp_path / "log.txt"
    with files.open(path, "w") as stream:
        stream.write("a line\n")
    assert not path.exists()
    assert list(files.open(path)) == ["a line\n"]


def test_a_table_that_is_still_open_is_read_as_far_as_it_was_flushed(files):
    stream = files.open("t.csv", "w", newline="")
    csv.writer(stream).writerows([[1, 2], [3, 4]])
    stream.flush()
    assert list(csv.reader(files.open("t.csv"))) == [["1", "2"], ["3", "4"]]


def test_tensors_are_saved_and_loaded(files):
    files.save({"w": torch.arange(3)}, "net.pt")
    assert files.load("net.pt", weights_only=True)["w"].tolist() == [0, 1, 2]


def test_what_is_not_there_is_missed_and_what_is_there_is_not_made_again(files):
    with pytest.raises(FileNotFoundError):
        files.open("never written")
    files.open("once", "x").close()
    with pytest.raises(FileExistsError):
        files.open("once", "x")
    files.remove("once")
    with pytest.raises(FileNotFoundError):
        files.open("once")


def test_real_files_are_read_and_a_change_of_one_is_kept_apart(files, tmp_path):
    real = tmp_path / "real.txt"
    real.write_text("as it is")
    with files.open(real, "r+") as stream:
        stream.write("AS")
    assert files.open(real).read() == "AS it is"
    assert real.read_text() == "as it is"
