"""Students' own code where there is no sandbox: on macOS and Windows, whose lacks are imitated here."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import submission
from grader.grading import Limits, grade, setup
from grader.key.obtaining import obtain_key
from grader.records import Outcome, Report
from grader.sandbox import alone as processes
from grader.sandbox.alone import Alone
from tests.conftest import ROOT, SEED, assignment_and_key, eventually, grading
from tests.corpus import cases, handed_in, header

SAMPLES = ROOT / "submissions"
ELSEWHERE = """
import os, select, signal, socket, subprocess, sys, sysconfig
sysconfig.get_config_vars()
import numpy, orjson, pydantic, rich_click
for name in ("fcntl", "resource", "grp", "pwd"):
    sys.modules[name] = None
for module, names in ((os, "O_NOFOLLOW O_NONBLOCK O_CLOEXEC memfd_create pipe2 fork pidfd_open sched_getaffinity"
                           " WIFSIGNALED WTERMSIG"), (select, "poll"), (signal, "SIGXCPU SIGSYS"), (socket, "AF_UNIX")):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "darwin"
from grader.cli import main
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def alone():
    alone = Alone()
    alone.prepare(setup(*assignment_and_key("mynet")))
    yield alone
    alone.close()


def graded(alone: Alone, path: Path, seconds: float = 10) -> Report:
    assignment, key = assignment_and_key("mynet")
    limits = Limits.of(assignment, seconds)
    return grade(submission.read(path), assignment, key, alone, limits, lambda s: obtain_key(assignment, s, print))


@pytest.mark.parametrize("sample", ["gwen.ipynb", "alice.py", "emma.py"])
def test_a_process_of_its_own_gives_the_same_report_as_the_sandbox(sample, alone, pool):
    own, sandbox = graded(alone, SAMPLES / sample), grading(pool, "mynet", places=True)(SAMPLES / sample)
    assert (own.score, own.outcome, own.findings, own.diagnosis) == (
        sandbox.score,
        sandbox.outcome,
        sandbox.findings,
        sandbox.diagnosis,
    )
    assert own.isolation.level == "own process"


def test_an_answer_that_comes_before_anybody_goes_on_is_heard(alone, monkeypatch):
    send = processes._Running._send

    def send_and_be_held_up(self):
        send(self)
        time.sleep(0.1)

    monkeypatch.setattr(processes._Running, "_send", send_and_be_held_up)
    assert [place.line for place in graded(alone, SAMPLES / "emma.py").diagnosis.places] == [6]


STOPPED = cases("mynet/stopped")
TOLD_ALIKE = [c for c in STOPPED if header(c, "outcome").split()[0] in ("raised", "timed-out", "too-much-output")]


@pytest.mark.parametrize("case", TOLD_ALIKE[::6])
def test_what_does_not_end_well_is_told_as_in_the_sandbox(case, alone):
    outcome = header(case, "outcome").split()[0]
    report = graded(alone, handed_in(case), seconds=3 if outcome == "timed-out" else 10)
    assert report.outcome == outcome
    assert report.score < report.out_of


@pytest.mark.parametrize("end", ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)"])
def test_code_that_ends_its_process_is_told_and_the_next_check_works(end, alone, tmp_path):
    path = tmp_path / "student.py"
    path.write_text(f"def backpropagation(model, y_true, y_pred):\n    {end}\n")
    assert graded(alone, path).outcome is Outcome.CRASHED
    assert graded(alone, SAMPLES / "alice.py").score == 10


def test_a_right_file_that_closes_its_output_keeps_its_marks(alone, tmp_path):
    path = tmp_path / "student.py"
    code = (SAMPLES / "alice.py").read_text()
    head = "def backpropagation(model, y_true, y_pred):\n"
    assert head in code
    path.write_text(code.replace(head, head + "    import sys\n\n    sys.stdout.close()\n"))
    report = graded(alone, path)
    assert (report.score, report.outcome) == (10, Outcome.RETURNED)


def runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("end", ["", "os._exit(0)"])
def test_what_a_submission_has_started_ends_with_it(end, alone, tmp_path):
    path, number = tmp_path / "student.py", tmp_path / "number"
    path.write_text(
        "import os, subprocess\n\n\ndef backpropagation(model, y_true, y_pred):\n"
        f"    started = subprocess.Popen(['sleep', '600'])\n"
        f"    with open({str(number)!r}, 'a') as file:\n        print(started.pid, file=file)\n    {end}\n"
    )
    graded(alone, path)
    started = number.read_text().split()
    assert eventually(lambda: not any(map(runs, started)))


@pytest.mark.parametrize(("sample", "status"), [("chloe.py", 1), ("lena.ipynb", 0)])
def test_a_check_works_where_the_modules_of_linux_are_missing_and_says_what_it_was_run_in(sample, status):
    command = [sys.executable, "-c", ELSEWHERE, "check", str(SAMPLES / sample), "--seed", SEED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert "isolation: own process" in done.stdout
    assert "Traceback" not in done.stderr


def test_others_work_is_not_graded_there():
    command = [sys.executable, "-c", ELSEWHERE, "file", str(SAMPLES / "alice.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "other systems are not supported yet" in done.stderr


def test_the_process_that_waits_ends_with_the_program(tmp_path):
    program = "from grader.sandbox.alone import Alone; a = Alone(); print(a._waiting.process.pid, flush=True); import os; os._exit(0)"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    assert eventually(lambda: not Path(f"/proc/{done.stdout.strip()}").exists())
