"""`grade check`: what students see of their own work, where there is no reference."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest
import torch

from grader import submission
from grader.assignment import load
from grader.errors import AssignmentError
from grader.key import builder, exercises
from grader.key.obtaining import obtain_key
from grader.records import Level, Verdict, Visibility
from grader.reports.changes import changes
from grader.reports.markdown import as_markdown
from grader.selfcheck.practice import Checked, Desk
from tests.conftest import ROOT, SEED, SLUGS, assignment_and_key, words_of
from tests.corpus import cases, handed_in, header

SAMPLES = ROOT / "submissions"


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Path:
    """What a student has of the course: the assignments, and no reference."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "assignments", folder / "assignments")
    return folder


@pytest.fixture(scope="session")
def desk(course) -> Iterator[Desk]:
    with Desk(course, SEED, print) as desk:
        yield desk


def check(desk: Desk, path: Path, slug: str = "") -> Checked:
    handed_in = submission.read(path)
    return desk.check(handed_in, slug or desk.assignment_of(handed_in))


SCRIPTS = cases("descent/right")
"""Checked by the same claims about a run as they are graded by: a few show what a check makes of them."""
WRONG = cases("wrong")[::6]


@pytest.mark.parametrize("case", [*[case for case in cases("right") if case not in SCRIPTS][::4], *SCRIPTS[::20]])
def test_right_work_is_found_right_without_the_reference(case, desk):
    checked = check(desk, handed_in(case), case.split("/")[0])
    assert checked.passed, [f for f in checked.report.findings if words_of(f)] or words_of(checked.report)
    assert checked.report.policy == ()


def test_nothing_is_called_wrong_that_grading_finds_right_and_nearly_all_that_is_wrong_is_found(desk):
    passed = []
    for case in WRONG:
        checked = check(desk, handed_in(case), case.split("/")[0])
        lost = {c.id for c in checked.report.checks if c.points < c.out_of}
        assert lost <= set(header(case, "expects").split()), case
        passed += [case] if checked.passed else []
    assert len(passed) < 0.2 * len(WRONG), passed


@pytest.mark.parametrize("slug", SLUGS)
def test_a_check_tries_public_trials_alone_with_numbers_that_grading_never_draws_from_the_same_seed(slug, desk, course):
    right = cases(f"{slug}/right")[0]
    trials = check(desk, handed_in(right), slug).report.trials
    assert trials
    assert {trial.visibility for trial in trials} == {Visibility.PUBLIC}
    tried = obtain_key(load(course, slug, practice=True), SEED, print)
    assert [probe.name for probe in tried.probes] == [trial.name for trial in trials]
    graded = {probe.name: probe for probe in assignment_and_key(slug, SEED)[1].probes}
    for probe in tried.probes:
        assert any((value != graded[probe.name].inputs[name]).any() for name, value in probe.inputs.items())


@pytest.mark.parametrize("seed", ["x", "practice/x"])
def test_no_seed_of_a_check_draws_what_some_seed_of_grading_draws(seed, course):
    grading = assignment_and_key("mynet", seed)[1]
    graded = {probe.name: probe for probe in grading.probes}
    tried = obtain_key(load(course, "mynet", practice=True), "x", print)
    for probe in tried.probes:
        assert any((value != graded[probe.name].inputs[name]).any() for name, value in probe.inputs.items())


@pytest.mark.parametrize("slug", SLUGS)
def test_on_the_same_inputs_the_numbers_are_those_that_the_reference_gives(slug, course, monkeypatch):
    monkeypatch.setattr(exercises, "stream_of", lambda _: "probes")
    before = torch.get_default_dtype()
    try:
        builder.prepare()
        practice = builder.build(load(course, slug, practice=True), SEED)
    finally:
        torch.set_default_dtype(before)
    grading = assignment_and_key(slug, SEED)[1]
    for probe in practice.probes:
        for own, theirs in zip(practice.expected[probe.name], grading.expected[probe.name], strict=True):
            gap = abs(own.double.value - theirs.double.value)
            assert (gap <= own.double.error + theirs.double.error).all(), (probe.name, own.quantity)


def test_an_assignment_that_cannot_be_checked_without_its_reference_says_what_it_lacks():
    with pytest.raises(
        AssignmentError, match=r"swish/by_machine.py: no such file. Students can check themselves where"
    ):
        obtain_key(load(ROOT / "tests/sixth", "swish", practice=True), SEED, print)


def test_without_the_reference_the_first_wrong_quantity_is_told_and_what_is_true_of_it(desk):
    diagnosis = check(desk, SAMPLES / "david.py").report.diagnosis
    assert diagnosis.mistakes == ()
    assert diagnosis.unknown[0].step == "dL_dw[2]"
    assert diagnosis.unknown[0].facts


def test_without_a_catalogue_nothing_is_said_to_be_missing_from_it(grade, course):
    _, out, _ = grade("check", SAMPLES / "david.py", "--course", course, "--seed", SEED)
    assert "david.py, line 9" in out
    assert "catalogue" not in out


@pytest.mark.parametrize("slug", [[], ["mynet"]])
def test_the_catalogue_is_with_the_instructor(slug, grade, course):
    status, out, err = grade("catalogue", *slug, "--course", course)
    assert (status, out) == (2, "")
    assert err == "grade: the catalogue of known mistakes is with the instructor\n"


def test_where_the_catalogue_is_at_hand_hints_go_as_far_as_students_may_read():
    with Desk(ROOT, SEED, print) as desk:
        checked = check(desk, SAMPLES / "chloe.py")
    assert checked.report.student_level is Level.POINTER
    (mistake,) = checked.report.diagnosis.mistakes
    assert (len(mistake.hints["en"]), mistake.right) == (2, "")


def test_a_hidden_check_is_left_to_grading_and_said_to_be(course, tmp_path):
    shutil.copytree(course / "assignments/mynet", tmp_path / "assignments/mynet")
    path = tmp_path / "assignments/mynet/assignment.yaml"
    text = path.read_text()
    path.write_text(text.replace("points: 3, rule: gradient", "points: 3, rule: gradient, visibility: hidden"))
    with Desk(tmp_path, SEED, print) as desk:
        checked = check(desk, SAMPLES / "chloe.py")
    assert checked.untried == ("Weights of the hidden layers",)
    assert "dL_dw[1]" not in {finding.quantity for finding in checked.report.findings}
    assert checked.report.out_of == 7


@pytest.mark.parametrize(("sample", "status"), [("alice.py", 0), ("gwen.ipynb", 0), ("chloe.py", 1), ("ivan.py", 1)])
def test_the_exit_status_tells_whether_something_fails(sample, status, grade, course):
    found, out, _ = grade("check", SAMPLES / sample, "--course", course, "--seed", SEED)
    assert found == status
    assert "grading draws others, and" in out
    assert f"seed {SEED}" not in out


def test_a_file_that_is_not_there_ends_with_2(grade, course, tmp_path):
    status, _, err = grade("check", tmp_path / "nothing.py", "--course", course)
    assert (status, "no such file" in err) == (2, True)


def test_where_a_syntax_error_stops_it_nothing_is_said_to_be_checked(grade, course, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("def backpropagation(model, y_true, y_pred):\n    return (\n")
    _, out, _ = grade("check", file, "--course", course, "--seed", SEED)
    assert "Nothing could be tried" in out
    assert "Checked on" not in out


def test_grading_without_the_reference_is_told_that_checking_does_without(grade, course):
    status, _, err = grade(SAMPLES / "alice.py", "--course", course, "--seed", SEED)
    assert status == 2
    assert f"This installation has no reference for mynet: use `grade check {SAMPLES / 'alice.py'}`\n" in err


def test_where_torch_is_missing_the_command_that_installs_it_is_told(course):
    program = (
        "import importlib.util as u, sys\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'torch' else find(name, *a)\n"
        "sys.modules['torch'] = None\n"
        "from grader.cli import main\n"
        f"main(['check', {str(SAMPLES / 'alice.py')!r}, '--course', {str(course)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{sys.executable} -m pip install torch" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_summary_and_the_result_are_written_beside_the_report(grade, course, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_SHA", "c0ffee")
    monkeypatch.setenv("GRADE_CLASSROOM", "deep-learning")
    summary, result = tmp_path / "summary.md", tmp_path / "result.json"
    summary.write_text("before\n")
    options = ("--course", course, "--seed", SEED, "--summary", summary, "--result", result)
    status, _, _ = grade("check", SAMPLES / "chloe.py", *options)
    assert status == 1
    assert summary.read_text().startswith("before\n## Backpropagation of a tanh network: 3 / 10\n")
    told = json.loads(result.read_text())
    assert (told["schema"], told["classroom"], told["commit"]) == ("classroom50/result/v1", "deep-learning", "c0ffee")
    assert sum(test["score"] for test in told["tests"]) == told["score"] == 3


def test_files_of_one_check_are_not_asked_of_a_watch_without_end(grade, course, tmp_path):
    status, _, err = grade("check", SAMPLES / "alice.py", "--watch", "--summary", tmp_path / "summary.md")
    assert (status, "--summary and --result are for one check" in err) == (2, True)


def test_a_summary_that_cannot_be_written_ends_with_2(grade, course, tmp_path):
    place = tmp_path / "no/summary.md"
    status, _, err = grade("check", SAMPLES / "alice.py", "--course", course, "--seed", SEED, "--summary", place)
    assert (status, "cannot be written" in err) == (2, True)


def test_what_a_submission_prints_or_raises_is_no_markdown_and_no_html(desk, tmp_path):
    path = tmp_path / "student.py"
    path.write_text(
        "def backpropagation(m, t, p):\n    raise ValueError('</pre><script>x</script>\\n```\\n# [a](b)')\n"
    )
    text = as_markdown(check(desk, path).report, [])
    lines = [line for line in text.splitlines() if "script" in line or "[a](b)" in line or "```" in line]
    assert lines
    assert all(line.startswith("    ") for line in lines)


# ---- what changed


def test_what_changed_is_told_quantity_by_quantity_and_in_points(desk):
    wrong, right = (check(desk, SAMPLES / name).report for name in ("emma.py", "alice.py"))
    assert changes(wrong, right)[-1] == "5 -> 10 points"
    assert "now: it ran to its end" in changes(wrong, right)
    assert changes(right, right) == ["nothing changed: 10 points"]
    chloe = check(desk, SAMPLES / "chloe.py").report
    back = "dL_dw[2], dL_db[2], dL_dw[1], dL_db[1]: right before, wrong now"
    assert changes(right, chloe) == [back, "10 -> 3 points"]


def test_one_quantity_is_told_in_the_singular(desk, tmp_path):
    source = (SAMPLES / "alice.py").read_text()
    path = tmp_path / "student.py"
    path.write_text(
        source + "\nright = backpropagation\n\n\ndef backpropagation(model, y_true, y_pred):\n"
        "    right(model, y_true, y_pred)\n    model.dL_db[1] = 2 * model.dL_db[1]\n"
    )
    before, after = check(desk, path).report, check(desk, SAMPLES / "alice.py").report
    assert changes(before, after)[0] == "dL_db[1]: wrong before, right now"
    assert {f.quantity for f in before.findings if f.verdict is Verdict.WRONG} == {"dL_db[1]"}


# ---- watching


class Watching:
    """`grade check --watch` in a process of its own, and what it has printed."""

    def __init__(self, path: Path, course: Path) -> None:
        command = [sys.executable, "-m", "grader", "check", str(path), "--watch", "--seed", SEED]
        self.process = subprocess.Popen(
            [*command, "--course", str(course)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "90"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background ignore it
        )
        self._lines: Queue[str] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, words: str, seconds: float = 600) -> str:
        """All that is printed up to the line with some words."""
        seen, deadline = "", time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                line = self._lines.get(timeout=0.1)
            except Empty:
                continue
            seen += line
            if words in line:
                return seen
        raise AssertionError(f"no {words!r} in {seen!r}")

    def close(self) -> None:
        self.process.kill()
        self._reader.join()
        self.process.stdout.close()
        self.process.wait()

    def quiet(self, seconds: float = 1.2) -> bool:
        time.sleep(seconds)
        return self._lines.empty()


@pytest.fixture
def watching(tmp_path, course) -> Iterator[tuple[Watching, Path]]:
    path = tmp_path / "student.py"
    shutil.copy(SAMPLES / "chloe.py", path)
    watching = Watching(path, course)
    watching.until("Watching; Ctrl-C ends.")
    yield watching, path
    watching.close()


def by_rename(path, data):
    new = path.with_name(".student.py.swp")
    new.write_bytes(data)
    new.replace(path)


def truncated_first(path, data):
    with path.open("wb") as file:
        time.sleep(0.2)
        file.write(data)


def gone_for_a_moment(path, data):
    path.rename(path.with_name("student.py~"))
    time.sleep(0.2)
    path.write_bytes(data)


@pytest.mark.parametrize("save", [by_rename, truncated_first, gone_for_a_moment])
def test_every_way_in_which_editors_save_is_noticed_once(watching, save):
    process, path = watching
    save(path, (SAMPLES / "alice.py").read_bytes())
    seen = process.until("Watching; Ctrl-C ends.")
    assert "dL_dw[2], dL_db[2], dL_dw[1], dL_db[1]: wrong before, right now" in seen
    assert "3 -> 10 points" in seen
    assert "grade: " not in seen
    assert process.quiet()


def test_a_syntax_error_in_mid_edit_is_told_and_watching_goes_on(watching):
    process, path = watching
    path.write_text("def backpropagation(model, y_true\n")
    assert "SyntaxError: '(' was never closed" in process.until("Watching; Ctrl-C ends.")
    path.write_text("x = 1\n")
    assert "defines no function `backpropagation`" in process.until("Still watching.")
    path.unlink()
    assert "no such file" in process.until("Still watching.")
    shutil.copy(SAMPLES / "alice.py", path)
    assert "0 -> 10 points" in process.until("Watching; Ctrl-C ends.")


def test_a_save_of_the_same_bytes_and_of_another_file_is_no_reason_to_check_again(watching):
    process, path = watching
    path.write_bytes(path.read_bytes())
    path.with_name("other.py").write_text("x = 1\n")
    assert process.quiet()


def test_ctrl_c_ends_watching_quietly(watching):
    process, _ = watching
    process.process.send_signal(signal.SIGINT)
    assert process.process.wait(10) == 0
    assert process.quiet(0.3) or "Traceback" not in process.until("\n")
