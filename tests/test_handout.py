"""What goes out: nothing of the reference to students, a wheel that works elsewhere, scripts that do what they say."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from grader.assignment import load
from grader.course import find_course
from grader.handout.gradescope import autograder_files
from grader.handout.student import student_files
from grader.handout.wheel import wheel_name
from tests.conftest import ROOT, SEED, SLUGS

SAMPLES = ROOT / "submissions"
REFERENCES = [path for path in (ROOT / "reference").rglob("*") if path.is_file() and path.suffix != ".pyc"]
TELLING = {
    line
    for path in REFERENCES
    for line in path.read_bytes().splitlines()
    if len(line.strip()) > 40 and b"import" not in line
}


def unpacked(archive: Path) -> dict[str, bytes]:
    """Name and bytes of all files in an archive; of archives in it, too."""
    found = {}
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            found[name] = opened.read(name)
            if name.endswith(".whl"):
                inner = archive.with_name(f"{archive.stem}-inner.whl")
                inner.write_bytes(found[name])
                found |= unpacked(inner)
    return found


def written(files: dict[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def installed(wheel: Path, folder: Path) -> dict[str, str]:
    """Install a wheel into a folder; the environment in which its `grade` runs, outside of the repository."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel]
    subprocess.run(command, check=True, cwd=folder.parent)
    return {**os.environ, "PYTHONPATH": str(folder), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def handout(tmp_path_factory) -> Path:
    """The handout of `mynet` for GitHub."""
    folder = tmp_path_factory.mktemp("handout")
    return written(student_files(load(find_course(), "mynet"), github=True), folder / "mynet")


@pytest.fixture(scope="module")
def environment(handout, tmp_path_factory) -> dict[str, str]:
    return installed(handout / wheel_name(), tmp_path_factory.mktemp("installed") / "site")


def answers(names: Iterable[str]) -> list[str]:
    """Files that look like a reference; the program's own test bench and template are none."""
    own = ("grader/validation/", "grader/authoring/")
    return [n for n in names if not any(o in n for o in own) and re.search("reference|solution|mistakes", n)]


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_of_the_reference_and_no_seed_is_in_a_handout(slug, grade, tmp_path):
    archive = tmp_path / "out.zip"
    assert grade("handout", slug, "--out", archive, "--github")[0] == 0
    files = unpacked(archive)
    assert not answers(files)
    lines = {line for name, data in files.items() if name.endswith((".py", ".yaml")) for line in data.splitlines()}
    shared = {
        line
        for path in (ROOT / "assignments", ROOT / "grader")
        for file in path.rglob("*")
        if file.suffix in (".py", ".yaml")
        for line in file.read_bytes().splitlines()
    }
    assert not (lines & TELLING) - shared
    assert not [name for name in files if "autograder.json" in name or "cache" in name or name.endswith(".key")]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_handout_holds_statement_starters_given_files_and_pinned_versions(slug):
    files = student_files(load(find_course(), slug), github=False)
    folder = ROOT / "assignments" / slug
    assert {"README.md", "README.fr.md", f"{slug}.py", f"{slug}.ipynb", "exercise.py", "requirements.txt"} <= set(files)
    assert files[f"{slug}.py"] == (folder / "handout.py").read_bytes()
    assert files["README.md"].endswith((folder / "README.md").read_bytes())
    assert f"grade check {slug}.py --watch".encode() in files["README.md"]
    assert f"grade check {slug}.py --watch --language fr".encode() in files["README.fr.md"]
    assert {path.name for path in folder.glob("*.npz")} <= set(files)
    with zipfile.ZipFile(io.BytesIO(files[wheel_name()])) as program:
        assert [name for name in program.namelist() if name.endswith("LICENSE")]
    own, *pinned = files["requirements.txt"].decode().split()
    assert own == f"./{wheel_name()}"
    assert [line.split("==")[0] for line in pinned] == ["torch", "numpy"]
    assert not any(name.startswith(".github") for name in files)


def test_the_same_handout_has_the_same_bytes():
    made = [student_files(load(find_course(), "relu"), github=True) for _ in range(2)]
    assert made[0] == made[1]


def test_a_handout_checks_where_the_repository_is_not(handout, environment, tmp_path):
    shutil.copy(SAMPLES / "chloe.py", tmp_path / "mynet.py")
    where = subprocess.run(
        [sys.executable, "-c", "import grader; print(grader.__file__)"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(ROOT) not in where.stdout
    done = subprocess.run(
        ["grade", "check", "mynet.py"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "3 / 10" in done.stdout
    listed = subprocess.run(
        ["grade", "list"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "mynet" in listed.stdout
    assert "functions" not in listed.stdout


def test_what_pip_builds_carries_all_assignments_and_no_reference(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", tmp_path / "built", ROOT], check=True)
    (built,) = (tmp_path / "built").glob("*.whl")
    names = zipfile.ZipFile(built).namelist()
    for slug in SLUGS:
        assert f"grader/shipped/assignments/{slug}/exercise.py" in names
    assert not answers(names)
    assert not [name for name in names if name.endswith(".pyc")]
    assert "grader/handout/templates/check.sh" in names
    environment = installed(built, tmp_path / "site")
    done = subprocess.run(
        ["grade", "check", SAMPLES / "lena.ipynb"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "12 / 12" in done.stdout


# ---- GitHub


def checked_by_workflow(handout: Path, environment: dict[str, str], folder: Path, **more: str):
    """The status of the script of the workflow, its summary, and result.json."""
    summary = folder / "summary.md"
    done = subprocess.run(
        ["sh", ".github/check.sh"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_SHA": "c0ffee", **more},
    )
    return done.returncode, summary.read_text(), json.loads((folder / "result.json").read_text())


@pytest.mark.parametrize(
    ("sample", "name", "status"),
    [("alice.py", "mynet.py", 0), ("gwen.ipynb", "mynet.ipynb", 0), ("chloe.py", "mynet.py", 1)],
)
def test_the_workflow_checks_the_file_that_is_no_longer_the_starter(
    sample, name, status, handout, environment, tmp_path
):
    folder = shutil.copytree(handout, tmp_path / "repository")
    shutil.copy(SAMPLES / sample, folder / name)
    found, summary, result = checked_by_workflow(handout, environment, folder)
    assert found == status
    assert summary.startswith("## Backpropagation of a tanh network: ")
    assert result["score"] == (3 if status else 10)


def test_for_classroom_50_the_job_succeeds_and_the_result_has_its_keys_alone(handout, environment, tmp_path):
    folder = shutil.copytree(handout, tmp_path / "repository")
    shutil.copy(SAMPLES / "chloe.py", folder / "mynet.py")
    found, _, result = checked_by_workflow(handout, environment, folder, GRADE_CLASSROOM="deep-learning")
    assert found == 0
    assert set(result) == {
        "schema",
        "classroom",
        "assignment",
        "assignment_type",
        "owner",
        "submission",
        "commit",
        "release",
        "review",
        "datetime",
        "score",
        "max-score",
        "tests",
    }
    assert result["schema"] == "classroom50/result/v1"
    assert result["datetime"].endswith("Z")
    assert result["submission"].startswith("submit/")
    for test in result["tests"]:
        assert (
            {"test-name", "passed", "score", "max-score"}
            <= set(test)
            <= {"test-name", "passed", "score", "max-score", "output", "message"}
        )


def test_the_workflow_asks_for_no_more_than_to_read(handout):
    workflow = yaml.safe_load((handout / ".github/workflows/check.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["check"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [
        "pip install -r requirements.txt",
        "sh .github/check.sh",
    ]


# ---- Gradescope


class Autograder:
    """The archive, unpacked as Gradescope does, in an environment that has what setup.sh would install."""

    def __init__(self, root: Path) -> None:
        self.root = root
        archive = root / "autograder.zip"
        subprocess.run(
            [sys.executable, "-m", "grader", "handout", "mynet", "--gradescope", "--seed", SEED, "--out", archive],
            check=True,
            capture_output=True,
        )
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                path = Path(opened.extract(entry, root / "source"))
                path.chmod(entry.external_attr >> 16 & 0o777)
        venv.create(root / "source/venv", symlinks=True)
        site = Path(sysconfig.get_path("purelib", vars={"base": str(root / "source/venv")}))
        installed(root / "source" / wheel_name(), root / "program")
        (site / "libraries.pth").write_text(f"{root / 'program'}\n{sysconfig.get_path('purelib')}\n")
        self.environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run([root / "source/setup.sh"], check=True, env=self.environment, cwd=root)

    def run(self, files: dict[str, bytes]) -> tuple[int, dict]:
        shutil.rmtree(self.root / "submission", ignore_errors=True)
        shutil.rmtree(self.root / "results", ignore_errors=True)
        written(files or {"empty/.keep": b""}, self.root / "submission")
        environment = self.environment | {"AUTOGRADER": str(self.root)}
        done = subprocess.run([self.root / "source/run_autograder"], env=environment, cwd=self.root, check=False)
        results = self.root / "results/results.json"
        return done.returncode, json.loads(results.read_text()) if results.exists() else {}


@pytest.fixture(scope="module")
def autograder(tmp_path_factory) -> Autograder:
    return Autograder(tmp_path_factory.mktemp("autograder"))


KNOWN = {
    "score",
    "execution_time",
    "output",
    "output_format",
    "test_output_format",
    "test_name_format",
    "visibility",
    "stdout_visibility",
    "extra_data",
    "tests",
    "leaderboard",
}
KNOWN_OF_A_TEST = {
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
    "extra_data",
}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


def is_what_gradescope_reads(results: dict) -> bool:
    entries = [results, *results["tests"]]
    return (
        set(results) <= KNOWN
        and all(set(test) <= KNOWN_OF_A_TEST for test in results["tests"])
        and {entry["visibility"] for entry in entries} <= VISIBILITIES
        and {entry.get("output_format", "text") for entry in entries} <= FORMATS
        and {test["status"] for test in results["tests"]} <= {"passed", "failed"}
    )


@pytest.mark.parametrize(("sample", "score"), [("alice.py", 10), ("chloe.py", 3), ("gwen.ipynb", 10)])
def test_the_autograder_grades_by_hidden_and_visible_tests(sample, score, autograder):
    status, results = autograder.run({f"homework/{sample}": (SAMPLES / sample).read_bytes(), "notes.txt": b"x"})
    assert (status, results["score"]) == (0, score)
    assert is_what_gradescope_reads(results)
    *visible, hidden = results["tests"]
    assert sum(test["score"] for test in visible) == score
    assert {test["visibility"] for test in visible} == {"visible"}
    assert (hidden["visibility"], "Seed" in hidden["output"]) == ("hidden", True)
    assert "Seed" not in results["output"] + "".join(test["output"] for test in visible)


def test_a_student_sees_no_number_of_a_hidden_trial_and_the_instructor_sees_the_formula(autograder):
    _, results = autograder.run({"mynet.py": (SAMPLES / "chloe.py").read_bytes()})
    told = results["output"]
    assert "How does the loss depend on z" in told
    assert "Each unit has its own activation" not in told  # the explanation, beyond what students may read
    assert "Each unit has its own" in results["tests"][-1]["output"]


def test_each_file_meets_numbers_of_its_own_and_the_same_bytes_the_same(autograder):
    """What one submission tells of the inputs that it was given is of no use to the next one."""
    teller = b"\n_right = backpropagation\ndef backpropagation(m, t, p):\n    raise ValueError(str(float(p.sum())))\n"
    alice = (SAMPLES / "alice.py").read_bytes() + teller
    first, same, other = (autograder.run({"mynet.py": data})[1]["output"] for data in (alice, alice, alice + b"# 2\n"))
    told = [re.search(r"ValueError: (\S+)", output)[1] for output in (first, same, other)]
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no file that was handed in defines backpropagation(model, y_true, y_pred)"),
        ({"other.py": b"def unrelated(): pass\n"}, "no file that was handed in defines backpropagation"),
        ({"mynet.ipynb": b"no notebook"}, "mynet.ipynb: is not a notebook"),
    ],
)
def test_what_cannot_be_graded_gets_no_points_and_says_why(files, words, autograder):
    status, results = autograder.run(files)
    assert (status, results["score"]) == (0, 0)
    assert words in results["output"]
    assert str(autograder.root) not in results["output"]


def test_of_two_versions_a_person_chooses_in_gradescope_too_and_what_is_put_aside_is_no_version(autograder):
    alice, chloe = ((SAMPLES / name).read_bytes() for name in ("alice.py", "chloe.py"))
    status, results = autograder.run({"a.py": chloe, "b.py": alice})
    assert (status, "score" in results) == (0, False)
    assert "several files may be the submission: a.py, b.py" in results["output"]
    _, results = autograder.run({"hw.txt": alice, "__MACOSX/hw.py": chloe, "hw copy.py": chloe})
    assert results["score"] == 10


def test_a_submission_in_the_container_reads_neither_reference_nor_seed(autograder):
    source = autograder.root / "source"
    spy = "def backpropagation(model, y_true, y_pred):\n" + "".join(
        f"    try:\n        print('GOT', open({str(source / name)!r}).read())\n    except OSError as e:\n        print('no')\n"
        for name in ("autograder.json", "course/reference/mynet/solution.py")
    )
    _, results = autograder.run({"mynet.py": spy.encode()})
    assert "GOT" not in json.dumps(results)


def test_a_fault_of_the_autograder_leaves_no_score(autograder):
    told = autograder.root / "source/autograder.json"
    kept = told.read_text()
    told.write_text(kept.replace("mynet", "nonsense"))
    try:
        status, results = autograder.run({"mynet.py": b"def backpropagation(a, b, c): pass\n"})
    finally:
        told.write_text(kept)
    assert (status, results) == (3, {})


def test_the_scripts_of_the_archive_can_be_run(autograder):
    for name in ("setup.sh", "run_autograder"):
        assert (autograder.root / "source" / name).stat().st_mode & stat.S_IXUSR


# ---- errors


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--github", "--gradescope"], "make two handouts"),
        (["--seed", "1"], "--seed is for --gradescope"),
    ],
)
def test_options_that_contradict_one_another_are_refused(options, words, grade, tmp_path):
    status, _, err = grade("handout", "mynet", "--out", tmp_path / "out", *options)
    assert (status, words in err) == (2, True)


def test_a_folder_that_has_something_in_it_is_left_alone(grade, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    status, _, err = grade("handout", "mynet", "--out", tmp_path)
    assert (status, "is there already, and not an empty folder" in err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_archives_of_other_kinds_are_refused(grade, tmp_path):
    status, _, err = grade("handout", "mynet", "--out", tmp_path / "out.tar")
    assert (status, "a new folder or a .zip" in err) == (2, True)
    assert not list(tmp_path.iterdir())


def test_an_archive_that_cannot_be_written_ends_with_2(grade, tmp_path):
    status, _, err = grade("handout", "mynet", "--out", tmp_path / "no/such/out.zip")
    assert (status, "cannot be written: there is no such file or folder" in err) == (2, True)


def test_a_handout_that_students_could_not_check_is_not_made(grade, tmp_path):
    status, _, err = grade("handout", "swish", "--course", ROOT / "tests/sixth", "--out", tmp_path / "out")
    assert (status, "by_machine.py: no such file" in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_handout_without_a_starter_is_not_made_and_an_autograder_without_a_reference_neither(grade, tmp_path):
    shutil.copytree(ROOT / "assignments/relu", tmp_path / "course/assignments/relu")
    course = ("--course", tmp_path / "course")
    status, _, err = grade("handout", "relu", *course, "--out", tmp_path / "a.zip", "--gradescope")
    assert (status, "solution.py: no such file; an autograder needs the reference" in err) == (2, True)
    (tmp_path / "course/assignments/relu/handout.py").unlink()
    status, _, err = grade("handout", "relu", *course, "--out", tmp_path / "out")
    assert (status, "handout.py: no such file; a handout needs it" in err) == (2, True)


def test_an_autograder_has_a_seed_of_its_own_unless_one_is_given(grade, tmp_path):
    seeds = set()
    for name in ("a.zip", "b.zip"):
        grade("handout", "mynet", "--gradescope", "--out", tmp_path / name)
        seeds.add(json.loads(unpacked(tmp_path / name)["autograder.json"])["seed"])
    assert len(seeds) == 2
    assert min(map(len, seeds)) >= 32
    files = autograder_files(load(find_course(), "mynet"), "given")
    assert json.loads(files["autograder.json"])["seed"] == "given"
