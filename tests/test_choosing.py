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
