"""What the commands of an instructor print is said in the language that is asked for, or in that of the locale."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.decisions import Decision, What
from grader.decisions.making import Maker
from grader.grading.reporting import not_graded
from grader.intake.naming import as_file_name
from grader.records import Isolation, Outcome, SubmissionId
from grader.report_folder import ReportFolder
from grader.reports import json_report
from grader.wire.facts import Fact

DATA = re.compile(r"DIR\S*|[a-z]+( +[\d.%-]+)+ *|[─ ]*")
"""A line that holds no words of this program: a path, a row of names and numbers, a rule."""
TIMES = "student,late\nann,30\nbob,0\nnobody,5\n"
ROSTER = "student,excused\nann,\ndan,yes\ngone,\n"


@pytest.fixture
def folders(tmp_path, assignment) -> Callable[[str], ReportFolder]:
    """The same folder of reports as often as it is asked for: two students with points, two at whom somebody must look."""

    def made(name: str) -> ReportFolder:
        folder = ReportFolder(tmp_path / name)
        with folder.claimed("mynet", "Title"):
            for student, points in (("ann", 1.5), ("bob", None), ("cas", 1.0), ("dan", None)):
                digest = "" if points is None else f"{student:0>64}"
                outcome = Outcome.UNREADABLE if points is None else Outcome.RETURNED
                whose = SubmissionId(f"{student}.py", f"class/{student}.py", digest, student)
                fact = Fact("cannot-be-read", {"file": "a.py", "why": Fact("is-empty")})
                report = not_graded(whose, assignment, outcome, fact, "1", Isolation("full", ""))
                checks = (replace(report.checks[0], points=points or 0.0), *report.checks[1:])
                report = replace(report, score=points or 0.0, checks=checks)
                folder.write(as_file_name(student), json_report.as_data(report))
        (folder.path / "old.html").write_text("a page from before")
        (folder.path / "times.csv").write_text(TIMES)
        (folder.path / "names.csv").write_text(ROSTER)
        Maker(folder.log, "eve").all([Decision("", "", What.WORTH, check="hidden-weights", points=13.0)])
        return folder

    return made


def disputed(folder: ReportFolder) -> None:
    """Two people gave other points without knowing of each other, and a third for another file."""
    first = Decision("", "eve", What.POINTS, "ann", "output-weights", 1.0, 2.0, file=f"{'ann':0>64}")
    folder.log.add([first, replace(first, who="kim", points=0.5), replace(first, student="cas", file="f" * 64)])


COMMANDS = (
    "decide ann output-weights 1 --reports DIR",
    "undo --reports DIR",
    "comment ann Bien --reports DIR",
    "resolve bob --score 3 --reports DIR",
    "resolve bob --name Bob --reports DIR",
    "resolve dan --excuse --reports DIR",
    "gradebook DIR --roster DIR/names.csv",
    "gradebook DIR --format canvas",
    "late --times DIR/times.csv --percent 10 --reports DIR",
    "late --percent 20 --yes --reports DIR",
    "points --yes --reports DIR",
    "points --yes --reports DIR",
    "class DIR --html DIR/class.html",
    "release --for mail --reports DIR",
    "merge DIR --reports DIR",
)


def run(grade, folder: ReportFolder, command: str, *options: str) -> list[str]:
    """The lines that a command prints, without what differs from run to run."""
    arguments = [part.replace("DIR", str(folder.path)) for part in command.split(" ")]
    code, out, err = grade(*arguments, *options)
    assert "Traceback" not in err
    assert code in (0, 1), err
    told = (out + err).replace(str(folder.path), "DIR")
    return [
        re.sub(r"grade undo [0-9a-z-]+", "grade undo ID", line.removeprefix("grade: ")) for line in told.splitlines()
    ]


def words_in_both(one: list[str], other: list[str]) -> list[str]:
    return [line for line in one if line in other and not DATA.fullmatch(line)]


def test_of_each_command_no_line_in_french_is_the_english_one(grade, folders, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("o\n" * 2))
    english, french = folders("english"), folders("french")
    for command in COMMANDS:
        en, fr = run(grade, english, command), run(grade, french, command, "--language", "fr")
        assert (len(en), words_in_both(en, fr)) == (len(fr), []), command
        assert any(not DATA.fullmatch(line) for line in fr), f"{command}: it says something"


def test_what_is_wrong_with_decisions_is_told_in_the_language_and_nothing_goes_out(grade, folders):
    told = {}
    for language in ("en", "fr"):
        folder = folders(language)
        disputed(folder)
        merged = run(grade, folder, "merge DIR --reports DIR", "--language", language)
        code, _, err = grade("release", "--for", "mail", "--reports", folder.path, "--language", language)
        assert (code, (folder.path / "return").exists()) == (2, False)
        told[language] = [*merged, *err.replace(str(folder.path), "DIR").splitlines()]
    assert words_in_both(told["en"], told["fr"]) == []
    assert "Rien n'est rendu : réglez d'abord cela." in told["fr"]
    assert any("décidé autrement à la ligne 3 (eve : output-weights : 1 points" in line for line in told["fr"])


@pytest.mark.parametrize(
    "command",
    [
        "decide zed total 1 --reports DIR",
        "decide n total 1 --reports DIR",
        "decide ann total 99 --reports DIR",
        "decide ann weights 1 --reports DIR",
        "comment ann  --reports DIR",
        "undo --reports DIR",
        "undo abcd --reports DIR",
        "decide ann total 1",
        "resolve ann --reports DIR",
        "resolve ann --main a.py --reports DIR",
        "late --cap 5 --reports DIR",
        "late --reports DIR",
        "late --times DIR/times.csv --due soon --reports DIR",
        "late --times nowhere.csv --reports DIR",
        "late --times slip.csv --reports DIR",
        "gradebook DIR --roster slip.csv",
        "gradebook DIR --roster picture.csv",
        "gradebook DIR --template slip.csv",
        "gradebook DIR --format canvas --template slip.csv",
        "gradebook DIR --format moodle",
        "gradebook DIR --format moodle-worksheet",
        "gradebook .",
        "merge nowhere --reports DIR",
        "merge slip.jsonl --reports DIR",
        "class nowhere.json --html page.html",
        "class slip.jsonl --html page.html",
        "report DIR --html slip.py",
        "batch nowhere --out out",
        "batch DIR --out out",
        "batch slip.py --out . --assignment mynet",
        "batch slip.py --out out --assignment my-net",
        "batch slip.py --out out --isolation fort",
        "similar nowhere",
        "list nobodys-course",
        "handout mynet --out DIR --github --gradescope",
        "gradebok DIR",
        "gradebook DIR DIR",
        "comment ann Well done --reports DIR",
        "decide ann",
        "decide ann total many --reports DIR",
        "resolve ann --score -1 --reports DIR",
        "late --percent 101 --reports DIR",
        "gradebook DIR --format word",
        "release --fro canvas",
        "release --for canvas --reports DIR",
        "batch slip.py --servers 0 --out out",
    ],
)
def test_what_cannot_be_done_is_told_in_the_language(grade, folders, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("slip.csv").write_text('student,penalti,late\nann,1,soon\n"bob,2,3\n')
    Path("picture.csv").write_bytes(b"\x89PNG\r\n\x00")
    Path("slip.jsonl").write_text('{"what": "points"}\n{"when"\n\n')
    Path("slip.py").write_text("x = 1\n")
    folder = folders("reports")
    arguments = [part.replace("DIR", str(folder.path)) for part in command.split(" ")]
    folders("others")
    monkeypatch.setenv("GRADE_AS", "kim")
    en, fr = grade(*arguments), grade(*arguments, "--language", "fr")
    assert (en.status, fr.status) == (2, 2)
    assert "Traceback" not in en.err
    assert words_in_both(en.err.splitlines(), fr.err.splitlines()) == []
    assert fr.err


def test_code_that_is_shared_is_told_in_the_language(grade, tmp_path):
    (tmp_path / "class").mkdir()
    text = (Path(__file__).parent.parent / "submissions/alice.py").read_text()
    for name in ("ann", "bob"):
        (tmp_path / f"class/{name}.py").write_text(text)
    (tmp_path / "class/cas.py").write_text("")
    command = ("similar", tmp_path / "class", "--assignment", "mynet")
    en, fr = ((p.out + p.err).splitlines() for p in (grade(*command), grade(*command, "--language", "fr")))
    assert (len(en), words_in_both(en, fr)) == (len(fr), [])


@pytest.mark.parametrize(("locale", "told"), [("fr_FR.UTF-8", "annulé : "), ("de_DE.UTF-8", "taken back: ")])
def test_the_language_is_that_of_the_locale_where_none_is_asked_for(grade, folders, monkeypatch, locale, told):
    monkeypatch.setenv("LC_ALL", locale)
    folder = folders("reports")
    run(grade, folder, "decide ann output-weights 1 --reports DIR")
    assert run(grade, folder, "undo --reports DIR")[0].startswith(told)


@pytest.mark.parametrize(("answer", "kept"), [("y", True), ("Oui", True), ("o", True), ("n", False), ("", False)])
def test_a_rule_is_kept_only_where_the_answer_is_yes(grade, folders, monkeypatch, answer, kept):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
    folder = folders("reports")
    run(grade, folder, "late --percent 10 --reports DIR")
    assert any(True for _ in folder.standing().of_class(What.LATE_RULE)) is kept
