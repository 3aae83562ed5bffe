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
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import GraderError, SubmissionError
from grader.intake import archive
from grader.intake.finding import Intake
from grader.intake.naming import Student, as_file_name, folded, from_file_name
from grader.intake.nodes import read
from grader.intake.systems.gradescope import parse_submitters
from grader.words import say

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


@pytest.mark.parametrize(
    ("name", "student"), [("", "c@x"), (" null", "c@x"), (" ''", "c@x"), (' "null"', "null"), (" 陳", "陳")]
)
def test_who_has_no_name_in_gradescope_is_called_by_the_address(name, student):
    text = f"submission_1:\n  :submitters:\n  - :name:{name}\n    :sid: '7'\n    :email: c@x\n"
    text += "  - :name: Bob\n    :sid: ''\n    :email: b@x\n"
    assert parse_submitters(text) == {"submission_1": (Student(student, "7"), Student("Bob", "b@x"))}


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
    with pytest.raises(SubmissionError, match="is a link"):
        read(hand_ins["eve"].files[0])
    assert hand_ins["mallory"].files == []
    assert "mallory: is a link" in say(hand_ins["mallory"].contents.problems[0])


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
    assert "leads out of the archive" in say(intake.ignored[0])


def test_a_link_in_an_archive_is_not_followed_and_told_by_its_name(tmp_path):
    link = zipfile.ZipInfo("eve.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    intake = Intake([str(zipped(tmp_path / "a.zip", link, "bob.py"))])
    bob, eve = intake.hand_ins()
    with pytest.raises(SubmissionError, match=r"eve\.py: is a link"):
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


def test_a_member_without_a_name_costs_no_other(tmp_path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as file:
        file.writestr("bob.py", SOURCE)
        file.writestr(zipfile.ZipInfo(""), SOURCE)
    intake = Intake([str(tmp_path / "b.zip")])
    assert [hand_in.student.name for hand_in in intake.hand_ins()] == ["bob"]
    assert len(intake.ignored) == 1


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


def inner(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, SOURCE)
    return buffer.getvalue()


def nested(depth: int) -> bytes:
    data = inner("backprop.py")
    for _ in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr("in.zip", data)
        data = buffer.getvalue()
    return data


def test_an_archive_in_a_hand_in_is_opened_on_disk_and_in_another(tmp_path):
    files(tmp_path / "class", "ann.py", "carl/notes.py")
    (tmp_path / "class/bob.zip").write_bytes(inner("hw/backprop.py", "__MACOSX/hw/._backprop.py"))
    (tmp_path / "class/carl/more.ZIP").write_bytes(nested(1))
    students = {"ann": ["ann.py"], "bob": ["backprop.py"], "carl": ["backprop.py", "notes.py"]}
    assert found(tmp_path / "class") == students
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as file:
        for path in sorted((tmp_path / "class").rglob("*.*")):
            file.write(path, path.relative_to(tmp_path))
    assert found(tmp_path / "export.zip") == students


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK no archive", "is not a zip archive"),
        (nested(4), "is one archive too many or too deep"),
        (inner(*(f"{n}.py" for n in range(6000))), "has 6,000 members"),
        (inner(*(f"{n}.py" for n in range(600))), "is one of more than 500 files"),
        (inner("../up.py"), "leads out of the archive"),
    ],
    ids=["damaged", "deep", "members", "files", "outside"],
)
def test_what_an_inner_archive_may_be_is_bounded_and_told(tmp_path, data, words):
    (tmp_path / "ann.zip").write_bytes(data)
    files(tmp_path, "bob.py")
    ann, bob = Intake([str(tmp_path)]).hand_ins()
    assert words in "\n".join(map(say, ann.contents.problems + ann.contents.told))
    assert (ann.student.key, len(bob.files)) == ("ann", 1)


def test_too_many_inner_archives_are_not_opened(tmp_path):
    files(tmp_path, "ann/a.py", "bob.py")
    for number in range(20):
        (tmp_path / f"ann/{number:02}.zip").write_bytes(inner("b.py"))
    ann, _ = Intake([str(tmp_path)]).hand_ins()
    assert (len(ann.files), len(ann.contents.problems)) == (9, 12)


NOTEBOOK = b'{"cells": [{"cell_type": "code", "source": ["x = 1"]}], "nbformat": 4}'


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("ann.py", SOURCE, ".py"),
        ("ann.PY ", SOURCE, ".py"),
        ("ann", SOURCE, ".py"),
        ("ann.pyw", SOURCE, ".py"),
        ("ann.txt", SOURCE, ".py"),
        ("ann.py.txt", b"import torch\nx = 1\n", ".py"),
        ("ann.py.download", b"# coding\nfrom math import *\n", ".py"),
        ("ann.ipynb.txt", NOTEBOOK, ".ipynb"),
        ("ann.json", b"\xef\xbb\xbf " + NOTEBOOK, ".ipynb"),
        ("ann", NOTEBOOK, ".ipynb"),
        ("ann.txt", b"from now on we import the definition of class.\n", ""),
        ("ann.json", b"{}", ""),
        ("ann", b"\0\1", ""),
        ("ann.pdf", SOURCE, ""),
        ("ann.rar", b"x", ""),
        ("ann.docx", b"PK\3\4", ""),
    ],
)
def test_what_is_python_or_a_notebook_is_taken_whatever_its_name_ends_in(tmp_path, name, data, kind):
    (tmp_path / name).write_bytes(data)
    (hand_in,) = Intake([str(tmp_path)]).hand_ins()
    assert hand_in.student.key == "ann"
    submissions = [read(file) for file in hand_in.files]
    assert [(s.id.name, s.is_notebook) for s in submissions] == ([(name, kind == ".ipynb")] if kind else [])
    if not kind:
        assert name in say(hand_in.contents.others[0])


def test_a_link_or_a_text_that_was_entered_is_told_as_that(tmp_path):
    files(tmp_path, "bob_110_link.html", "Ann_12_assignsubmission_onlinetext/onlinetext.html")
    ann, bob = Intake([str(tmp_path)]).hand_ins()
    assert [*map(say, ann.entered), *map(say, bob.entered)] == [
        "onlinetext.html (a text was typed in)",
        "bob_110_link.html (a web address was entered)",
    ]


def test_what_is_nobodys_is_told(tmp_path):
    files(tmp_path, "ann.py", ".git/x", "Thumbs.db", "reports/json/bob.json")
    (tmp_path / "reports/batch.json").write_text('{\n  "schema": "grader/batch/1"\n}\n')
    intake = Intake([str(tmp_path)])
    assert [h.student.key for h in intake.hand_ins()] == ["ann"]
    assert [say(told).replace(str(tmp_path), "class") for told in intake.ignored] == [
        "class/: of tools or the system, and nobody's: .git, Thumbs.db",
        "class/reports: is a folder of reports, and nobody's",
    ]


def test_of_two_members_of_one_name_the_later_is_taken_and_told(tmp_path):
    for data in (b"older = 1", b"newer = 1"):
        with zipfile.ZipFile(tmp_path / "z.zip", "a") as file:
            file.writestr("bnn.py" if data.startswith(b"newer") else "ann.py", data)
    (tmp_path / "z.zip").write_bytes((tmp_path / "z.zip").read_bytes().replace(b"bnn.py", b"ann.py"))
    intake = Intake([str(tmp_path / "z.zip")])
    (ann,) = intake.hand_ins()
    assert ann.files[0].data() == b"newer = 1"
    assert "'ann.py' is there twice; the later one is taken" in say(intake.ignored[0])


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["hw/ann.py", "hw/bob.py"], {"ann", "bob"}),
        (["hw/ann/backprop.py", "hw/bob/backprop.py", "hw/readme.md"], {"ann", "bob", "readme"}),
        (["a/b/ann/backprop.py", "a/b/bob/backprop.py"], {"ann", "bob"}),
        (["ann/backprop.py", "ann/sub/helper.py"], {"ann"}),
        (["ann/src/backprop.py", "ann/tests/check.py"], {"ann"}),
        (["ann/hw/src/backprop.py", "ann/hw/tests/check.py", "ann/hw/data.csv"], {"ann"}),
        (["Ann_12_assignsubmission_file/v1.py", "Ann_12_assignsubmission_file/v2.py"], {"Ann_12"}),
        (["export/submission_1/a.py"], {"submission_1_1"}),
    ],
)
def test_a_folder_that_is_alone_is_one_students_or_stands_around_several(tmp_path, names, students):
    assert set(found(zipped(tmp_path / "z.zip", *names))) == students
    files(tmp_path / "class", *names)
    assert set(found(tmp_path / "class")) == students


def test_one_student_does_not_make_classes_of_her_classmates(tmp_path):
    files(tmp_path, *(f"{name}/backprop.py" for name in ("ann", "bob", "carl", "dora")))
    files(tmp_path, "eve/one.py", "eve/two.py", "eve/three.py", "eve/four.py", "eve/deep/er.py")
    assert set(found(f"{tmp_path}/*")) == {"ann", "bob", "carl", "dora", "eve"}


def test_where_it_is_open_what_folders_are_a_person_says_it(tmp_path):
    files(tmp_path, "one/ann.py", "one/bob.py", "one/carl.py", "one/dora.py", "eve/backprop.py")
    paths = [str(tmp_path / "one"), str(tmp_path / "eve")]
    with pytest.raises(GraderError, match="--each student or --each class"):
        Intake(paths)
    assert {h.student.key for h in Intake(paths, each="student").hand_ins()} == {"one", "eve"}
    assert {h.student.key for h in Intake(paths, each="class").hand_ins()} == {"ann", "bob", "carl", "dora", "backprop"}


TREES = st.lists(
    st.sampled_from(
        [
            *("ann.py", "ann/a.py", "bob.txt", "Carl_7_assignsubmission_file/x.py", "dora_101_9001_x.py", "hal"),
            *("dora_101_link.html", "eve.zip", "fred.rar", "gus/deep/er/x.ipynb", "ANN.py", ".git/x"),
            *("ida_LATE_102_9002_y.pdf", "anon_8xJ2p_9001_z.py"),
        ]
    ),
    min_size=1,
    unique=True,
)


@settings(max_examples=200)
@given(TREES)
def test_every_entry_of_a_class_is_somebodys_or_told(names):
    with tempfile.TemporaryDirectory() as folder:
        top = files(Path(folder), *names, "zoe.py", "yan.py")
        for given in (top, zipped(top.parent / f"{top.name}.zip", *names, "zoe.py", "yan.py")):
            intake = Intake([str(given)])
            owned = [node.name for hand_in in intake.hand_ins() for node in hand_in.nodes]
            assert sorted(owned) == sorted({name.partition("/")[0] for name in [*names, "zoe.py", "yan.py"]} - {".git"})
            assert (".git/x" in names) == any(".git" in say(told) for told in intake.ignored)
        given.unlink()


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
