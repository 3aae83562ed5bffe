"""The command line: what it prints, writes, and exits with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from pydantic import TypeAdapter

from grader.grading.reporting import not_graded
from grader.records import Outcome, Report, SubmissionId
from grader.reports import json_report
from grader.reports.terminal import summary
from grader.sandbox.levels import LEVELS
from grader.wire.facts import Fact
from tests.conftest import ISOLATION, ROOT, SEED

SCHEMA = ROOT / "grader/reports/report-3.schema.json"
SAMPLES = sorted(path for path in (ROOT / "submissions").iterdir() if path.suffix in (".py", ".ipynb"))
ALICE = str(ROOT / "submissions/alice.py")


def without_times(text: str) -> str:
    """Without what differs from run to run and from machine to machine, and without spaces at the ends of lines."""
    text = re.sub(r"isolation: \S+", "isolation: full", re.sub(r"\b\d+\.\d\d s,", "0.00 s,", text))
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def compare(path: Path, text: str, renew: bool) -> None:
    """Hold a text against its golden file, or renew the file (`pytest --renew`)."""
    if renew:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_report_on_a_sample_reads_as_it_should(grade, sample, request):
    seconds = 20 if sample.name == "mona.py" else 2  # it trains; another one hangs
    status, out, _ = grade(sample, "--seed", SEED, "--limit-seconds", seconds)
    assert status == 0
    compare(ROOT / "tests/golden" / f"{sample.name}.txt", without_times(out), request.config.getoption("--renew"))


def test_of_right_code_it_is_told_on_request_what_each_line_holds(grade):
    _, brief, _ = grade(ROOT / "submissions/alice.py", "--seed", SEED)
    _, full, _ = grade(ROOT / "submissions/alice.py", "--seed", SEED, "-v")
    assert "∂L/∂b[3]" not in brief
    assert "∂L/∂b[3], ∂L/∂b[2], ∂L/∂b[1]" in full


def test_help_and_list_read_as_they_should(grade, request):
    renew = request.config.getoption("--renew")
    status, out, _ = grade("--help")
    assert status == 0
    compare(ROOT / "tests/golden/help.txt", without_times(out), renew)
    status, out, _ = grade("file", "--help")
    compare(ROOT / "tests/golden/help-file.txt", without_times(out), renew)
    status, out, _ = grade("batch", "--help")
    compare(ROOT / "tests/golden/help-batch.txt", without_times(out), renew)
    status, out, _ = grade("list")
    assert status == 0
    compare(ROOT / "tests/golden/list.txt", without_times(out), renew)


def test_a_terminal_without_unicode_gets_marks_that_differ():
    """In a process of its own: the encoding of standard output is settled when Python starts."""
    program = [Path(sys.executable).with_name("grade"), ROOT / "submissions/chloe.py", "--seed", SEED]
    ascii_terminal = {**os.environ, "PYTHONIOENCODING": "ascii"}
    out = subprocess.run(program, capture_output=True, text=True, check=True, env=ascii_terminal).stdout
    assert re.search(r"^x .*Weights of the output layer", out, re.MULTILINE)
    assert re.search(r"^\+ .*The call leaves the weights", out, re.MULTILINE)


def test_doctor_shows_every_level(grade):
    status, out, _ = grade("doctor")
    assert status == 0
    assert all(re.search(rf"^{re.escape(level)} ", out, re.MULTILINE) for level in LEVELS)


def test_a_level_that_does_not_exist_or_is_too_weak_ends_with_2(grade):
    status, out, err = grade(ALICE, "--isolation", "partial")
    assert (status, out, "Add --allow-weak-isolation" in err) == (2, "", True)
    assert (
        grade(ALICE, "--isolation", "fort")[2]
        == f"grade: there is no isolation level `fort`; known are {', '.join(LEVELS)}\n"
    )
    assert grade(ALICE, "--isolation", "partial", "--allow-weak-isolation", "--seed", SEED, "-q")[0] == 0


def test_a_json_report_goes_to_a_file_and_follows_the_published_schema(grade, tmp_path):
    for sample in ("chloe.py", "emma.py", "ivan.py"):
        status, out, _ = grade(ROOT / "submissions" / sample, "--seed", SEED, "--json", tmp_path / "r.json", "-q")
        assert (status, sample in out) == (0, True)
        report = json.loads((tmp_path / "r.json").read_text())
        jsonschema.validate(report, json.loads(SCHEMA.read_text()), cls=jsonschema.Draft202012Validator)
        assert report["schema"] == "grader/report/3"
        assert report["isolation"]["level"] == ISOLATION.level
        assert bool(report["diagnosis"]["mistakes"]) == (sample != "ivan.py")  # autograd is told as policy
        assert report["score"] == round(sum(check["points"] for check in report["checks"]), 2)


@pytest.mark.parametrize(("language", "words"), [("en", "it took too long"), ("fr", "il prend trop de temps")])
def test_one_line_on_a_file_tells_in_words_how_it_ended(assignment, language, words):
    late = not_graded(SubmissionId("a.py", "a.py", ""), assignment, Outcome.TIMED_OUT, Fact("x"), "1", ISOLATION)
    assert summary(late, language).plain == f"a.py  0 / 10  {words}"


def test_the_published_schema_describes_the_records(request):
    schema = TypeAdapter(Report).json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"] = {"schema": {"const": json_report.SCHEMA}, **schema["properties"]}
    schema["required"] = ["schema", *schema["required"]]
    schema["$defs"]["Fact"]["properties"]["text"] = {"description": "The sentence in English.", "type": "string"}
    for name in ("Place", "Annotation"):  # `is` is no name in Python
        properties = schema["$defs"][name]["properties"]
        schema["$defs"][name]["properties"] = {key.removesuffix("_"): value for key, value in properties.items()}
        schema["$defs"][name]["required"] = [key.removesuffix("_") for key in schema["$defs"][name]["required"]]
    for part in (schema, *schema["$defs"].values()):
        if part.get("type") == "object":
            part["additionalProperties"] = False
    compare(SCHEMA, json.dumps(schema, indent=2) + "\n", request.config.getoption("--renew"))


def test_json_on_standard_output_is_nothing_but_json(grade):
    status, out, _ = grade(ALICE, "--seed", SEED, "--json", "-")
    assert status == 0
    assert json.loads(out)["score"] == 10


@pytest.mark.parametrize(
    ("sample", "percent", "status"), [("alice.py", 100, 0), ("emma.py", 53.3, 0), ("emma.py", 53.4, 1)]
)
def test_fail_under_decides_the_exit_status(grade, sample, percent, status):
    assert grade(ROOT / "submissions" / sample, "--seed", SEED, "-q", "--fail-under", percent)[0] == status


def test_verbose_lists_every_quantity_of_every_graded_probe(grade, key):
    _, out, _ = grade(ALICE, "--seed", SEED, "-v")
    assert len(re.findall(r"^✓ +\S.*\]  ", out, re.MULTILINE)) == sum(
        len(key.expected[p.name]) for p in key.probes if p.graded
    )


def bad_file(tmp_path: Path, name: str, data: bytes) -> Path:
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


NOTEBOOK = b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["%s"]}]}'


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.py", b"", "is empty"),
        ("binary.py", b"\x7fELF\0\0\0", "is a binary file"),
        ("no_entry.py", b"x = 1\n", "defines the functions of no assignment"),
        ("words.ipynb", b"Here is my homework.", "is not a notebook"),
        ("cut.ipynb", (NOTEBOOK % b"def backpropagation(a, b, c):\\n")[:-4], "it is not JSON"),
        ("no_code.ipynb", b'{"cells": [{"cell_type": "markdown", "source": "def backpropagation"}]}', "without code"),
        ("only_named.py", b'"""\ndef backpropagation(m, t, p):\n"""\n', "defines no function `backpropagation`"),
    ],
)
def test_a_file_that_cannot_be_graded_ends_with_2_and_says_why(grade, tmp_path, name, data, words):
    status, out, err = grade(bad_file(tmp_path, name, data), "--seed", SEED)
    assert (status, out) == (2, "")
    assert name in err
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def backpropagation(model, y_true, y_pred)\n    pass\n", "SyntaxError: expected ':'"),
        ("def backpropagation(model):\n    pass\n", "takes 1 positional argument but 3 were given"),
        (
            "import nowhere_to_be_found as n\ndef backpropagation(m, t, p):\n    n.f()\n",
            "`n.f` is not available here: ModuleNotFoundError",
        ),
        ("def backpropagation(m, t, p):\n    m.dL_dw[m.L] = None\n", "nothing stored"),
        ("def backpropagation(m, t, p):\n    m.dL_dw[m.L] = 'x'\n", "dL_dw[2] at toy [2, 3, 2]: holds a str"),
        ("def backpropagation(m, t, p):\n    m.dL_db[m.L] = p * float('nan')\n", "it keeps the axis of the examples"),
        (
            "def backpropagation(m, t, p):\n    m.dL_db[m.L] = p[0] * float('nan')\n",
            "call 1 at [0]: not finite, should be",
        ),
        ("def backpropagation(m, t, p):\n    raise ValueError('\\x1b[2J\\u202e')\n", "ValueError: \ufffd[2J\ufffd"),
    ],
)
def test_a_submission_that_is_wrong_in_form_is_graded_and_told(grade, tmp_path, source, words):
    status, out, _ = grade(bad_file(tmp_path, "s.py", source.encode()), "--seed", SEED)
    assert status == 0
    assert words in " ".join(out.split()) or words in out


def test_no_such_file_a_folder_and_an_unknown_option_end_with_2(grade, tmp_path):
    assert grade("absent.py") == (2, "", "grade: absent.py: no such file\n")
    assert "there is no Python file (.py) and no notebook (.ipynb)\n" in grade(tmp_path)[2]
    status, _, err = grade(ALICE, "--sead", 1)
    assert (status, "--seed" in err) == (2, True)
    assert "no assignment `minet`; did you mean `mynet`? Known are " in grade(ALICE, "--assignment", "minet")[2]


def test_what_keeps_a_file_from_being_graded_is_told_in_french_too(grade, tmp_path):
    for name, data, words in (
        ("empty.py", b"", "empty.py : est vide"),
        ("none.py", b"x = 1\n", "none.py : ne définit aucune fonction `backpropagation`"),
        ("n.ipynb", b"{}", "n.ipynb : c'est un notebook sans cellule de code"),
    ):
        (tmp_path / name).write_bytes(data)
        for command in ([], ["check"]):
            told = grade(*command, tmp_path / name, "--assignment", "mynet", "--language", "fr")
            assert (told[0], words in told[2]) == (2, True)


@pytest.mark.parametrize(
    ("word", "hint"), [("chek", "; did you mean check?"), ("hand-out", "; did you mean handout?"), ("xyzzy", "")]
)
def test_a_misspelt_command_is_told_which_one_is_near(grade, word, hint):
    status, _, err = grade(word, "mynet.py")
    assert (status, err) == (2, f"grade: {word}: no such file or command{hint}\n")


def test_two_entry_points_need_a_choice(grade, tmp_path):
    for folder in ("assignments", "reference"):
        for slug in ("mynet", "twin"):
            shutil.copytree(ROOT / folder / "mynet", tmp_path / folder / slug)
    status, _, err = grade(ALICE, "--course", tmp_path)
    assert (status, "fits several assignments: mynet, twin; name one with --assignment" in err) == (2, True)
    assert grade(ALICE, "--course", tmp_path, "--assignment", "twin", "--seed", SEED, "-q")[1].startswith(
        "alice.py  10 / 10"
    )


def test_a_typo_in_the_assignment_ends_with_2(grade, tmp_path):
    (tmp_path / "reference").mkdir()
    shutil.copytree(ROOT / "assignments", tmp_path / "assignments")
    path = tmp_path / "assignments/mynet/assignment.yaml"
    path.write_text(path.read_text().replace("seconds:", "limit:"))
    status, _, err = grade(ALICE, "--course", tmp_path)
    assert status == 2
    assert f"{path}:23: unknown key `limit` in `resources`; known are seconds, memory_mb, output_kb" in err


def test_a_report_that_cannot_be_written_ends_with_2(grade, tmp_path):
    status, _, err = grade(ALICE, "--seed", SEED, "--json", tmp_path / "no/such/folder.json")
    assert (status, "cannot be written: there is no such file or folder" in err) == (2, True)


def test_a_fault_of_the_grader_ends_with_3_and_says_that_it_is(grade, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    status, _, err = grade(ALICE, "--seed", SEED, "--isolation", "sealed")  # at which no server runs yet
    assert status == 3
    assert "this is the grader's own fault: the fork server did not start" in err


def test_the_command_that_is_installed_is_the_one_that_is_tested():
    done = subprocess.run(
        [Path(sys.executable).with_name("grade"), "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("backprop-grader ")


def test_a_warm_grade_never_imports_torch():
    program = (
        "import sys\nfrom grader import cli\n"
        "try:\n    cli.main(sys.argv[1:])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, ALICE, "--seed", SEED, "-q"], check=True)
    subprocess.run([sys.executable, "-c", program, ALICE, "--seed", SEED, "-q"], check=True)


def test_the_catalogue_is_shown_in_two_languages(grade):
    assert "Compare their size with" in grade("catalogue", "mynet")[1]
    assert "Comment la perte dépend-elle de z" in grade("catalogue", "mynet", "--language", "fr")[1]


@pytest.fixture
def own(tmp_path) -> Path:
    """A submission of somebody, and a report on it."""
    (tmp_path / "own.py").write_bytes(Path(ALICE).read_bytes())
    return tmp_path / "own.py"


@pytest.mark.parametrize(
    "arguments",
    [
        ("file", "{own}", "--json", "{own}"),
        ("file", "{own}", "--json", "{link}"),
        ("file", "{own}", "--json", "{other}"),
        ("check", "{own}", "--result", "{own}"),
        ("check", "{own}", "--summary", "{own}"),
        ("report", "{report}", "--html", "{report}"),
        ("class", "{report}", "--html", "{report}"),
        ("gradebook", "{reports}", "--format", "canvas", "--template", "{reports}/canvas.csv"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_no_output_goes_over_an_input(grade, own, tmp_path, arguments):
    (tmp_path / "link.py").symlink_to(own)
    (tmp_path / "other.py").write_bytes(b"x = 1")
    (tmp_path / "r.json").write_text("{}")
    (tmp_path / "reports/json").mkdir(parents=True)
    (tmp_path / "reports/batch.json").write_text('{"schema": "grader/batch/1", "assignment": "mynet", "title": "t"}')
    (tmp_path / "reports/canvas.csv").write_text("Student,ID,Section,t\n")
    places = {"own": own, "link": tmp_path / "link.py", "other": tmp_path / "other.py", "report": tmp_path / "r.json"}
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    status, _, err = grade(*(a.format(**places, reports=tmp_path / "reports") for a in arguments))
    assert (status, "name another file" in err or "another place" in err) == (2, True)
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()} == before


LONG = "a" * 300
NO_TEXT = "\udcff"


@pytest.mark.parametrize(
    "arguments",
    [
        ("file", f"{LONG}.py"),
        ("check", f"{LONG}.py"),
        ("batch", f"{LONG}.py", "--out", "r"),
        ("batch", "{own}", "--out", LONG),
        ("file", "{own}", "--json", f"{LONG}.json"),
        ("gradebook", LONG),
        ("gradebook", "{own}", "--roster", f"{LONG}.csv"),
        ("report", f"{LONG}.json", "--html", "x.html"),
        ("similar", LONG),
        ("file", "{own}", "--course", LONG),
        ("handout", "mynet", "--gradescope", "--out", f"{LONG}.zip"),
        ("file", "{own}", "--seed", NO_TEXT),
        ("file", "{own}", "--assignment", NO_TEXT),
        ("check", "{own}", "--seed", NO_TEXT),
        ("handout", "mynet", "--gradescope", "--out", "x.zip", "--seed", NO_TEXT),
        ("file", f"{NO_TEXT}.py"),
        ("gradebook", NO_TEXT),
        ("validate", NO_TEXT),
        ("handout", NO_TEXT, "--out", "x"),
    ],
    ids=lambda arguments: " ".join(a[:12].encode(errors="replace").decode() for a in arguments),
)
def test_faults_of_the_command_line_exit_with_2_and_words(grade, own, monkeypatch, tmp_path, arguments):
    monkeypatch.chdir(tmp_path)
    status, _, err = grade(*(a.format(own=own) for a in arguments))
    assert (status, "Traceback" in err) == (2, False)
    assert 10 < len(err) < 1500
