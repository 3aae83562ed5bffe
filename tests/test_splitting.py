"""A class that handed in several exercises: each file is graded under what it is for."""

from __future__ import annotations

import json
from pathlib import Path, PurePath

import pytest

from grader.assignment import load, slugs
from grader.course import find_course
from grader.errors import GraderError, NotClear
from grader.intake.finding import HandIn, Intake
from grader.intake.splitting import Split, split
from grader.report_folder import places
from grader.submission.hand_in import hand_in, purposes
from tests.conftest import ROOT, SEED

KNOWN = [load(find_course(), slug) for slug in slugs(find_course())]
MYNET = (ROOT / "submissions/alice.py").read_bytes()
MLP = (ROOT / "submissions/karim.py").read_bytes()
DESCENT = (ROOT / "submissions/mona.py").read_bytes()
FUNCTIONS = min((ROOT / "tests/submissions/functions/right").glob("*.py")).read_bytes()


def of_class(folder: Path, files: dict[str, bytes]) -> list[HandIn]:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return list(Intake([str(folder)], each="class").hand_ins())


def told(parts: Split, found: list[HandIn]) -> dict[str, list[str]]:
    return {one.slug: [hand_in.student.name for hand_in in parts.of(one, found)] for one in parts.assignments}


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({"ann.py": MYNET, "bob.py": FUNCTIONS}, {"functions": ["bob"], "mynet": ["ann"]}),
        ({"ann.py": MYNET, "bob.py": MYNET + b"#", "eve.py": FUNCTIONS}, {"mynet": ["ann", "bob"], "functions": ["eve"]}),
        ({"ann/a.py": MYNET, "ann/b.py": MLP, "bob.py": MYNET}, {"mynet": ["ann", "bob"], "mlp": ["ann"]}),
        ({"ann/a.py": MYNET, "ann/b.py": DESCENT, "bob.py": MYNET}, {"mynet": ["ann", "bob"], "descent": ["ann"]}),
        ({"ann/tp1.py": FUNCTIONS, "ann/tp2.py": b"from tp1 import *\n" + DESCENT, "bob.py": FUNCTIONS},
         {"functions": ["ann", "bob"]}),
        ({"ann.py": MYNET, "bob.py": MYNET, "eve.py": b"x = 1\n", "pat.pdf": b"%PDF"}, {"mynet": ["ann", "bob", "eve", "pat"]}),
        ({"ann.py": MYNET, "bob/hw.py": MYNET, "bob/mlp.ipynb": (ROOT / "assignments/mlp/handout.ipynb").read_bytes()},
         {"mynet": ["ann", "bob"]}),
    ],
    ids=["one each", "a stray", "two of one student", "a script beside it", "a module", "what tells nothing", "a starter"],
)  # fmt: skip
def test_each_hand_in_is_graded_under_what_it_is_for(tmp_path, files, parts):
    found = of_class(tmp_path, files)
    assert told(split(KNOWN, found), found) == parts


def test_each_hand_in_has_one_vote_however_many_files_it_has(tmp_path):
    mallory = {f"mallory/{number}.py": FUNCTIONS + b"#%d" % number for number in range(12)}
    found = of_class(tmp_path, {"ann.py": MYNET, "bob.py": MYNET, **mallory})
    parts = split(KNOWN, found)
    assert (parts.assignments[0].slug, parts.has_a_majority) == ("mynet", True)


def test_where_nobody_tells_and_two_are_as_good_names_are_told_and_nobody_is_graded(tmp_path):
    found = of_class(tmp_path, {"ann.py": MYNET + FUNCTIONS})
    with pytest.raises(GraderError, match=r"fitting: functions, mynet\); --assignment names it"):
        split(KNOWN, found)


def test_files_of_several_assignments_are_no_one_submission():
    files = {PurePath("a.py"): MYNET, PurePath("b.py"): MLP}
    assert purposes(files, KNOWN).certain == ("mlp", "mynet")
    with pytest.raises(NotClear, match="for several assignments: mlp, mynet; name one with --assignment"):
        hand_in(files, KNOWN)


@pytest.mark.parametrize(
    ("there", "slugs", "first_is_main", "expected"),
    [
        ({}, ["mynet"], True, {"mynet": "."}),
        ({}, ["mynet", "relu"], True, {"mynet": ".", "relu": "relu"}),
        ({}, ["mynet", "relu"], False, {"mynet": "mynet", "relu": "relu"}),
        ({".": "relu"}, ["mynet", "relu"], True, {"mynet": "mynet", "relu": "."}),
        ({".": "relu"}, ["mynet"], True, {"mynet": "."}),
        ({"mynet": "mynet"}, ["mynet"], True, {"mynet": "mynet"}),
    ],
)
def test_reports_on_an_assignment_stay_where_they_are(tmp_path, there, slugs, first_is_main, expected):
    for place, slug in there.items():
        (tmp_path / place).mkdir(exist_ok=True)
        about = {"schema": "grader/batch/1", "assignment": slug}
        (tmp_path / place / "batch.json").write_text(json.dumps(about))
    found = places(tmp_path, slugs, first_is_main=first_is_main)
    assert found == {slug: tmp_path / place for slug, place in expected.items()}


def test_a_mixed_class_has_a_folder_of_reports_for_each_exercise(grade, tmp_path):
    of_class(tmp_path / "class", {"ann.py": MYNET, "bob.py": MYNET + b"#", "eve.py": FUNCTIONS, "pat.py": b"x = 1\n"})
    batch = ("batch", tmp_path / "class", "--out", tmp_path / "r", "--seed", SEED, "--servers", 1)
    status, out, err = grade(*batch)
    found = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "r").rglob("json/*.json")}
    assert status == 0
    assert {name: report["score"] for name, report in found.items()} == {"ann": 10, "bob": 10, "eve": 20, "pat": 0}
    assert [path.parent.parent.name for path in (tmp_path / "r").rglob("json/eve.json")] == ["functions"]
    assert f"functions: 1 handed in (eve); reports in {tmp_path}/r/functions" in err
    assert out.count("What comes next") == 2
    again = grade(*batch, "--regrade", "eve")
    assert ("3 as they were" in again.out, "1 graded" in again.out) == (True, True), "it finds all its folders again"
    assert "no such student" not in again.err
