"""Which exercise a class is for, which file of a student's is graded, and on which numbers."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path, PurePath

import pytest

from grader.assignment import load, slugs
from grader.course import find_course
from grader.errors import GraderError, NotClear, SubmissionError
from grader.intake.choosing import choose, see_that_it_belongs
from grader.intake.finding import HandIn, Intake
from grader.report_folder import ReportFolder
from grader.report_folder.promise import promised, seed_of
from grader.words import say
from tests.conftest import ROOT, SEED

KNOWN = [load(find_course(), slug) for slug in slugs(find_course())]
BY_SLUG = {assignment.slug: assignment for assignment in KNOWN}
MYNET = (ROOT / "submissions/alice.py").read_bytes()
FUNCTIONS = min((ROOT / "tests/submissions/functions/right").glob("*.py")).read_bytes()


def hand_ins(folder: Path, files: dict[str, bytes]) -> list[HandIn]:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return list(Intake([str(folder)]).hand_ins())


def test_an_assignment_that_a_person_named_is_that_of_all(tmp_path):
    (eve,) = hand_ins(tmp_path, {"eve.py": FUNCTIONS})
    submission, _ = choose(eve, BY_SLUG["mynet"])
    see_that_it_belongs(submission, BY_SLUG["mynet"], [BY_SLUG["mynet"]])
    with pytest.raises(SubmissionError, match="is for `functions`"):
        see_that_it_belongs(submission, BY_SLUG["mynet"], KNOWN)


def test_a_hand_in_is_a_set_of_files_under_the_names_that_its_student_gave(tmp_path):
    (roe,) = hand_ins(
        tmp_path, {"roe_102_9002_hw-1.py": MYNET, "roe_102_9008_utils-2.py": b"x = 1\n", "roe_102_9009_n.txt": b"x"}
    )
    submission, others = choose(roe, BY_SLUG["mynet"])
    assert submission.id.file == str(tmp_path / "roe_102_9002_hw-1.py")
    assert dict(submission.modules) == {"utils.py": b"x = 1\n"}
    assert [*map(say, others)] == ["utils.py", "roe_102_9009_n.txt"]


def test_what_code_names_comes_with_it_to_be_opened_and_nothing_else(tmp_path):
    main = b"import json\nk = json.load(open('data/kept.json'))\n" + MYNET
    files = {
        "hw.py": main,
        "data/kept.json": b"{}",
        "data/other.json": b"{}",
        "notes.md": b"def f(): pass\n",
        "x.rar": b"",
    }
    (eve, _) = hand_ins(tmp_path, {**{f"eve/{name}": data for name, data in files.items()}, "ann.py": MYNET})[::-1]
    submission, others = choose(eve, BY_SLUG["mynet"])
    assert dict(submission.modules) == {"data/kept.json": b"{}"}
    assert {*map(say, others)} == {"kept.json", "other.json", "notes.md", "x.rar (unpack it)"}


@pytest.mark.parametrize(
    "spare",
    [
        *("mynet.ipynb", "hw copy.py", "hw (1).py", ".ipynb_checkpoints/hw-checkpoint.py", "__MACOSX/hw.py"),
        *("old/hw.py", "Backup 2/hw.py", "tp/archive/deeper/hw.py", "sauvegarde/main.py"),
    ],
)
def test_what_is_handed_out_or_put_aside_is_nobodys_choice(tmp_path, spare):
    starter = (BY_SLUG["mynet"].folder / "handout.ipynb").read_bytes()
    data = starter if spare == "mynet.ipynb" else (ROOT / "submissions/chloe.py").read_bytes()
    ann = next(h for h in hand_ins(tmp_path, {"ann/hw.py": MYNET, f"ann/{spare}": data, "bob.py": MYNET}))
    assert choose(ann, BY_SLUG["mynet"])[0].id.name == "hw.py"


def test_of_two_versions_a_person_chooses_and_the_folder_of_reports_remembers(grade, tmp_path):
    chloe = (ROOT / "submissions/chloe.py").read_bytes()
    ann, _ = hand_ins(tmp_path / "class", {"ann/a.py": chloe, "ann/b.py": MYNET, "bob.py": MYNET})
    with pytest.raises(NotClear, match=r"ann/a\.py, ann/b\.py; name the one that is meant with --main FILE"):
        choose(ann, BY_SLUG["mynet"])
    assert choose(ann, BY_SLUG["mynet"], PurePath("ann/a.py"))[0].data == chloe

    def score(*more: object) -> tuple[object, str]:
        _, _, err = grade("batch", tmp_path / "class", "--out", tmp_path / "r", "--seed", SEED, "--servers", 1, *more)
        report = json.loads((tmp_path / "r/json/ann.json").read_text())
        return (report["outcome"], report["score"]), err

    assert score()[0] == ("unreadable", 0)
    told = json.loads((tmp_path / "r/json/ann.json").read_text())["failures"][0]["fact"]["text"]
    assert told.endswith("ann/a.py, ann/b.py; `grade resolve ann --main FILE` names the one that is meant")
    assert score("--main", tmp_path / "class/ann/b.py")[0] == ("returned", 10)
    assert score()[0] == ("returned", 10)
    told = f"--main {tmp_path}/c.py: nobody handed in such a file"
    assert told in score("--main", tmp_path / "c.py")[1]
    shutil.move(tmp_path / "class/ann/b.py", tmp_path / "class/ann/c.py")
    assert score()[0] == ("unreadable", 0), "what was chosen is gone"
    resolved = grade("resolve", "ann", "--main", "a.py", "--reports", tmp_path / "r").out
    assert "a.py  3 / 10" in resolved
    assert "What comes next" not in resolved, "the screen of a batch"
    assert grade("decide", "ann", "total", "4", "--reports", tmp_path / "r").status == 0
    assert "mean 7," in grade("batch", tmp_path / "class", "--out", tmp_path / "r").out, "what was decided counts"


def same(report: Path) -> dict[str, object]:
    """A report without when it was made and how long that took."""
    return {key: value for key, value in json.loads(report.read_text()).items() if key not in ("date", "seconds")}


def test_a_chosen_file_is_graded_alone_as_a_batch_would_grade_it(grade, tmp_path, monkeypatch):
    """Of two attempts of one student the second; from elsewhere, in a copy of the folder, with the limits of the batch."""
    chloe = (ROOT / "submissions/chloe.py").read_bytes()
    for name in ("first", "second"):
        hand_ins(tmp_path / name, {"ann/a.py": chloe, "ann/b.py": MYNET, "bob.py": MYNET})
    monkeypatch.chdir(tmp_path)
    batch = ("batch", "first", "second", "--each", "class", "--seed", SEED, "--servers", 1, "--limit-seconds", 7)
    assert grade(*batch, "--out", "r")[0] == 0
    shutil.copytree("r", "copy")
    before = {path: path.read_bytes() for path in Path("r").rglob("*") if path.is_file()}
    others = {path: path.stat().st_mtime_ns for path in Path("copy/json").iterdir() if path.name != "ann~2.json"}

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    resolved = grade("resolve", "ann~2", "--main", "b.py", "--reports", "../copy")
    assert (resolved.status, "b.py  10 / 10" in resolved.out) == (0, True), resolved
    monkeypatch.chdir(tmp_path)
    assert {path: path.read_bytes() for path in before} == before, "the folder that was copied is as it was"
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert "ann,,second/ann/b.py,10,10," in Path("copy/gradebook.csv").read_text()

    shutil.copy("copy/decisions.jsonl", "r")
    assert "1 graded, 3 as they were" in grade(*batch, "--out", "r").out
    for name in ("ann", "ann~2", "bob", "bob~2"):
        assert same(tmp_path / f"copy/json/{name}.json") == same(tmp_path / f"r/json/{name}.json")


def test_a_choice_that_is_taken_back_leaves_no_report_on_the_file_that_was_chosen(grade, tmp_path):
    chloe = (ROOT / "submissions/chloe.py").read_bytes()
    hand_ins(tmp_path / "class", {"ann/a.py": chloe, "ann/b.py": MYNET, "bob.py": MYNET})
    reports = ("--reports", tmp_path / "r")
    grade("batch", tmp_path / "class", "--out", tmp_path / "r", "--seed", SEED, "--servers", 1)
    grade("resolve", "ann", "--main", "a.py", *reports)
    grade("resolve", "ann", "--main", "b.py", *reports)
    report = tmp_path / "r/json/ann.json"
    undone = grade("undo", *reports)
    assert "taken back: ann: the file is b.py" in undone.out
    assert (json.loads(report.read_text())["score"], "a.py  3 / 10" in undone.out) == (3, True)
    assert grade("undo", *reports).status == 0
    assert json.loads(report.read_text())["outcome"] == "unreadable"
    shutil.rmtree(tmp_path / "class")
    assert grade("decide", "ann", "total", 4, *reports).status == 0
    assert grade("undo", *reports).status == 0, "only files need what was handed in"


def test_a_choice_that_comes_from_another_folder_is_told_with_what_grades_it(grade, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hand_ins(Path("class"), {"ann/a.py": MYNET, "ann/b.py": MYNET + b"\n", "bob.py": MYNET})
    grade("batch", "class", "--out", "r", "--seed", SEED, "--servers", 1)
    shutil.copytree("r", "other")
    grade("resolve", "ann", "--main", "b.py", "--reports", "other")
    told = grade("merge", "other", "--reports", "r").err
    assert "`grade resolve ann --main b.py --reports r` grades it" in told
    assert "b.py  10 / 10" in grade("resolve", "ann", "--main", "b.py", "--reports", "r").out


@pytest.mark.parametrize(
    ("hinder", "words"),
    [
        (lambda class_: (class_ / "ann/a.py").unlink(), "a.py: no file of ann, or the name of several"),
        (shutil.rmtree, "class: no such file or folder"),
    ],
)
def test_a_file_that_is_not_there_any_more_is_told_and_nothing_is_decided(grade, tmp_path, hinder, words):
    hand_ins(tmp_path / "class", {"ann/a.py": MYNET, "ann/b.py": MYNET + b"\n", "bob.py": MYNET})
    grade("batch", tmp_path / "class", "--out", tmp_path / "r", "--seed", SEED, "--servers", 1)
    hinder(tmp_path / "class")
    status, _, err = grade("resolve", "ann", "--main", "a.py", "--reports", tmp_path / "r")
    assert (status, words in err) == (2, True), err
    assert not (tmp_path / "r/decisions.jsonl").exists()


def test_while_a_batch_writes_nothing_is_chosen_and_that_is_told(grade, tmp_path):
    hand_ins(tmp_path / "class", {"ann/a.py": MYNET, "ann/b.py": MYNET + b"\n", "bob.py": MYNET})
    grade("batch", tmp_path / "class", "--out", tmp_path / "r", "--seed", SEED, "--servers", 1)
    with ReportFolder(tmp_path / "r").claimed("mynet", ""):
        status, _, err = grade("resolve", "ann", "--main", "a.py", "--reports", tmp_path / "r")
    assert (status, "another batch is writing into this folder" in err) == (2, True)
    assert not (tmp_path / "r/decisions.jsonl").exists()


def test_an_identity_that_is_claimed_twice_is_told_in_both_reports(grade, tmp_path):
    hand_ins(tmp_path / "class", {"Ann.py": MYNET, "ann.py": MYNET, "bob.py": MYNET})
    assert grade("batch", tmp_path / "class", "--out", tmp_path / "r", "--seed", SEED, "--servers", 1)[0] == 0
    found = [json.loads(path.read_text()) for path in sorted((tmp_path / "r/json").iterdir())]
    remarks = {r["submission"]["student"][:6]: [one["fact"]["text"] for one in r["remarks"]] for r in found}
    assert remarks["Ann.py"] == [
        "Whose it is, is open: Ann.py, ann.py claim to be of one student, so none is taken to be; "
        "a person must say whose each is."
    ]
    assert (len(remarks["ann.py"]), remarks["bob"]) == (1, [])
    assert {report["score"] for report in found} == {10}


def test_a_folder_of_reports_keeps_its_seed(grade, tmp_path):
    hand_ins(tmp_path / "class", {"ann.py": MYNET})
    batch = ("batch", tmp_path / "class", "--out", tmp_path / "r", "--servers", 1)
    assert grade(*batch, "--seed", SEED)[0] == 0
    assert "1 as they were" in grade(*batch).out
    status, _, err = grade(*batch, "--seed", "another")
    assert (status, "its reports are on another seed" in err) == (2, True)


def test_another_machine_grades_on_the_same_numbers_or_says_that_it_cannot(assignment, key):
    about = promised({}, assignment, key, "r")
    assert promised(about, assignment, key, "r") == about
    assert seed_of(about, None, "r") == SEED
    first = key.probes[0]
    moved = replace(first, inputs={name: array + 1e-15 for name, array in first.inputs.items()})
    elsewhere = replace(key, probes=(moved, *key.probes[1:]))
    there = {**about, "versions": {**about["versions"], "numpy": "1.0"}}
    with pytest.raises(GraderError, match=r"r: here its seed gives other numbers .*\(numpy 1\.0, here "):
        promised(there, assignment, elsewhere, "r")
    assert promised({**about, "exercise": "changed since"}, assignment, elsewhere, "r")["exercise"] == about["exercise"]


def test_reports_carry_the_date_and_are_their_owners_alone(grade, tmp_path):
    hand_ins(tmp_path / "class", {"ann.py": MYNET, "eve.pdf": b"%PDF"})
    assert grade("batch", tmp_path / "class", "--out", tmp_path / "r", "--seed", SEED, "--servers", 1)[0] == 0
    for name in ("ann", "eve"):
        path = tmp_path / f"r/json/{name}.json"
        assert json.loads(path.read_text())["date"][10:].endswith("+00:00")
        assert path.stat().st_mode & 0o077 == 0
