"""What people decide is kept as it was written, counts everywhere, and can be taken back."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from grader.decisions import FILE, Decision, DecisionLog, Standing, What
from grader.decisions.making import Maker, Refused
from grader.decisions.record import NotADecision, as_line, from_line
from grader.errors import GraderError
from grader.gradebook import remembered, write
from grader.gradebook.applying import Agreements
from grader.gradebook.finding import the_one
from grader.gradebook.rows import rows
from grader.grading.reporting import not_graded
from grader.intake.naming import as_file_name
from grader.records import Isolation, Outcome, SubmissionId
from grader.report_folder import ReportFolder
from grader.reports import json_report, reading
from grader.reports.html.page import student_page
from grader.wire.facts import Fact
from grader.words import say

CHECK = "output-weights"


@pytest.fixture
def folder(tmp_path, assignment):
    """A folder of reports: `ann` has 3 of 10 points, `bob` could not be read, `cas` has two attempts."""
    folder = ReportFolder(tmp_path / "reports")

    def add(
        student: str, number: str, points: float, outcome: Outcome = Outcome.RETURNED, attempt: int = 1, late=False
    ):
        digest = "" if outcome is Outcome.UNREADABLE else f"{number:0>63}{attempt}"
        whose = SubmissionId(f"{student}.py", f"class/{student}.py", digest, student, number, late, attempt)
        fact = Fact("cannot-be-read", {"file": "a.py", "why": Fact("is-empty")})
        report = not_graded(whose, assignment, outcome, fact, "1", Isolation("full", ""))
        first = replace(report.checks[0], points=points)
        report = replace(report, score=points, checks=(first, *report.checks[1:]))
        folder.write(as_file_name(f"{student}_{number}", attempt), json_report.as_data(report))

    with folder.claimed("mynet", "Title"):
        add("ann", "1", 1.5)
        add("bob", "2", 0, Outcome.UNREADABLE)
        add("cas", "3", 1)
        add("cas", "3", 0.5, attempt=2, late=True)
    return folder


def scores(folder: ReportFolder) -> dict[str, float | None]:
    return {row.name: row.score for row in rows(folder, remembered(folder), [])}


def told(folder: ReportFolder) -> list[str]:
    problems: list[Fact] = []
    list(rows(folder, remembered(folder), problems))
    return [say(problem) for problem in problems]


def decide(folder: ReportFolder, who: str, student: str, points: float, check: str = CHECK, **options) -> Decision:
    name, data = the_one(folder, remembered(folder), student)
    return Maker(folder.log, who).points(name, data, check, points, why="because", **options)[0]


def test_points_that_a_person_gives_count_everywhere_beside_what_was_measured(folder):
    decide(folder, "eve", "ann", 2)
    decide(folder, "eve", "2", 7, "total")
    assert scores(folder) == {"ann_1": 2, "bob_2": 7, "cas_3": 1}
    agreed = Agreements(folder, remembered(folder))
    page = {n: student_page(agreed.applied(n, reading.read(folder.json / f"{n}.json")), for_students=True) for n in ("ann_1", "bob_2")}  # fmt: skip
    assert "a person gave these points; measured: 1.5" in page["ann_1"]
    assert "because" not in page["ann_1"], "the reason is for instructors"
    assert "A person gave 7 points for the whole" in page["bob_2"]
    table = write(folder)[0].read_text(encoding="utf-8-sig")
    assert "ann,1,class/ann.py,2,10,2," in table
    assert json.loads((folder.json / "ann_1.json").read_text())["score"] == 1.5, "what was measured stays as it was"


def test_a_decision_is_taken_back_and_what_it_replaced_counts_again(folder):
    first = decide(folder, "eve", "ann", 1)
    second = decide(folder, "kim", "ann", 2)
    assert second.replaces == (first.id,)
    for expected, undone in ((2, None), (1, second), (1.5, first)):
        if undone:
            Maker(folder.log, "eve").undo([undone.id])
        assert scores(folder)["ann_1"] == expected
    with pytest.raises(Refused):
        Maker(folder.log, "eve").undo([first.id])


def test_what_holds_does_not_depend_on_the_order_of_lines_or_on_clocks():
    def one(mark: str, when: str, points: float, *replaces: str) -> Decision:
        return Decision(when, "eve", What.POINTS, "ann", CHECK, points, 2.0, replaces=replaces, id=mark)

    decisions = [
        one("aaaa", "2027-01-01T00:00:00Z", 1),
        one("bbbb", "2026-01-01T00:00:00Z", 2, "aaaa"),
        one("cccc", "2020-01-01T00:00:00Z", 0, "bbbb"),
        Decision("2019-01-01T00:00:00Z", "eve", What.UNDO, replaces=("cccc",), id="dddd"),
    ]
    for order in permutations(decisions):
        standing = Standing(order)
        assert standing.on((What.POINTS, "ann", CHECK)).points == 2
        assert not standing.contradictions


def test_two_people_who_knew_nothing_of_each_other_are_told_and_the_better_points_count_until_then(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    decide(folder, "eve", "ann", 0.5)
    line = as_line(replace(folder.log.read().decisions[0], id="9999ffff", who="kim", points=2.0))
    (other / FILE).write_text(line)
    assert len(folder.log.merge(other / FILE)) == 1
    assert folder.log.merge(other / FILE) == []
    assert scores(folder)["ann_1"] == 2
    assert any(":1: ann_1: decided otherwise on line 2 (eve: output-weights: " in line for line in told(folder))
    decide(folder, "eve", "ann", 1)
    assert (scores(folder)["ann_1"], told(folder)) == (1, [])


def test_points_for_another_file_than_the_one_that_is_graded_now_do_not_count_and_are_told(folder):
    decide(folder, "eve", "ann", 0)
    data = folder.load("ann_1")
    folder.write("ann_1", data | {"submission": data["submission"] | {"sha256": "f" * 64}})
    assert scores(folder)["ann_1"] == 1.5
    assert "were given for another file" in told(folder)[0]


GOOD = {"when": "2026-11-28T21:00:00Z", "who": "eve", "what": "points", "student": "ann_1", "check": CHECK, "points": 1,
        "out_of": 2, "file": "0" * 62 + "11", "id": "abcd1234"}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (json.dumps(GOOD | {"student": "nobody"}), "there is no report `nobody`"),
        (json.dumps(GOOD | {"check": "weights"}), "there is no check `weights`; there are output-weights"),
        (json.dumps(GOOD | {"points": 3}), '3 points of 2 are more than there are; add "above": true'),
        (json.dumps(GOOD | {"points": -1}), "`points` is -1; it must be a number from 0 on"),
        (json.dumps(GOOD | {"points": "one"}), '`points` is "one"; it must be a number'),
        (json.dumps(GOOD | {"pionts": 1}), "`pionts` does not belong to a decision of the kind `points`"),
        (json.dumps(GOOD | {"what": "rubric"}), '`what` is "rubric", which this version does not know'),
        (json.dumps({k: v for k, v in GOOD.items() if k != "who"}), "`who` is missing"),
        (json.dumps(GOOD)[:-9], "is no whole line of JSON: look at letter "),
        ('{"points": NaN}', "NaN is no number"),
        ("[1]", "is no decision"),
        ("{}", "`what` is missing"),
        ("[" * 5000, "brackets are nested too deep"),
        (json.dumps(GOOD | {"student": "ann"}), "there is no report `ann`; did you mean `ann_1`?"),
        (
            json.dumps({"when": "x", "who": "eve", "what": "undo", "replaces": ["00001112"], "id": "abcd1234"}),
            "takes back `00001112`, which is the id of no line",
        ),
    ],
)
def test_a_slip_of_somebody_who_edits_the_file_is_told_with_its_line_and_the_other_lines_count(folder, line, words):
    good = json.dumps(GOOD | {"points": 2, "id": "00001111"})
    folder.log.path.write_text(f"# by hand\n{line}\n{good}\n", encoding="utf-8")
    assert any(problem.startswith(f"{folder.log.path}:2: ") and words in problem for problem in told(folder))
    assert scores(folder)["ann_1"] == 2


@pytest.mark.parametrize(
    ("check", "points", "words"),
    [
        ("nope", 1, "no such check; there are output-weights"),
        (CHECK, 2.5, "2.5 of 2 points"),
        (CHECK, float("nan"), "nan"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(folder, check, points, words):
    with pytest.raises(Refused, match=words):
        decide(folder, "eve", "ann", points, check)
    assert not folder.log.path.exists()


def test_more_points_than_there_are_can_be_meant(folder):
    decide(folder, "eve", "ann", 2.5, above=True)
    assert scores(folder)["ann_1"] == 2.5


def test_a_comment_an_excuse_and_a_name_reach_the_tables(folder):
    maker = Maker(folder.log, "eve")
    maker.text(What.COMMENT, ["ann_1", "cas_3"], "=Look at the last layer")
    maker.text(What.NAME, ["bob_2"], "Robert")
    maker.excuse("bob_2", why="ill")
    found = {row.name: row for row in rows(folder, remembered(folder), [])}
    assert found["ann_1"].comments == ["=Look at the last layer"]
    assert (found["bob_2"].student, found["bob_2"].entry.excused) == ("Robert", True)
    assert ",'=Look at the last layer" in write(folder)[0].read_text(encoding="utf-8-sig")


def test_whoever_is_meant_is_found_by_name_number_or_part_of_it_and_several_are_told(folder):
    for word in ("ann_1", "ANN", "1", "ann.py"):
        assert the_one(folder, remembered(folder), word)[0] == "ann_1"
    with pytest.raises(GraderError, match="several may be meant: ann_1, bob_2, cas_3"):
        the_one(folder, remembered(folder), ".py")
    with pytest.raises(GraderError, match=r"nobody in .* is called so; did you mean ann_1"):
        the_one(folder, remembered(folder), "anm")


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_a_line_that_a_crash_cut_short_is_set_aside_and_a_whole_one_that_lacks_its_end_counts(tmp_path, cut):
    log = DecisionLog(tmp_path)
    whole = json.dumps(GOOD)
    log.path.write_text(f"{whole}\n" + (whole.replace("abcd1234", "abcd5678") + "\n")[:cut])
    assert log.read().problems == ()
    log.add([replace(from_line(whole), id="abcd9999")])
    again = DecisionLog(tmp_path).read()
    assert [d.id for d in again.decisions] == ["abcd1234", *(["abcd5678"] if cut == -1 else []), "abcd9999"]
    assert again.problems == ()


def test_whoever_asks_twice_for_the_same_decision_gets_it_once(folder):
    for _ in range(2):
        name, data = the_one(folder, remembered(folder), "ann")
        Maker(folder.log, "eve").points(name, data, CHECK, 1, why="", mark="0123abcd")
    assert len(folder.log.read().decisions) == 1


DECIDE_FOR_EVER = """
import sys, itertools
from pathlib import Path
from grader.decisions import Decision, DecisionLog, What
log = DecisionLog(Path(sys.argv[1]))
for n in itertools.count():
    log.add([Decision("", sys.argv[2], What.COMMENT, "ann", text=f"{sys.argv[2]} {n} " + "x" * 3000)])
    print(n, flush=True)
"""


def test_killed_at_any_moment_nothing_that_was_confirmed_is_lost_and_nothing_is_there_twice(tmp_path):
    chance = random.Random(7)
    expected: set[str] = set()
    for turn in range(6):
        names = [f"w{turn}a", f"w{turn}b"]
        running = [
            subprocess.Popen([sys.executable, "-c", DECIDE_FOR_EVER, str(tmp_path), name], stdout=subprocess.PIPE, text=True)
            for name in names
        ]  # fmt: skip
        for process in running:
            assert process.stdout.readline() == "0\n"
        time.sleep(chance.random() / 20)
        for name, process in zip(names, running, strict=True):
            os.kill(process.pid, signal.SIGKILL)
            confirmed = ["0\n", *process.stdout.read().splitlines(keepends=True)]
            process.wait()
            process.stdout.close()
            expected |= {f"{name} {line.strip()} " for line in confirmed if line.endswith("\n")}
    DecisionLog(tmp_path).add([Decision("", "end", What.COMMENT, "ann", text="end")])
    read = DecisionLog(tmp_path).read()
    there = [decision.text.rstrip("x") for decision in read.decisions]
    assert read.problems == ()
    assert expected <= set(there)
    assert len(there) == len(set(there))


@pytest.mark.parametrize("line", ["", "{}", "null", '{"what": []}', "{" * 100_000])
def test_anything_may_stand_in_a_line(line):
    with pytest.raises(NotADecision):
        from_line(line)


def test_a_decision_is_its_line():
    decision = Decision("w", "é", What.POINTS, "s", "c", 1.5, 2.0, file="f", why='"\n', replaces=("a", "b"), id="abcd")
    assert from_line(as_line(decision)) == decision
    assert as_line(decision).count("\n") == 1


def test_the_file_is_for_its_owner_alone(tmp_path: Path):
    DecisionLog(tmp_path).add([Decision("", "eve", What.EXCUSE, "ann")])
    assert (tmp_path / FILE).stat().st_mode & 0o77 == 0
