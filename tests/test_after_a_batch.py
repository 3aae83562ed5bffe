"""After a batch: what its last screen proposes can be pasted as it stands, until pages are back with students."""

from __future__ import annotations

import io
import shlex
import zipfile
from pathlib import Path

import pytest

from grader.decisions import Decision, What
from grader.decisions.making import Maker
from grader.report_folder import ReportFolder
from grader.reports.sentences import sentence

ROOT = Path(__file__).resolve().parent.parent
RIGHT, WRONG = ((ROOT / "submissions" / name).read_bytes() for name in ("alice.py", "chloe.py"))


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


EXPORT = packed(
    {
        "roejane_LATE_11_901_backprop.py": WRONG,
        "doejohn_12_902_first.py": RIGHT,
        "doejohn_12_903_second.py": WRONG,
        "leeann_13_904_report.pdf": b"%PDF-1.4",
        "mayzoe_14_905_all.zip": packed({"hw/roejane_LATE_11_901_backprop.py": RIGHT}),
        "anon_8xJ2p_906_backprop.py": RIGHT,
        "kimbo_15_text.html": b"<p>def f(): pass</p>",
    }
)


def proposed(screen: str) -> list[list[str]]:
    """The commands of a last screen, without the word `grade`."""
    lines = screen.partition("What comes next:\n")[2].splitlines()
    return [shlex.split(line.strip().split("   ")[0])[1:] for line in lines]


def test_every_step_from_a_batch_to_pages_for_students_is_proposed_and_can_be_pasted(grade, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all of them.zip").write_bytes(EXPORT)
    code, screen, _ = grade("batch", "all of them.zip", "--out", "my reports", "--assignment", "mynet", "--seed", "1")
    assert code == 0
    assert "kimbo    there is no file, only kimbo_15_text.html (a text was typed in)" in screen
    steps = proposed(screen)
    settling = [step for step in steps if step[0] == "resolve"]
    assert [step[1:2] + step[4:] for step in settling] == [
        ["doejohn_12", "--main", "first.py"],
        ["doejohn_12", "--main", "second.py"],
        ["kimbo_15", "--score", "0"],
        ["leeann_13", "--score", "0"],
    ]
    late, table, back = (next(s for s in steps if s[0] == name) for name in ("late", "gradebook", "release"))
    for step in (*settling[::2], settling[3], [*late, "--yes"]):
        code, told, err = grade(*step)
        assert (code, err.count("Traceback")) == (0, 0)
        for command in (part for part in told.split("`") if part.startswith("grade undo")):
            assert shlex.split(command)[3:] == ["--reports", "my reports"]
    grade("resolve", "anon_8xJ2p", "--name", "Jo Poe", "--reports", "my reports")
    folder = ReportFolder(Path("my reports"))
    Maker(folder.log, "eve").all([Decision("", "", What.WORTH, check="hidden-weights", points=13.0)])

    code, screen, _ = grade("batch", "all of them.zip", "--out", "my reports", "--assignment", "mynet")
    assert code == 0, "more points than the assignment has are no trouble"
    assert "Scores out of 20: " in screen
    assert not {"resolve", "late"} & {step[0] for step in proposed(screen)}, "what is settled is not asked again"

    assert grade(*table)[0] == 0
    code, told, _ = grade(*back)
    assert (code, "for 5 students" in told) == (0, True), "a text that was typed in has no file to match"
    with zipfile.ZipFile("my reports/return/canvas-feedback.zip") as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    assert sorted(pages) == [
        "anon_8xJ2p_906_feedback.html",
        "doejohn_12_902_feedback.html",
        "leeann_13_904_feedback.html",
        "mayzoe_14_905_feedback.html",
        "roejane_LATE_11_901_feedback.html",
    ]


CANVAS, MOODLE, GRADESCOPE = "roejane_11_901_a.py", "Jane Roe_12_assignsubmission_file/a.py", "submission_13/a.py"


@pytest.mark.parametrize(
    ("names", "table", "form"),
    [
        ([CANVAS], "--format canvas", "canvas"),
        ([MOODLE], "--format moodle-worksheet --template WORKSHEET.csv", "moodle"),
        ([GRADESCOPE], "--format gradescope", "gradescope"),
        (["ann.py"], "--format csv", "mail"),
        ([MOODLE, "Jo Doe_14_assignsubmission_file/a.py", "ann.py"], "--format moodle-worksheet --template WORKSHEET.csv", "moodle"),
        ([CANVAS, "ann.py", "bob.py"], "--format csv", "mail"),
        ([CANVAS, "zed.py"], "--format csv", "mail"),
    ],
)  # fmt: skip
def test_the_system_from_which_most_names_came_is_the_one_for_which_commands_are_proposed(
    grade, tmp_path, names, table, form
):
    for name in names:
        file = tmp_path / "class" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    asked = ("--out", tmp_path / "r", "--assignment", "mynet", "--seed", "1", "--each", "class")
    code, screen, _ = grade("batch", tmp_path / "class", *asked)
    assert code == 0
    steps = [" ".join(step[3 if step[0] == "release" else 2 :]) for step in proposed(screen)[-2:]]
    assert steps == [table, f"--for {form}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the activation was not differentiated", "The activation was not differentiated"),
        ("l'activation n'a pas été dérivée", "L'activation n'a pas été dérivée"),
        ("a division too many", "A division too many"),
        ("dL/da is passed on", "dL/da is passed on"),
        ("z in place of a", "z in place of a"),
        ("batchnorm: dx", "batchnorm: dx"),
        ("δ[l] is summed", "δ[l] is summed"),
    ],
)
def test_a_sentence_begins_with_a_capital_but_a_symbol_stays_what_it_is(text, told):
    assert sentence(text) == told


def test_who_was_late_and_has_no_report_is_told_with_the_line(grade, tmp_path):
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ann.txt").write_text("nothing to grade")
    reports = tmp_path / "reports"
    assert grade("batch", tmp_path / "class", "--out", reports, "--assignment", "mynet", "--seed", "1")[0] == 0
    (tmp_path / "t.csv").write_text("student,late\nann,3\nan,5\nbob,0\n")
    code, told, err = grade("late", "--reports", reports, "--times", tmp_path / "t.csv", "--percent", "10", "--yes")
    assert (code, "1 late, 0 in time; 0 of 1 not in it" in told) == (0, True)
    assert [line.partition("t.csv:")[2] for line in err.splitlines() if "without a report" in line] == [
        "3: an: late, but without a report; is the name right?"
    ]
    assert grade("late", "--reports", reports, "--cap", "5")[0] == 2
