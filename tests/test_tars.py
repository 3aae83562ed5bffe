"""Tar archives that students hand in: opened as zip archives are, within bounds, and nothing of them is ever made."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError, SubmissionError
from grader.intake import archive
from grader.intake.finding import Intake
from grader.intake.nodes import read
from grader.words import say

SOURCE = b"def backpropagation(model, y_true, y_pred):\n    pass\n"


def tarred(*names: str | tarfile.TarInfo, how: str = "", data: bytes = SOURCE, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{how}", format=form) as file:
        for name in names:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data) if info.isreg() else 0
            file.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def keys(*paths: Path) -> dict[str, list[str]]:
    return {h.student.key: [node.name for node in h.files] for h in Intake([str(path) for path in paths]).hand_ins()}


@pytest.mark.parametrize(
    ("name", "how"),
    [("hw.tar", ""), ("hw.tar.gz", "gz"), ("hw.TGZ", "gz"), ("hw.tar.bz2", "bz2"), ("hw.tbz2", "bz2"), ("hw.txz", "xz"),
     ("hw.tar.xz ", "xz"), ("hw.tar (1).gz", "gz"), ("hw.tar", "gz"), ("hw.tar.gz", ""), ("hw.zip", "gz")],
)  # fmt: skip
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_class_and_a_hand_in_may_be_packed_by_tar(tmp_path, name, how, form):
    long = f"{'deep/' * 10}{'long' * 22}.py"  # more than the 100 bytes of a plain header
    folder = tmp_path / "class"
    (folder / "bob").mkdir(parents=True)
    (folder / "bob" / name).write_bytes(tarred("./hw/a.py", long, "./__MACOSX/._a.py", how=how, form=form))
    (folder / "ann.py").write_bytes(SOURCE)
    assert keys(folder) == {"ann": ["ann.py"], "bob": [f"{'long' * 22}.py", "a.py"]}
    (tmp_path / name).write_bytes(tarred("./top/ann.py", "./top/Åse.py", how=how, form=form))
    assert keys(tmp_path / name) == {"ann": ["ann.py"], "Åse": ["Åse.py"]}


@pytest.mark.parametrize("name", ["ann.tar", "ann.tar.gz", "ann.tgz", "ann.tar.bz2", "ann.tbz", "ann.txz"])
def test_endings_of_archives_are_no_part_of_a_name(tmp_path, name):
    (tmp_path / name).write_bytes(tarred("x.py", how="xz"))
    (tmp_path / "bob.py").write_bytes(SOURCE)
    assert keys(tmp_path) == {"ann": ["x.py"], "bob": ["bob.py"]}


@pytest.mark.parametrize("name", ["../up.py", "/etc/x.py", "a/../../up.py", "C:\\x.py", "a//b.py", "a" * 300 + ".py"])
def test_a_name_that_leads_out_or_is_too_long_is_left_out_and_told(tmp_path, name):
    (tmp_path / "a.tar").write_bytes(tarred(name, "ann.py", "bob.py"))
    intake = Intake([str(tmp_path / "a.tar")])
    assert [h.student.key for h in intake.hand_ins()] == ["ann", "bob"]
    assert "it is left out" in say(intake.ignored[0])


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (special("eve.py", tarfile.SYMTYPE, "/etc/passwd"), "is a link; links are not followed"),
        (special("eve.py", tarfile.LNKTYPE, "bob.py"), "is a link; links are not followed"),
        (special("eve.py", tarfile.FIFOTYPE), "is not a regular file"),
        (special("eve.py", tarfile.CHRTYPE), "is not a regular file"),
        (special("eve.py", tarfile.BLKTYPE), "is not a regular file"),
    ],
)
def test_links_and_devices_are_told_and_never_made(tmp_path, info, words):
    (tmp_path / "a.tar").write_bytes(tarred("bob.py", info))
    bob, eve = Intake([str(tmp_path / "a.tar")]).hand_ins()
    with pytest.raises(SubmissionError, match=words):
        read(eve.files[0])
    assert read(bob.files[0]).data == SOURCE


def header(name: str, kind: bytes, size: int) -> bytes:
    info = special(name, kind)
    info.size = abs(size)
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    if size < 0:  # in base 256, as GNU tar writes what is too long for octal digits
        block[124:136] = (256**11 * 255 + (size % 256**11)).to_bytes(12, "big")
        block[148:156] = b"%06o\0 " % (sum(block[:148]) + 256 + sum(block[156:512]))
    return bytes(block)


BOMBS = {
    "it grows": (tarred("a.py", how="gz", data=b" " * 30_000_000), "grows more than 200 times"),
    "it grows by xz": (tarred("a.py", how="xz", data=b" " * 30_000_000), "grows more than 200 times"),
    "it grows by bzip2": (tarred("a.py", how="bz2", data=b" " * 30_000_000), "grows more than 200 times"),
    "members": (tarred(*(f"{n}.py" for n in range(6000)), how="gz"), "has 5,001 members"),
    "a name of megabytes": (header("x", tarfile.XHDTYPE, 10**7) + b"1" * 10**7, "out of all bounds"),
    "leads back": (tarred("a.py")[:1024] + header("b.py", tarfile.REGTYPE, -1024) + bytes(1024), "out of all bounds"),
    "long names of long names": (header("x", tarfile.GNUTYPE_LONGNAME, 0) * 5000 + bytes(1024), "not a tar archive"),
    "cut": (tarred("a.py", how="gz")[:-20], "not a tar archive"),
    "no archive": (b"\x1f\x8b hello", "not a tar archive"),
}


@pytest.mark.parametrize(("data", "words"), BOMBS.values(), ids=BOMBS)
def test_what_a_tar_archive_may_be_is_bounded_and_told(tmp_path, data, words):
    (tmp_path / "ann.tar.gz").write_bytes(data)
    (tmp_path / "bob.py").write_bytes(SOURCE)
    ann, bob = Intake([str(tmp_path)]).hand_ins()
    assert words in "\n".join(map(say, ann.contents.problems))
    assert (ann.files, len(bob.files)) == ([], 1)


def test_a_class_that_is_no_archive_or_larger_than_its_bound_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.tar.gz").write_bytes(b"no archive")
    with pytest.raises(GraderError, match="is not a tar archive"):
        Intake([str(tmp_path / "a.tar.gz")])
    monkeypatch.setattr(archive, "LARGEST_CLASS", 1000)
    (tmp_path / "b.tar.gz").write_bytes(tarred("ann.py", how="gz"))
    with pytest.raises(GraderError, match="above 0 MB"):
        Intake([str(tmp_path / "b.tar.gz")])


def test_archives_of_both_kinds_lie_in_each_other(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as file:
        file.writestr("ann.tar.gz", tarred("hw.py", how="gz"))
        file.writestr("bob.py", SOURCE)
    assert keys(tmp_path / "class.zip") == {"ann": ["hw.py"], "bob": ["bob.py"]}


@given(st.data(), st.sampled_from(["", "gz", "bz2", "xz"]))
def test_a_tar_archive_with_any_byte_changed_is_read_or_refused(data, how):
    changed = bytearray(tarred("class/ann/hw.py", "class/bob.py", how=how))
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tar"
        path.write_bytes(changed)
        with contextlib.suppress(GraderError):
            for hand_in in Intake([str(path)]).hand_ins():
                for node in hand_in.files:
                    with contextlib.suppress(SubmissionError):
                        read(node)
