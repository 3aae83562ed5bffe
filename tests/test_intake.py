"""Who handed in what: names, folders, archives; nothing of it is trusted."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError, SubmissionError
from grader.intake import archive
from grader.intake.finding import Intake
from grader.intake.naming import Student, as_file_name, folded, from_file_name
from grader.intake.nodes import read
from grader.intake.systems.gradescope import parse_submitters

SOURCE = b"def backpropagation(model, y_true, y_pred):\n    pass\n"


def files(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SOURCE)
    return folder


def zipped(path: Path, *names: str | zipfile.ZipInfo, data: bytes = SOURCE) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, data, None if isinstance(name, zipfile.ZipInfo) else zipfile.ZIP_DEFLATED)
    return path


def found(*paths: Path | str) -> dict[str, list[str]]:
    """Key of each student -> the names of the files that may be the submission."""
    hand_ins = list(Intake([str(path) for path in paths]).hand_ins())
    assert len({h.student.key for h in hand_ins}) == len(hand_ins)
    return {h.student.key: [node.name for node in h.files] for h in hand_ins}


@given(st.text(min_size=1), st.integers(1, 9999))
def test_the_name_of_a_report_is_safe_and_gives_the_student_back(key, attempt):
    name = as_file_name(key, attempt)
    assert not set(name) & set('/\\\0:*?"<>|\n\r')
    assert name.isprintable() or not key.isprintable()
    assert not name.startswith((".", "-", " "))
    assert len(f".{name}.json.part".encode()) <= 255
    if 3 * len(key.encode()) <= 200:
        assert from_file_name(name) == (key, attempt)


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_students_have_two_reports(one, other):
    if one != other:
        assert as_file_name(one) != as_file_name(other)
        assert as_file_name(one, 2) != as_file_name(other)


def test_letters_of_all_alphabets_stay_what_they_are():
    for key in ("Åse Ødegård_12", "名前", "Zoë", "O'Brien, Pat", "محمد"):
        assert as_file_name(key) == key


def test_case_and_form_of_accents_do_not_tell_students_apart():
    assert folded("ZOE\u0308") == folded("zo\u00eb")


def test_a_folder_of_files_and_folders_has_one_student_each(tmp_path):
    files(tmp_path, "alice.py", "bob.ipynb", "carol/hw/backprop.py", "carol/utils.py", "dan/essay.pdf", ".git/x.py")
    files(tmp_path, "list.pdf", "carol/.ipynb_checkpoints/old.py", "__MACOSX/y.py")
    assert found(tmp_path) == {
        "alice": ["alice.py"],
        "bob": ["bob.ipynb"],
        "carol": ["backprop.py", "utils.py"],
        "dan": [],
        "list": [],
    }


def test_an_export_of_canvas_is_told_by_its_names(tmp_path):
    files(tmp_path, "doejane_LATE_101_900_backprop.py", "doejane_LATE_101_901_notes.ipynb", "roe_j_102_902_a_1_2_b.py")
    files(tmp_path, "poe_103_903_essay.pdf")
    hand_ins = {h.student.key: h for h in Intake([str(tmp_path)]).hand_ins()}
    assert hand_ins["doejane_101"].student == Student("doejane", "101", late=True)
    assert len(hand_ins["doejane_101"].files) == 2
    assert "roe_j_102" in hand_ins


def test_names_that_only_look_like_those_of_canvas_are_names_of_files(tmp_path):
    files(tmp_path, "lab_3_1_alice.py", "lab_3_1_bob.py")
    assert set(found(tmp_path)) == {"lab_3_1_alice", "lab_3_1_bob"}


def test_an_export_of_moodle_is_told_by_its_folders(tmp_path):
    path = zipped(
        tmp_path / "hw.zip",
        "Åse Ø_12_assignsubmission_file/backprop.py",
        "Åse Ø_12_assignsubmission_onlinetext/onlinetext.html",
        "./Bob Roe_13_assignsubmission_file_/deep/er/b.ipynb",
    )
    assert found(path) == {"Bob Roe_13": ["b.ipynb"], "Åse Ø_12": ["backprop.py"]}


METADATA = """---
submission_1:
  :submitters:
  - :name: 'Zoë "Z" Ü'
    :sid: '0012'
    :email: z@x.edu
  - :name: Bob
    :sid:
    :email: b@x.edu
  :created_at: 2026-01-01
  :results:
    :output: |
      submission_2:
        :submitters:
        - :name: Mallory
submission_2:
  :submitters:
  - :name: Carl
    :sid: '7'
"""


def test_an_export_of_gradescope_gives_each_member_of_a_group_the_report(tmp_path):
    files(tmp_path, "assignment_9/submission_1/a.py", "assignment_9/submission_2/b.py")
    (tmp_path / "assignment_9/submission_metadata.yml").write_text(METADATA)
    assert found(tmp_path) == {"Bob_b@x.edu": ["a.py"], 'Zoë "Z" Ü_0012': ["a.py"], "Carl_7": ["b.py"]}
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as file:
        for path in sorted((tmp_path / "assignment_9").rglob("*")):
            file.write(path, path.relative_to(tmp_path))
    assert found(tmp_path / "export.zip") == found(tmp_path / "assignment_9")


@given(st.text())
def test_any_text_may_be_the_metadata(text):
    parse_submitters(text)
    parse_submitters(METADATA + text)


def test_folders_that_the_shell_lists_are_one_student_each(tmp_path):
    files(tmp_path, "alice/backprop.py", "bob/backprop.py", "bob/helper.py")
    students = {"alice": ["backprop.py"], "bob": ["backprop.py", "helper.py"]}
    assert found(tmp_path / "alice", tmp_path / "bob") == students
    assert found(f"{tmp_path}/*") == students


def test_a_path_that_leads_nowhere_is_an_error(tmp_path):
    with pytest.raises(GraderError, match="no such file or folder"):
        Intake([str(tmp_path / "absent")])
    with pytest.raises(GraderError, match="no file or folder has such a name"):
        Intake([str(tmp_path / "*.py")])


def test_links_are_not_followed(tmp_path):
    secret = files(tmp_path / "secret", "key.py")
    (tmp_path / "class/eve").mkdir(parents=True)
    (tmp_path / "class/eve/backprop.py").symlink_to(secret / "key.py")
    (tmp_path / "class/mallory").symlink_to(secret)
    hand_ins = {h.student.key: h for h in Intake([str(tmp_path / "class")]).hand_ins()}
    assert set(hand_ins) == {"eve", "mallory"}
    with pytest.raises(SubmissionError, match="is a symbolic link"):
        read(hand_ins["eve"].files[0])
    assert hand_ins["mallory"].files == []
    assert "mallory: is a symbolic link" in hand_ins["mallory"].contents.problems[0]


def test_a_folder_that_becomes_a_link_after_it_was_listed_is_not_followed(tmp_path):
    secret = files(tmp_path / "secret", "backprop.py")
    files(tmp_path / "class", "eve/backprop.py", "bob.py")
    hand_in = next(h for h in Intake([str(tmp_path / "class")]).hand_ins() if h.student.key == "eve")
    (file,) = hand_in.files
    (tmp_path / "class/eve").rename(tmp_path / "moved")
    (tmp_path / "class/eve").symlink_to(secret)
    with pytest.raises(SubmissionError, match="cannot be opened"):
        read(file)


@pytest.mark.parametrize("name", ["../up.py", "a/../../up.py", "/etc/x.py", "\\\\host\\x.py", "C:\\x.py", "a//b.py"])
def test_a_name_that_leads_out_of_an_archive_is_left_out_and_told(tmp_path, name):
    intake = Intake([str(zipped(tmp_path / "a.zip", name, "alice.py", "bob.py"))])
    assert [h.student.key for h in intake.hand_ins()] == ["alice", "bob"]
    assert len(intake.ignored) == 1
    assert "leads out of the archive" in intake.ignored[0]


def test_a_link_in_an_archive_is_not_followed_and_told_by_its_name(tmp_path):
    link = zipfile.ZipInfo("eve.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    intake = Intake([str(zipped(tmp_path / "a.zip", link, "bob.py"))])
    bob, eve = intake.hand_ins()
    with pytest.raises(SubmissionError, match=r"eve\.py: is a symbolic link"):
        read(eve.files[0])
    assert (bob.student.key, eve.student.key, intake.ignored) == ("bob", "eve", [])


def member(path: Path) -> None:
    hand_in = next(iter(Intake([str(path)]).hand_ins()))
    read(hand_in.files[0])


def test_a_bomb_in_an_archive_is_not_opened(tmp_path):
    with pytest.raises(SubmissionError, match="grows more than 200 times"):
        member(zipped(tmp_path / "a.zip", "eve.py", data=b" " * 10_000_000))
    with pytest.raises(SubmissionError, match="is larger than 16 MB"):
        member(zipped(tmp_path / "b.zip", "eve.py", data=os.urandom(2**10) * 17 * 2**10))


def test_an_archive_with_too_many_members_or_bytes_is_refused(tmp_path, monkeypatch):
    path = zipped(tmp_path / "a.zip", "alice.py", "bob.py")
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 2 * len(SOURCE) - 1)
    with pytest.raises(GraderError, match="more than 0 are not read"):
        Intake([str(path)])
    monkeypatch.setattr(archive, "MOST_MEMBERS", 1)
    with pytest.raises(GraderError, match="has 2 members"):
        Intake([str(path)])


def test_a_member_that_lies_about_its_size_is_damaged(tmp_path):
    path = zipped(tmp_path / "a.zip", "eve.py", data=SOURCE * 1000)
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 10)
    path.write_bytes(data)
    with pytest.raises(SubmissionError, match="is damaged in the archive"):
        member(path)


def test_other_ways_to_compress_and_encryption_are_not_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as file:
        file.writestr("eve.py", SOURCE)
    with pytest.raises(SubmissionError, match="in a way other than deflate"):
        member(tmp_path / "a.zip")
    data = bytearray(zipped(tmp_path / "b.zip", "eve.py").read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(SubmissionError, match="is encrypted"):
        member(tmp_path / "b.zip")


@given(st.data())
def test_an_archive_with_any_byte_changed_is_read_or_refused(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("class/alice/backprop.py", SOURCE * 20)
        file.writestr("class/bob.py", SOURCE)
    changed = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(changed)
        with contextlib.suppress(GraderError):
            for hand_in in Intake([str(path)]).hand_ins():
                for node in hand_in.files:
                    with contextlib.suppress(SubmissionError):
                        read(node)


def test_names_in_utf_8_that_are_not_marked_so_are_understood(tmp_path):
    path = tmp_path / "a.zip"
    zipped(path, "AAAA.py", "bob.py")
    path.write_bytes(path.read_bytes().replace(b"AAAA", "Åø".encode()))
    assert set(found(path)) == {"Åø", "bob"}


def test_names_that_are_no_text_are_kept(tmp_path):
    folder = os.fsencode(tmp_path)
    for name in (b"\xff\xfe.py", b"caf\xe9.py"):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(SOURCE)
    keys = [h.student.key for h in Intake([str(tmp_path)]).hand_ins()]
    assert [as_file_name(key) for key in keys] == ["caf%E9", "%FF%FE"]
