"""One submission, from the file to the report."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from grader import submission
from grader.grading import Limits, grade, setup
from grader.key.obtaining import obtain_key
from grader.records import Level
from grader.reports.audience import for_students
from grader.sandbox.jobs import Job
from grader.sandbox.pool import Pool
from tests.conftest import ROOT, VISIBLE, assignment_and_key, words_of

RIGHT_BUT = """
def backpropagation(model, y_true, y_pred):
    e = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = e * (1 - model.a[l] ** 2)
        model.dL_dw[l], model.dL_db[l], e = d.T @ model.a[l - 1], d[0], d @ model.fc[str(l)].weight
    if {condition}:
        model.dL_db[model.L] = model.dL_db[model.L] * (1 + {error})
"""


@pytest.fixture
def seen_only_here(key):
    """A condition that holds on one example of these probes, and on no other draw."""
    target = next(probe for probe in key.probes if probe.name == "widths").inputs["y"][1, 0, 0]
    return f"abs(float(y_true[0, 0]) - {float(target)!r}) < 1e-12"


def test_an_error_little_beyond_the_tolerance_that_other_draws_do_not_show_costs_nothing(grade_file, seen_only_here):
    report = grade_file(RIGHT_BUT.format(condition=seen_only_here, error=2e-5))
    assert report.score == report.out_of


def test_an_error_little_beyond_the_tolerance_that_every_draw_shows_costs_its_points(grade_file):
    report = grade_file(RIGHT_BUT.format(condition="True", error=2e-5))
    assert {check.id for check in report.checks if check.points < check.out_of} == {"output-biases"}


def test_a_large_error_is_not_looked_at_twice(grade_file, seen_only_here):
    report = grade_file(RIGHT_BUT.format(condition=seen_only_here, error=0.5))
    assert {check.id for check in report.checks if check.points < check.out_of} == {"output-biases"}


def test_work_in_single_precision_gets_a_remark_and_full_marks(grade_file):
    report = grade_file(RIGHT_BUT.format(condition="True", error=1e-9))
    assert report.score == report.out_of
    assert "right to single precision only" in words_of(report.remarks[0])


def test_a_hang_in_a_net_that_is_not_graded_costs_nothing(grade_file):
    report = grade_file(
        RIGHT_BUT.format(condition="len(y_true) == 4 and [1 for _ in iter(int, 1)]", error=0), seconds=2
    )
    assert (report.score, report.outcome) == (report.out_of, "returned")


def test_limits_and_isolation_and_versions_are_in_the_report(grade_file):
    report = grade_file(RIGHT_BUT.format(condition="False", error=0))
    assert set(report.versions) == {"grader", "python", "torch", "numpy"}
    assert report.isolation.level
    assert report.seconds > 0


def test_code_for_a_graphics_card_runs_on_the_processor_with_a_remark(grade_file):
    report = grade_file(ROOT / "tests/submissions/mynet/right/cuda_hard_coded.py")
    assert any("graphics card" in words_of(remark) for remark in report.remarks)
    portable = (
        RIGHT_BUT.format(condition="False", error=0) + "\ndevice = 'cuda' if torch.cuda.is_available() else 'cpu'"
    )
    assert not any("graphics card" in words_of(remark) for remark in grade_file(portable).remarks)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("raise NotImplementedError", "not-attempted"),
        ("torch.nn.Module().forward(y_pred)", "not-run"),
        ("torch.ones(2, 2, dtype=torch.bool).inverse(); torch.empty(2, device='meta').numpy()", "not-run"),
        ("torch.empty(2, device='meta').cpu()", "not-run"),
    ],
)
def test_what_was_left_open_is_told_apart_from_what_could_not_be_run(grade_file, body, verdict):
    """torch raises NotImplementedError, too, from Python and from compiled code."""
    report = grade_file(f"import torch\n\ndef backpropagation(model, y_true, y_pred):\n    {body}\n")
    assert {check.verdict for check in report.checks} == {verdict}


def test_parts_that_were_left_out_are_no_failure_of_those_that_were_written(graders):
    report = graders("mlp")("import torch\n\ndef sigma(x):\n    return torch.tanh(x)\n")
    assert (report.outcome, words_of(report), report.score) == ("returned", "", 1)


def test_a_submission_sees_the_same_random_numbers_alone_and_in_a_class(pool, assignment, key):
    """In a class the networks are made before it comes, and making one takes random numbers."""
    code = b"import torch\n\ndef backpropagation(model, y_true, y_pred):\n    print(float(torch.rand(1)))\n"
    job = Job("student.py", code, False, 10, 1 << 30, 1 << 20)
    with Pool(pool.isolation, VISIBLE, servers=1) as servers:
        servers.prepare(setup(assignment, key))
        assert servers.run(job).output == pool.run(job).output != ""


BROKEN = '''


@mistake("broken", Step.RUN, "this one cannot be looked for", "")
def _(signs):
    """One.

    Two.

    Three.
    """
    return signs + 1
'''


def test_a_diagnosis_that_fails_costs_no_report_and_is_told_to_the_instructor(pool, tmp_path):
    assignment, key = assignment_and_key("mynet")
    reference = shutil.copytree(assignment.reference, tmp_path / "mynet")
    for name, more in (("mistakes.py", BROKEN), ("hints.fr.yaml", "  broken: [Un., Deux., Trois.]\n")):
        with (reference / name).open("a") as file:
            file.write(more)
    broken = assignment.model_copy(update={"reference": reference})
    wrong = submission.read(ROOT / "submissions/chloe.py")
    report = grade(wrong, broken, key, pool, Limits.of(assignment), lambda s: obtain_key(assignment, s, print))
    assert (report.diagnosis.mistakes, report.diagnosis.unknown) == ((), ())
    assert 0 < report.score < report.out_of
    told = words_of(report.remarks[-1])
    assert told.startswith("What is wrong could not be told: TypeError: unsupported operand")
    assert told.endswith("; please report it")
    students = for_students(replace(report, student_level=Level.EXPLANATION))
    assert told not in map(words_of, students.remarks)
