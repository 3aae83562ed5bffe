"""Tables of reports, read back by the rules of those who import them."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import gradebook
from grader.errors import GraderError
from grader.gradebook.cells import defused, lines
from grader.gradebook.roster import read_roster
from grader.grading.reporting import not_graded
from grader.intake.naming import as_file_name
from grader.records import Certainty, Diagnosis, Isolation, Mistake, Outcome, SubmissionId
from grader.report_folder import ReportFolder
from grader.reports import json_report
from grader.wire.facts import Fact
from grader.words import say

TITLE = "Backpropagation of a tanh network"


def mistake(id: str) -> Mistake:  # noqa: A002
    return Mistake(id, "title", "step", "", Certainty.PROVED, "", "", {})


@pytest.fixture
def folder(tmp_path, assignment):
    """A folder of reports of a few students, with the scores given."""
    folder = ReportFolder(tmp_path / "reports")

    def add(student: str, score: float, student_id: str = "", attempt: int = 1, outcome: Outcome = Outcome.RETURNED):
        whose = SubmissionId(f"{student}.py", f"class/{student}.py", "0" * 64, student, student_id, attempt=attempt)
        report = not_graded(
            whose,
            assignment,
            outcome,
            Fact("cannot-be-read", {"file": "a.py", "why": Fact("is-empty")}),
            "1",
            Isolation("full", ""),
        )
        first = replace(report.checks[0], points=min(score, 2.0))
        diagnosis = Diagnosis((mistake("sign"), mistake("axis")))
        report = replace(report, score=score, checks=(first, *report.checks[1:]), diagnosis=diagnosis)
        key = f"{student}_{student_id}" if student_id else student
        folder.write(as_file_name(key, attempt), json_report.as_data(report))

    with folder.claimed("mynet", TITLE):
        folder.add = add
        add("Zoë Ødegård", 7.5, "11")
        add("=HYPERLINK(1)", 10, "12")
        add("roe", 4, "13")
        add("roe", 2, "13", attempt=2)
        add("empty", 0, "14", outcome=Outcome.UNREADABLE)
        yield folder


def write(folder: ReportFolder, *arguments: object) -> tuple[Path, list[str]]:
    """Where a table was written; and what was told."""
    path, problems = gradebook.write(folder, *arguments)
    return path, [say(problem) for problem in problems]


def table(folder: ReportFolder, *arguments: object, encoding: str = "utf-8") -> tuple[list[dict[str, str]], list[str]]:
    """The rows of the table that was written, by its first line; and what was told."""
    path, problems = write(folder, *arguments)
    text = path.read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True)), problems


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_plain_table_has_one_line_for_each_student(folder, assignment):
    rows, problems = table(folder, encoding="utf-8-sig")
    assert problems == []
    assert [row["student"] for row in rows] == ["'=HYPERLINK(1)", "Zoë Ødegård", "empty", "roe"]
    zoe = rows[1]
    assert (zoe["score"], zoe["out of"], zoe["output-weights"], zoe["mistakes"]) == ("7.5", "10", "2", "sign axis")
    assert {check.id for check in assignment.specification.checks} <= set(zoe)
    assert (rows[2]["score"], rows[2]["outcome"]) == ("", "unreadable")
    assert {rows[2][check.id] for check in assignment.specification.checks} == {""}
    assert (rows[3]["score"], rows[3]["attempt"], rows[3]["attempts"]) == ("4", "1", "2")


def test_the_roster_decides_on_attempts_penalties_and_names(folder, tmp_path):
    roster = written(
        tmp_path / "roster.csv",
        "\ufeffstudent;id;name;penalty;attempts\nroe;;Jane Roe;12,5 %;last\n;11;;50;\nnobody;;;;\n",
    )
    rows, problems = table(folder, "csv", roster, encoding="utf-8-sig")
    by_id = {row["id"]: row for row in rows}
    assert (by_id["13"]["student"], by_id["13"]["score"], by_id["13"]["attempt"]) == ("Jane Roe", "1.75", "2")
    assert (by_id["11"]["score"], by_id["11"]["penalty"]) == ("3.75", "50")
    assert problems == [f"{roster}:4: nobody has no report"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("student,pnealty\na,1\n", ":1: not known as columns: pnealty; known are student, id, name"),
        ("email\na@b\n", ":1: one of the columns student, id is needed"),
        ("student,student\na,b\n", ":1: the column `student` is there twice"),
        ("student,penalty\na,10\nb,120\n", ":3: penalty: `120` is no percentage from 0 to 100"),
        ("student,penalty\na,nan\n", ":2: penalty: `nan` is no percentage"),
        ("student,attempts\na,first\n", ":2: attempts: `first` is neither best nor last"),
        ("student,excused\na,perhaps\n", ":2: excused: `perhaps` is neither yes nor no"),
        ("student\na\nb\nA\n", ":4: student: `A` is on line 2, too"),
        ("student,id\na,1,2\n", ":2: has 3 cells, the first line has 2"),
        ("student,id,name\n,,Ann\n", ":2: student: neither student nor id is filled in"),
        ("", ": is empty"),
        ("\0", ": is no table"),
    ],
)
def test_a_mistake_in_a_roster_is_told_with_file_line_and_column(tmp_path, text, words):
    path = written(tmp_path / "roster.csv", text)
    with pytest.raises(GraderError) as raised:
        read_roster(path)
    assert f"{path}{words}" in str(raised.value)


def import_canvas(text: str) -> tuple[str, dict[str, str]]:
    """What Canvas takes from a table: the title of the assignment, and a grade for each user id or login."""
    delimiter = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    assert head[0] == "Student"
    place = head.index("Section")
    assert set(head[: place + 1]) <= {
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Integration ID",
        "Root Account",
        "Section",
    }
    (title,) = head[place + 1 :]
    if rows[0][0].strip() == "Points Possible":
        assert float(rows.pop(0)[-1].replace(",", ".")) == 10
    grades = {}
    for row in rows:
        identity = row[1] or next(row[n] for n in (2, 3) if row[n])
        assert row[-1] == "EX" or 0 <= float(row[-1].replace(",", ".")) <= 10
        assert identity not in grades
        grades[identity] = row[-1]
    return title, grades


def test_canvas_gets_ids_points_and_excuses(folder, tmp_path):
    folder.add("plain", 6)
    folder.add("excused", 1, "15")
    roster = written(tmp_path / "roster.csv", "student,id,login,excused\nplain,,plain@x,\n,15,,yes\n")
    path, problems = write(folder, "canvas", roster)
    title, grades = import_canvas(path.read_text())
    assert title == TITLE
    assert grades == {"11": "7.5", "12": "10", "13": "4", "15": "EX", "plain@x": "6"}
    assert problems == ["empty_14: it cannot be graded, so there is no score; left out"]


EXPORT = f"""Student;ID;SIS User ID;SIS Login ID;Section;Other (3);{TITLE} (77);Final Score
    Points Possible;;;;;5;10;
Ødegård, Zoë;11;s11;zoe;A;1,5;;
"Roe, Jane";13;s13;roe;B;;;
"=Poe";99;s99;poe;B;;;
"""


def test_an_export_of_canvas_is_filled_in(folder, tmp_path):
    path, problems = write(folder, "canvas", None, written(tmp_path / "export.csv", EXPORT))
    title, grades = import_canvas(path.read_text())
    assert (title, grades) == (f"{TITLE} (77)", {"11": "7,5", "13": "4"})
    assert problems == [
        f"not in {tmp_path / 'export.csv'}, so left out: %3DHYPERLINK(1)_12; empty_14",
        f"in {tmp_path / 'export.csv'}, but without a report: =Poe",
    ]


def test_an_export_without_the_column_is_told_so_and_an_option_names_it(grade, folder, tmp_path):
    export = written(tmp_path / "export.csv", EXPORT.replace(f"{TITLE} (77)", "Homework 3 (77)"))
    canvas = ("gradebook", folder.path, "--format", "canvas", "--template", export)
    status, _, err = grade(*canvas)
    assert status == 2
    assert (
        f"has no column `{TITLE}`; it has Other (3), Homework 3 (77), Final Score; --column names the one that is meant"
    ) in err
    assert not (folder.path / "canvas.csv").exists()
    for name in ("Homework 3", "Homework 3 (77)"):
        assert grade(*canvas, "--column", name)[0] == 0
        title, grades = import_canvas((folder.path / "canvas.csv").read_text())
        assert (title, grades) == ("Homework 3 (77)", {"11": "7,5", "13": "4"})
    status, _, err = grade(*canvas, "--column", "Homework")
    assert (status, "has no column `Homework`" in err) == (2, True)
    assert grade("gradebook", folder.path, "--format", "canvas", "--column", "Homework 3")[0] == 2


@pytest.mark.parametrize(
    ("points", "grades"),
    [("10", {"11": "7,5", "13": "4"}), ("100", {"11": "75", "13": "40"}), ("2,5", {"11": "1,88", "13": "1"})],
)
def test_a_column_of_canvas_that_has_other_points_is_scaled(folder, tmp_path, points, grades):
    export = written(tmp_path / "export.csv", EXPORT.replace(";5;10;", f";5;{points};"))
    path, _ = write(folder, "canvas", None, export)
    rows = [line.split(";") for line in path.read_text().splitlines()[2:]]
    assert {cells[1] if cells[0][0] != '"' else cells[-5]: cells[-1] for cells in rows} == grades


@pytest.mark.parametrize("points", ["(read only)", "0", "-1", "nan"])
def test_a_column_of_canvas_that_has_no_points_is_refused(folder, tmp_path, points):
    export = written(tmp_path / "export.csv", EXPORT.replace(";5;10;", f";5;{points};"))
    with pytest.raises(GraderError, match=r"export.csv:2: Points Possible: .* is no number of points"):
        write(folder, "canvas", None, export)


def test_a_template_is_not_written_over(folder):
    written(folder.path / "canvas.csv", EXPORT)
    with pytest.raises(GraderError, match="would be written over"):
        write(folder, "canvas", None, folder.path / "canvas.csv")
    assert (folder.path / "canvas.csv").read_text() == EXPORT


@pytest.mark.parametrize(
    ("roster", "names"),
    [
        ("student,login,penalty\nplain,p1,50\nBob,PLAIN,0\n", "plain: is named by the lines 2, 3 of the roster"),
        ("student,name,penalty\nplain,One,50\nplain2,Two,0\n,,\n", ""),
    ],
)
def test_a_name_that_is_the_login_of_another_names_nobody(folder, tmp_path, roster, names):
    folder.add("plain", 6)
    folder.add("Bob", 5)
    rows, problems = table(folder, "csv", written(tmp_path / "roster.csv", roster), encoding="utf-8-sig")
    score = next(row["score"] for row in rows if row["student"] in ("plain", "One"))
    assert (score, any(names in problem for problem in problems)) == ("6" if names else "3", bool(problems))


def test_two_reports_that_claim_one_line_of_the_roster_or_one_number_are_told_to_no_system(folder, tmp_path):
    folder.add("ann", 6)
    folder.add("a1", 5)
    folder.add("Zoe Two", 1, "11")
    roster = written(tmp_path / "roster.csv", "student,login,penalty\nann,a1,50\nroe,r1,0\n")
    path, problems = write(folder, "canvas", roster)
    assert import_canvas(path.read_text())[1] == {"12": "10", "13": "4"}
    assert [p for p in problems if "claim to be the same student" in p] == [
        "Zoe Two_11, Zoë Ødegård_11: claim to be the same student (id 11), so none of them is taken to be",
        "a1, ann: claim to be the same student (line 2), so none of them is taken to be",
    ]


def test_a_line_of_an_export_that_two_may_be_meant_by_is_left_out(folder, tmp_path):
    folder.add("Ann", 6)
    folder.add("bob", 5)
    export = written(tmp_path / "e.csv", EXPORT + "Ann;;;bob;B;;;\nPoe, Ed;77;;roe;B;;;\n")
    path, problems = write(folder, "canvas", None, export)
    assert import_canvas(path.read_text())[1] == {"11": "7,5", "13": "4"}
    assert any(problem.startswith("Ann: Ann, bob may be meant") for problem in problems)


def test_a_roster_that_matches_nobody_is_an_error_and_is_not_kept(folder, tmp_path):
    roster = written(tmp_path / "roster.csv", "student,penalty\nnobody,10\n")
    with pytest.raises(GraderError, match="its one student has no report"):
        write(folder, "csv", roster)
    assert folder.roster is None


def test_a_roster_is_kept_and_applied_to_all_that_is_written(grade, folder, tmp_path):
    folder.add("ann", 8, "20")
    folder.add("excused", 1, "15")
    roster = written(
        tmp_path / "roster.csv", "id,name,penalty,attempts,excused\n20,Ann Lee,25,,\n13,,,last,\n15,,,,yes\n"
    )
    assert grade("gradebook", folder.path, "--roster", roster)[0] == 0
    roster.unlink()
    grade("gradebook", folder.path, "--format", "canvas")
    grades = import_canvas((folder.path / "canvas.csv").read_text())[1]
    assert (grades["20"], grades["13"], grades["15"]) == ("6", "2", "EX")
    assert grade("report", folder.path, "--html", tmp_path / "pages")[0] == 0
    page = (tmp_path / "pages/ann_20.html").read_text()
    assert "Ann Lee" in page
    assert "Penalty: 25 % of the points are taken off: 8 became 6." in page
    assert "Another attempt counts." in (tmp_path / "pages/roe_13.html").read_text()
    assert "Excused: this does not count." in (tmp_path / "pages/excused_15.html").read_text()
    _, _, err = grade("class", folder.path, "--html", tmp_path / "class.html")
    assert "2 reports do not count, by the roster, and are not on the page" in err
    assert "Ann Lee" in (tmp_path / "class.html").read_text()


def test_what_is_older_than_the_reports_or_the_roster_is_told(grade, folder, tmp_path):
    for form in ("csv", "canvas"):
        assert "out of date" not in grade("gradebook", folder.path, "--format", form).err
    roster = written(tmp_path / "roster.csv", "id,penalty\n11,50\n")
    _, _, err = grade("gradebook", folder.path, "--roster", roster)
    assert f"{folder.path}: out of date, write them again: canvas.csv" in err
    grade("gradebook", folder.path, "--format", "canvas")
    folder.add("late", 3)
    _, _, err = grade("gradebook", folder.path)
    assert "write them again: canvas.csv" in err


def score_of(folder: ReportFolder, student: str) -> str:
    text = (folder.path / "gradebook.csv").read_text(encoding="utf-8-sig")
    return next(row["score"] for row in csv.DictReader(io.StringIO(text)) if row["student"] == student)


def test_a_table_that_was_written_at_the_moment_of_a_decision_is_written_anew(grade, folder, monkeypatch):
    folder.add("ann", 8)
    write(folder)
    with monkeypatch.context() as patched:
        patched.setattr(gradebook, "renew", lambda _: None)
        grade("decide", "ann", "total", 4, "--reports", folder.path, "--as", "eve")
    for path in (folder.path / "gradebook.csv", folder.log.path, folder.json):
        os.utime(path, ns=(10**18, 10**18))
    assert (score_of(folder, "ann"), folder.outdated()) == ("8", [])
    gradebook.renew(folder)
    assert score_of(folder, "ann") == "4"


def test_the_table_follows_every_decision_and_nothing_is_told(grade, folder, tmp_path):
    folder.add("ann", 8)
    write(folder)
    folder.keep_roster("student,name\nann,Ann Lee\n")
    times = written(tmp_path / "times.csv", "student,late\nann,3\n")
    steps = [
        (("decide", "ann", "total", 4), "4"),
        (("decide", "ann", "total", 6), "6"),
        (("late", "--percent", 50, "--times", times, "--yes"), "3"),
        (("undo",), "6"),
        (("resolve", "ann", "--score", 2), "2"),
        (("resolve", "ann", "--score", "2,5"), "2.5"),
    ]
    for command, score in steps:
        code, _, err = grade(*command, "--reports", folder.path, "--as", "eve")
        assert (code, err, score_of(folder, "Ann Lee")) == (0, "", score), command
    assert [path.name for path in folder.path.glob(".*.part")] == []


def test_a_table_into_which_a_person_wrote_is_left_as_it_is_and_told(grade, folder):
    path, _ = write(folder)
    theirs = path.read_bytes() + b"a line of my own\n"
    path.write_bytes(theirs)
    _, _, err = grade("decide", "roe", "total", 4, "--reports", folder.path)
    assert path.read_bytes() == theirs
    assert "out of date, write them again: gradebook.csv; `grade gradebook " in err


def test_what_was_decided_is_kept_where_the_table_cannot_be_written(grade, folder):
    write(folder)
    (folder.path / ".gradebook.csv.part").mkdir()
    code, told, err = grade("decide", "roe", "total", 4, "--reports", folder.path)
    assert (code, "4 of" in told, "cannot be written" in err) == (0, True, True)
    assert len(folder.log.read().decisions) == 1


def test_a_table_that_somebody_put_there_is_none_of_this_programs(grade, folder):
    written(folder.path / "names.csv", "student\nroe\n")
    assert grade("decide", "roe", "total", 4, "--reports", folder.path).err == ""


def import_moodle(text: str, users: set[str]) -> dict[str, str]:
    """What Moodle takes from a table of grades; it gives up at the first line that it does not understand."""
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert head[1:] == ["grade", "feedback"]
    assert head[0] in ("idnumber", "email", "username", "userid")
    for identity, score, _ in rows:
        assert identity in users
        assert 0 <= float(score) <= 10
    return {row[0]: row[1] for row in rows}


def test_moodle_gets_nobody_whom_it_would_not_find(folder, tmp_path):
    with pytest.raises(GraderError, match="moodle needs --roster FILE"):
        write(folder, "moodle")
    roster = written(tmp_path / "roster.csv", "id,email\n11,zoe@x.no\n12,=cmd@x.no\n13,roe@x.no\n14,empty@x.no\n")
    path, problems = write(folder, "moodle", roster)
    assert import_moodle(path.read_text(), {"zoe@x.no", "roe@x.no"}) == {"zoe@x.no": "7.5", "roe@x.no": "4"}
    assert sorted(problems) == [
        "%3DHYPERLINK(1)_12: has no usable email in the roster; left out",
        "empty_14: it cannot be graded, so there is no score; left out",
    ]


HEAD = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\n"
WORKSHEET = (
    HEAD
    + 'Participant 11,Zoë Ødegård,z@x.no,Submitted for grading,,100.00,Yes,"Tuesday, 3 November 2026, 9:00 AM",-,\n'
    + "Participant 13,Jane Roe,r@x.no,Submitted for grading,,100.00,No,-,-,\n"
    + "Participant 15,Absent,a@x.no,No submission,,100.00,Yes,-,-,\n"
)


def test_a_worksheet_of_moodle_is_filled_in_and_scaled(folder, tmp_path):
    template = written(tmp_path / "worksheet.csv", WORKSHEET)
    rows, problems = table(folder, "moodle-worksheet", None, template)
    assert [row["Grade"] for row in rows] == ["75", "", ""]
    assert rows[0]["Feedback comments"] == "Title, and one thing more is wrong."
    unchanged = [name for name in rows[0] if name not in ("Grade", "Feedback comments")]
    for row, before in zip(rows, csv.DictReader(io.StringIO(WORKSHEET)), strict=True):
        assert [row[name] for name in unchanged] == [before[name] for name in unchanged]
    assert any("the grade of roe_13 cannot be changed" in problem for problem in problems)
    assert any("no participant 12" in problem for problem in problems)
    with pytest.raises(GraderError, match="needs --template"):
        write(folder, "moodle-worksheet")
    with pytest.raises(GraderError, match=r"has no column `Identifier`; .* set to English"):
        write(folder, "moodle-worksheet", None, written(template, WORKSHEET.replace("Identifier", "Identifiant")))


def test_gradescope_gets_its_results_and_no_score_where_there_is_none(folder):
    path, _ = write(folder, "gradescope")
    results = {p.stem: json.loads(p.read_text()) for p in path.iterdir()}
    assert set(results) == {"%3DHYPERLINK(1)_12", "Zoë Ødegård_11", "roe_13", "empty_14"}
    for result in results.values():
        assert set(result) <= {
            "score",
            "execution_time",
            "output",
            "output_format",
            "visibility",
            "stdout_visibility",
            "tests",
        }
        for test in result["tests"]:
            assert test["status"] in ("passed", "failed")
            assert test["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
            assert 0 <= test["score"] <= test["max_score"]
    assert results["roe_13"]["score"] == 4
    assert "score" not in results["empty_14"]


@given(st.text() | st.text("=+-@\t\r\n ,;\u00a0\u200b\ufeff'\0a"))
def test_no_cell_begins_a_formula_and_every_cell_comes_back(text):
    cell = defused(text)
    assert not re.match(r"[\s\0\u00a0\u200b\ufeff]*[=+\-@]|[\t\r]", cell)
    assert not re.search(r"[,;\t\r\n][\s\0\u00a0\u200b\ufeff]*[=+\-@]", cell)
    assert cell.replace("'", "") == text.replace("\0", "").replace("'", "")
    (row,) = csv.reader(io.StringIO("".join(lines([[cell, "b"]])), newline=""), strict=True)
    assert row == [cell, "b"]


def test_a_report_of_another_version_is_told_as_that_and_nobody_is_said_to_be_missing(grade, folder):
    folder.add("roe_13", 5)
    file = folder.json / "roe_13.json"
    file.write_text(file.read_text().replace("grader/report/3", "grader/report/99", 1))
    words = "is a report of another version of this program (grader/report/99; this one reads grader/report/3)"
    for command in (("gradebook", folder.path), ("show", "roe", "--reports", folder.path), ("report", file, "--html", folder.path / "x.html")):  # fmt: skip
        assert words in grade(*command).err, command


def test_of_a_file_that_cannot_be_written_people_are_told_its_own_name(grade, folder, monkeypatch):
    def refuse(path: object, *_: object, **__: object) -> int:
        raise OSError(errno.EROFS, "x", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        patch.setattr("builtins.open", refuse)
        assert (
            grade("gradebook", folder.path).err
            == f"grade: {folder.path}/gradebook.csv: cannot be written: this disk can only be read\n"
        )


def test_the_command_writes_the_table_and_lists_what_is_left_out(grade, folder, tmp_path):
    status, out, err = grade("gradebook", folder.path, "--format", "canvas")
    assert (status, out) == (0, f"{folder.path}/canvas.csv\n")
    assert "empty_14: it cannot be graded, so there is no score; left out" in err
    status, _, err = grade("gradebook", tmp_path)
    assert (status, "is no folder of reports; `grade batch` makes one" in err) == (2, True)
    assert grade("gradebook", folder.path, "--template", "x.csv")[0] == 2
