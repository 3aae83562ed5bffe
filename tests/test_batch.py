"""A class is graded: everything gets a report, nothing is lost, nothing is done twice."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from grader.batch import Batch, Tally
from grader.batch.workers import Bench, LocalWorkers
from grader.errors import GraderError, GraderFault
from grader.grading import Limits
from grader.intake.finding import Intake
from grader.report_folder import ReportFolder
from grader.reports import batch_summary
from tests.conftest import ISOLATION, ROOT, SEED, VISIBLE, eventually
from tests.corpus import cases, handed_in

GRADE = str(Path(sys.executable).with_name("grade"))
CORPUS = ROOT / "tests/submissions/mynet"
SHORT_SEED = "grade: --seed: a seed of less than 12 letters can be guessed from a report that students see\n"
BACKGROUND = {
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.PIPE,
    "stderr": subprocess.PIPE,
    "text": True,
    "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
}


@pytest.fixture(scope="session")
def students(tmp_path_factory) -> Path:
    """A class: right, wrong, two of the same bytes, broken, hostile, a notebook, two files, none, not clear, no text."""
    folder = tmp_path_factory.mktemp("class")
    for name in ("alice.py", "chloe.py", "emma.py", "gwen.ipynb", "hanna.py", "ivan.py"):
        shutil.copy(ROOT / "submissions" / name, folder)
    shutil.copy(ROOT / "submissions/alice.py", folder / "Åse Ø.py")
    for path in map(handed_in, cases("mynet/wrong")[:12]):
        shutil.copy(path, folder)
    hostile = [
        p for p in sorted((CORPUS / "hostile").iterdir()) if "timed-out" not in p.read_text(errors="replace")[:200]
    ]
    for path in hostile[:6]:
        shutil.copy(path, folder / f"hostile_{path.name}")
    (folder / "empty.py").write_bytes(b"")
    (folder / "two/old").mkdir(parents=True)
    shutil.copy(ROOT / "submissions/chloe.py", folder / "two/backprop.py")
    (folder / "two/old/notes.py").write_text("x = 1\n")
    (folder / "none").mkdir()
    (folder / "none/essay.pdf").write_bytes(b"%PDF")
    (folder / "torn").mkdir()
    for name in ("alice.py", "chloe.py"):
        shutil.copy(ROOT / "submissions" / name, folder / "torn")
    shutil.copy(ROOT / "submissions/bruno.py", os.fsencode(folder) + b"/caf\xe9.py")
    return folder


def reports(folder: Path) -> dict[str, dict]:
    """All reports, without what differs from run to run."""
    found = {path.name: json.loads(path.read_text()) for path in sorted((folder / "json").glob("*.json"))}
    for report in found.values():
        del report["seconds"], report["date"]
    return found


def command(folder: Path, out: Path, *more: str) -> list[str]:
    return [GRADE, "batch", str(folder), "--out", str(out), "--seed", SEED, "--limit-seconds", "6", *more]


@pytest.fixture(scope="session")
def undisturbed(students, tmp_path_factory, key) -> tuple[Path, str]:
    """A batch that nobody ends, and what it printed."""
    out = tmp_path_factory.mktemp("undisturbed") / "reports"
    done = subprocess.run(command(students, out), capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr.startswith(SHORT_SEED)  # and perhaps a line now and then on how far it is
    return out, done.stdout


@pytest.fixture
def again(undisturbed, tmp_path) -> Path:
    """A copy of its reports."""
    return Path(shutil.copytree(undisturbed[0], tmp_path / "reports"))


def test_every_submission_has_a_report_and_the_summary_counts_them(undisturbed, students):
    found = reports(undisturbed[0])
    assert len(found) == len(list(students.iterdir()))
    assert f"{len(found)} reports" in undisturbed[1]
    scores = {name: report["score"] for name, report in found.items()}
    assert (scores["alice.json"], scores["Åse Ø.json"], scores["chloe.json"], scores["two.json"]) == (10, 10, 3, 3)
    assert scores["gwen.json"] == 10
    assert len((undisturbed[0] / "gradebook.csv").read_text("utf-8-sig").splitlines()) == len(found) + 1
    assert not list((undisturbed[0] / "json").glob(".*"))


def test_what_cannot_be_graded_has_a_report_that_says_why(undisturbed):
    found = reports(undisturbed[0])
    unreadable = {name: r["failures"][0]["fact"]["text"] for name, r in found.items() if r["outcome"] == "unreadable"}
    assert "is empty" in unreadable["empty.json"]
    assert "holds no .py or .ipynb file; there is essay.pdf" in unreadable["none.json"]
    assert "several files may be the submission" in unreadable["torn.json"]
    assert "submissions need your attention:" in undisturbed[1]
    assert "empty.py: is empty" in undisturbed[1]


def test_of_several_files_the_one_that_fits_is_graded_and_the_others_are_told(undisturbed):
    report = reports(undisturbed[0])["two.json"]
    assert report["submission"]["name"] == "backprop.py"
    assert report["remarks"][-1]["fact"]["text"] == "Also handed in, and not graded: notes.py"


def test_the_same_bytes_are_graded_once_and_each_report_is_the_students_own(undisturbed):
    found = reports(undisturbed[0])
    one, other = found["alice.json"], found["Åse Ø.json"]
    assert (one.pop("submission")["student"], other.pop("submission")["student"]) == ("alice", "Åse Ø")
    assert one == other
    assert "1 same bytes as another" in undisturbed[1]


def test_lines_are_told_by_the_name_of_the_students_own_file_whoever_else_handed_in_its_bytes(undisturbed):
    found = reports(undisturbed[0])
    places = {name: found[name]["diagnosis"]["places"][0]["file"] for name in ("chloe.json", "two.json")}
    assert places == {"chloe.json": "chloe.py", "two.json": "backprop.py"}
    [failure] = found["emma.json"]["failures"]
    assert failure["own_line"][0] == "emma.py"
    assert failure["fact"]["text"].startswith("emma.py, line ")
    assert not [name for name, report in found.items() if "submission.py" in json.dumps(report["failures"])]


def test_no_name_of_a_student_reaches_a_submission(tmp_path):
    """Reports are shared where bytes are the same: what a submission can find out of its file is the same for all."""
    (tmp_path / "class").mkdir()
    asking = "import sys\n\ndef backpropagation(m, t, p):\n    raise ValueError([sys._getframe().f_code.co_filename, sys.argv])\n"
    (tmp_path / "class/zoe.py").write_text(asking)
    subprocess.run(command(tmp_path / "class", tmp_path / "out"), capture_output=True, check=True)
    [failure] = reports(tmp_path / "out")["zoe.json"]["failures"]
    assert "submission.py" in failure["fact"]["values"]["text"]
    assert "zoe" not in failure["fact"]["values"]["text"]


def test_a_second_run_grades_nothing_again(students, again):
    before = {path: path.stat().st_mtime_ns for path in (again / "json").iterdir()}
    out = subprocess.run(command(students, again), capture_output=True, text=True, check=True).stdout
    assert [path.name for path, written in before.items() if path.stat().st_mtime_ns != written] == []
    assert f"{len(before)} as they were" in out


def test_a_batch_that_is_killed_goes_on_where_it_was(students, undisturbed, tmp_path):
    """Each run is killed somewhat later than the last; the reports are whole at each moment, and those of an undisturbed run."""
    expected, out, seen = reports(undisturbed[0]), tmp_path / "reports", {}
    for delay in (0.0, 0.3):
        before = len(list((out / "json").glob("*.json"))) if out.exists() else 0
        batch = subprocess.Popen(command(students, out), **BACKGROUND)
        while batch.poll() is None and (not out.exists() or len(list((out / "json").glob("*.json"))) <= before):
            time.sleep(0.002)
        time.sleep(delay)
        batch.kill()
        batch.communicate()
        now = reports(out)
        assert all(expected[name] == report for name, report in now.items())
        for path in (out / "json").glob("*.json"):
            if now[path.name]["outcome"] != "unreadable":
                assert seen.setdefault(path.name, path.stat().st_mtime_ns) == path.stat().st_mtime_ns, "graded twice"
    subprocess.run(command(students, out), capture_output=True, check=True)
    assert reports(out) == expected


def test_ctrl_c_tells_what_is_done_and_leaves_no_process(students, undisturbed, tmp_path):
    (tmp_path / "class").mkdir()
    shutil.copy(ROOT / "submissions/alice.py", tmp_path / "class/a.py")
    shutil.copy(ROOT / "submissions/farid.py", tmp_path / "class/f.py")
    out = tmp_path / "reports"
    batch = subprocess.Popen(
        command(tmp_path / "class", out, "--limit-seconds", "300"), start_new_session=True, **BACKGROUND
    )
    while not (out / "json/a.json").exists():
        time.sleep(0.01)
    os.killpg(batch.pid, signal.SIGINT)
    printed, err = batch.communicate(timeout=600)
    assert (batch.returncode, err.startswith(SHORT_SEED), "Traceback" in err) == (130, True, False)
    assert "Stopped: 1 of 2 have a report. The same command goes on." in printed
    assert eventually(lambda: not children(batch.pid))


def children(session: int) -> list[str]:
    """Processes whose command line is that of a fork server started by a process that is gone."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"\0{session}\0".encode() in path.read_bytes():
                found.append(str(path))
        except OSError:
            continue
    return found


class FailingBench(Bench):
    """A bench at which this program fails for one submission."""

    def grade(self, submission, pool, notify):
        if b"x = 3" in submission.data:
            raise ZeroDivisionError("a bug")
        if b"x = 4" in submission.data:
            raise GraderFault("no sandbox")
        return super().grade(submission, pool, notify)


@pytest.fixture(scope="module")
def workers(assignment, key) -> Iterator[LocalWorkers]:
    workers = LocalWorkers(ISOLATION, VISIBLE, 1, print)
    workers.start(FailingBench(assignment, key, Limits.of(assignment), ISOLATION))
    yield workers
    workers.close()


@pytest.fixture
def run(assignment, key, workers, tmp_path):
    """Run a batch in this process, over texts of submissions."""

    def run(sources: dict[str, bytes], again: tuple[str, ...] = (), tell=lambda tally: None, **limits: float):
        folder = tmp_path / "class"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, source in sources.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(source)
        reports_folder = ReportFolder(tmp_path / "reports")
        bench = Bench(assignment, key, Limits.of(assignment, **limits), ISOLATION)
        with reports_folder.claimed("mynet", "title"):
            return Batch(bench, reports_folder, workers, again, tell).run(Intake([str(folder)]).hand_ins())

    return run


RIGHT = (ROOT / "submissions/alice.py").read_bytes()


def test_a_fault_of_the_grader_is_told_and_the_others_go_on(run, tmp_path):
    sources = {"a.py": RIGHT, "b.py": RIGHT + b"\nx = 3\n", "c.py": RIGHT + b"\nx = 5\n"}
    tally = run(sources)
    assert tally.outcomes == {"returned": 2, "fault-of-the-grader": 1}
    report = json.loads((tmp_path / "reports/json/b.json").read_text())
    assert (
        "The grader failed; this says nothing about the submission. ZeroDivisionError: a bug"
        in report["failures"][0]["fact"]["text"]
    )
    assert (tally.scores.total(), tally.graded) == (2, 3)
    tally = run(sources)
    assert (tally.kept, tally.graded) == (2, 1), "a fault is tried again"


def test_where_nothing_can_be_graded_the_batch_ends(run, tmp_path):
    with pytest.raises(GraderFault, match="8 submissions in a row could not be graded; the last one: no sandbox"):
        run({f"{number}.py": b"x = 4\n#%d" % number for number in range(20)})


def test_what_changed_is_graded_again_and_only_that(run):
    assert run({"a.py": RIGHT, "b.py": RIGHT + b"#"}).graded == 2
    assert run({"a.py": RIGHT, "b.py": RIGHT + b"##"}).graded == 1
    assert run({"a.py": RIGHT, "b.py": RIGHT + b"##"}, seconds=9).graded == 2
    assert run({"a.py": RIGHT, "b.py": RIGHT + b"##"}, seconds=9).kept == 2
    tally = run({"a.py": RIGHT, "b.py": RIGHT}, seconds=9)
    assert (tally.graded, tally.same, tally.kept) == (0, 1, 1)


def test_what_cannot_be_read_is_looked_at_once_until_it_changes(run, tmp_path):
    sources = {"a.py": RIGHT, "b/essay.docx": b"PK", "c.py": b""}
    assert run(sources).graded == 3
    before = (tmp_path / "reports/json/b.json").stat().st_mtime_ns
    tally = run(sources)
    assert (tally.graded, tally.kept, tally.outcomes["unreadable"]) == (0, 3, 2)
    assert (tmp_path / "reports/json/b.json").stat().st_mtime_ns == before
    assert [one.student for one in tally.attention] == ["b", "c"]
    assert "there is essay.docx" in tally.attention[0].why["text"]
    assert run(sources, again=("unreadable",)).graded == 2
    assert run({**sources, "b/essay.docx": b"PK", "b/more.odt": b""}).graded == 1
    assert run({"b/b.py": RIGHT}).outcomes == {"returned": 1}


def closing_screen(tally: Tally) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(batch_summary.render(tally, 30, "reports"))
    return console.export_text()


def test_the_closing_screen_names_ten_of_those_without_a_score():
    tally = Tally("title", 10)
    for number in range(12):
        submission = {"student": f"s{number}", "name": f"{number}.py", "late": False}
        empty = {"kind": "is-empty", "values": {}}
        why = {"kind": "cannot-be-read", "values": {"file": f"class/s{number}.py", "why": empty}}
        first = {"kind": "several-problems", "values": {"problems": [why, why]}}
        tally.add(
            f"s{number}",
            {
                "outcome": "unreadable",
                "out_of": 10,
                "submission": submission,
                "failures": [{"fact": why if number else first}],
            },
        )
    lines = closing_screen(tally).splitlines()
    first = next(number for number, line in enumerate(lines) if "12 submissions need your attention" in line)
    assert [line.strip() for line in lines[first + 1 : first + 3]] == [
        "s0  s0.py: is empty",
        "s1  s1.py: is empty",
    ]
    assert lines[first + 11].strip() == "and 2 more"


def test_a_batch_that_is_stopped_before_its_first_report_says_so():
    tally = Tally("title", 10, interrupted=True)
    assert "no report yet" in closing_screen(tally)
    assert "0 reports" not in closing_screen(tally)


def test_a_report_that_is_kept_tells_where_the_file_lies_now(run, tmp_path):
    run({"a.py": RIGHT})
    tally = run({"a/moved.py": RIGHT, "a/more.txt": b"notes"})
    report = json.loads((tmp_path / "reports/json/a.json").read_text())
    assert (tally.kept, tally.graded, report["submission"]["name"]) == (1, 0, "moved.py")
    assert report["remarks"][-1]["fact"]["text"] == "Also handed in, and not graded: more.txt"
    run({"a.py": RIGHT})
    assert json.loads((tmp_path / "reports/json/a.json").read_text())["remarks"] == report["remarks"][:-1]


def test_regrade_takes_names_outcomes_or_all(run):
    sources = {"a.py": RIGHT, "b.py": RIGHT + b"#", "c.py": b"def backpropagation(m, t, p): 1 / 0"}
    run(sources)
    assert [run(sources, (what,)).graded for what in ("a", "c.py", "raised", "all", "nobody")] == [1, 1, 1, 3, 0]


def test_a_name_that_is_to_be_graded_again_and_is_not_there_is_told(grade, tmp_path):
    shutil.copy(ROOT / "submissions/alice.py", tmp_path)
    status, _, err = grade(
        "batch", tmp_path, "--out", tmp_path / "r", "--seed", SEED, "--servers", 1, "--regrade", "bob"
    )
    assert (status, err.splitlines()[-1]) == (0, "grade: --regrade bob: no such student, file or outcome")


def test_half_a_report_is_written_anew(run, tmp_path):
    run({"a.py": RIGHT})
    path = tmp_path / "reports/json/a.json"
    for broken in (path.read_text()[:500], "", "[]", '{"schema": "grader/report/3"}', "\0"):
        path.write_text(broken)
        assert run({"a.py": RIGHT}).graded == 1


def test_two_batches_do_not_share_a_folder(grade, again, students):
    with (again / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, _, err = grade("batch", students, "--out", again, "--seed", SEED)
    assert (status, "another batch is writing into this folder" in err) == (2, True)


def test_a_folder_of_another_assignment_or_of_other_things_is_refused(grade, again, students, tmp_path):
    about = again / "batch.json"
    about.write_text(about.read_text().replace('"mynet"', '"another"'))
    status, _, err = grade("batch", students, "--out", again, "--seed", SEED)
    assert (status, "holds reports on `another`, not `mynet`" in err) == (2, True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.tex").write_text("")
    status, _, err = grade("batch", students, "--out", tmp_path / "full", "--seed", SEED)
    assert (status, "holds other things than reports" in err) == (2, True)
    status, _, err = grade("batch", students, "--out", "/proc/reports", "--seed", SEED)
    assert (status, "cannot be written" in err) == (2, True)
    (tmp_path / "empty").mkdir()
    status, _, err = grade("batch", tmp_path / "empty", "--out", tmp_path / "new", "--seed", SEED)
    assert (status, "no submissions there" in err) == (2, True)


def test_a_disk_that_is_full_ends_the_batch_and_loses_nothing(run, tmp_path):
    sources = {"a.py": RIGHT, "b.py": RIGHT + b"#", "c.py": RIGHT + b"##"}

    def fill(tally):
        """From now on the disk has no room for the second report."""
        (tmp_path / "reports/json/.b.json.part").symlink_to("/dev/full")

    with pytest.raises(GraderError, match=r"b\.json: cannot be written: the disk is full. What was graded .* is kept"):
        run(sources, tell=fill)
    assert sorted(path.name for path in (tmp_path / "reports/json").iterdir()) == ["a.json"]
    tally = run(sources)
    assert (tally.graded, tally.kept) == (2, 1)


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path):
    folder = ReportFolder(tmp_path / "r")
    with folder.claimed("mynet", "title"):
        folder.write("a", {"n": 1})
        (folder.json / ".a.json.part").symlink_to("/dev/full")
        with pytest.raises(GraderError, match=r"a\.json: cannot be written: the disk is full"):
            folder.write("a", {"n": 2})
    assert [json.loads(path.read_text()) for path in folder.json.iterdir()] == [{"n": 1}]
