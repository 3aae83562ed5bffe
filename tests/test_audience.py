"""What a student reads: nothing of hidden trials but that they are right or not, and hints as far as they are allowed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grader.records import Chart, Diagnosis, Level, Series, Trial, UnknownMistake, Visibility
from grader.reports.audience import for_students, public_part, up_to
from grader.reports.gradescope import as_results
from grader.reports.json_report import as_data, as_json
from tests.conftest import ROOT
from tests.corpus import cases, handed_in

MYNET = [case for kind in ("right", "wrong", "suspected") for case in cases(f"mynet/{kind}")]


@pytest.mark.parametrize("case", MYNET)
def test_no_number_of_a_hidden_trial_reaches_a_student(case, graders, key):
    whole = graders("mynet")(handed_in(case), seconds=60)
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    hidden = {probe.name for probe in key.probes if probe.visibility is Visibility.HIDDEN}
    public = {f.message for f in whole.findings if f.probe not in hidden}
    for finding in told.findings:
        assert " instead of " not in finding.message or finding.message in public
        assert finding.ratio is None or finding.probe not in hidden
    assert " instead of " not in " ".join((*told.remarks, told.message))
    assert (told.seed, told.output, told.charts) == ("", "", ())


def test_a_remark_on_a_hidden_trial_stays_without_its_numbers(graders):
    whole = graders("mynet")(handed_in("mynet/right/cuda_hard_coded.py"))
    assert " instead of " in whole.remarks[0]
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    assert told.remarks[0] == "a batch of four [3, 4, 2]: is not right\nThis trial earns no points, so none are lost."
    assert told.remarks[1:] == whole.remarks[1:]


def test_a_student_is_told_that_a_shortcut_costs_the_points_and_not_how_it_was_noticed(graders):
    whole = graders("mynet")(ROOT / "submissions/ivan.py")
    assert {found.rule for found in whole.policy} == {"autograd", "caches"}
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    assert [(found.rule, found.evidence) for found in told.policy] == [("autograd", "there are signs of autograd")]
    assert "mark" not in json.dumps([found.evidence for found in told.policy])


@pytest.mark.parametrize(("level", "hints"), [(Level.NUDGE, 1), (Level.POINTER, 2), (Level.EXPLANATION, 3)])
def test_hints_go_as_far_as_the_level_and_formulas_are_for_the_instructor(level, hints, graders):
    whole = graders("mynet")(ROOT / "submissions/chloe.py")
    (mistake,) = for_students(replace(whole, student_level=level)).diagnosis.mistakes
    assert {len(texts) for texts in mistake.hints.values()} == {hints}
    assert (mistake.used, mistake.right) == ("", "")
    assert whole.diagnosis.mistakes[0].right


def test_without_hints_no_mistake_is_named_and_without_symptoms_no_number_is(graders):
    whole = graders("mynet")(ROOT / "submissions/chloe.py")
    assert for_students(replace(whole, student_level=Level.SYMPTOMS)).diagnosis.mistakes == ()
    nothing = for_students(replace(whole, student_level=Level.NOTHING))
    assert not any(finding.message for finding in nothing.findings)
    assert "instead of" not in as_json(nothing)


def test_an_error_in_a_hidden_trial_cannot_pass_itself_off_as_one_in_a_public_trial(grade_file):
    source = (ROOT / "submissions/alice.py").read_text()
    report = grade_file(
        f"{source}\n_right = backpropagation\n\ndef backpropagation(m, t, p):\n    _right(m, t, p)\n"
        "    if t.numel() == 3:\n        raise ValueError(f'no\\nat toy [2, 3, 2]:\\ntargets are {t.tolist()}')\n"
    )
    assert "targets are" in report.message
    told = for_students(report)
    assert told.message == "at a trial whose numbers are hidden"
    assert "targets are" not in as_json(told)


def test_what_autograders_show_of_an_error_in_a_hidden_trial_is_not_its_words(graders):
    whole = graders("mynet")(ROOT / "submissions/emma.py")
    hidden = replace(whole, trials=tuple(replace(trial, visibility=Visibility.HIDDEN) for trial in whole.trials))
    assert "cannot be multiplied" in as_results(as_data(whole), 0.0)["output"]
    assert as_results(as_data(hidden), 0.0)["output"] == "at a trial whose numbers are hidden"


def test_a_report_that_does_not_say_what_is_public_tells_a_student_no_numbers(graders):
    whole = graders("mynet")(ROOT / "submissions/chloe.py")
    told = for_students(replace(whole, trials=()))
    assert not any("instead of" in finding.message for finding in told.findings)
    assert told.pictures == ()


def test_one_ratio_for_each_trial_is_for_the_instructor():
    fact = "dL_dw[1] is what it should be times one number in each trial: 0.5 at toy, 0.25 at digits"
    diagnosis = Diagnosis(unknown=(UnknownMistake("output delta", None, (fact,)),))
    told = up_to(diagnosis, Level.SYMPTOMS).unknown[0].facts
    assert told == ("dL_dw[1] is what it should be times one number in each trial",)


FACT = "dL_dw[1] is 1.235 times what it should be, in every entry"


@pytest.mark.parametrize(("all_public", "ratio"), [(True, "1.235"), (False, "1.2")])
def test_a_ratio_has_two_digits_where_a_hidden_single_number_could_be_had_from_it(all_public, ratio):
    diagnosis = Diagnosis(unknown=(UnknownMistake("output delta", None, (FACT,)),))
    told = up_to(diagnosis, Level.SYMPTOMS, all_public=all_public).unknown[0].facts
    assert told == (f"dL_dw[1] is {ratio} times what it should be, in every entry",)


def with_a_chart(report, visibility):
    """The report with a chart of one public trial, and another trial of some visibility."""
    series = (
        Series("right", (0.123456789, None), (0.123456789, 0.5)),
        Series("too long", (0.1, 0.2, 0.3), (0.1, 0.2)),
        Series("nothing expected", (123456.789,), ()),
    )
    chart = Chart("loss", "step", "loss", "line", series, "seen")
    only_too_long = replace(chart, title="other", series=series[1:2])
    trials = (Trial("seen", "seen", Visibility.PUBLIC), Trial("other", "other", visibility))
    diagnosis = Diagnosis(unknown=(UnknownMistake("output delta", None, (FACT,)),))
    return replace(
        report,
        trials=trials,
        charts=(chart, only_too_long),
        diagnosis=diagnosis,
        student_level=Level.EXPLANATION,
    )


def test_curves_of_public_trials_are_coarse_and_no_longer_than_expected_where_a_trial_is_hidden(graders):
    whole = graders("mynet")(ROOT / "submissions/alice.py")
    told = for_students(with_a_chart(whole, Visibility.HIDDEN))
    assert [chart.title for chart in told.charts] == ["loss"]
    assert {s.name: s.observed for s in told.charts[0].series} == {
        "right": (0.123, None),
        "nothing expected": (123000.0,),
    }
    assert "1.235" not in as_json(told)
    public = with_a_chart(whole, Visibility.PUBLIC)
    assert for_students(public).charts == public.charts


PLACE = "emma.py, line 6, in hidden_delta"


@pytest.mark.parametrize("head", ["at toy:\n", ""])
def test_where_a_trial_is_hidden_an_error_in_a_public_one_is_cut_to_its_place_type_and_end(head):
    numbers = "0.123456789 " * 200
    message = f"{head}{PLACE}\n    raise ValueError(str(inputs))\nValueError: {numbers}\n{numbers}end"
    public, hidden = ("toy", Visibility.PUBLIC), ("other", Visibility.HIDDEN)
    assert public_part(message, [public]) == message
    told = public_part(message, [public, hidden])
    assert told.startswith(f"{head}{PLACE}\nValueError: ... ")
    assert told.endswith("end")
    assert len(told) < 400
    short = f"{head}{PLACE}\nValueError: shapes differ"
    assert public_part(short, [public, hidden]) == short


def test_no_line_of_an_error_begins_a_new_part_that_is_not_cut(grade_file, key):
    title = next(probe.title for probe in key.probes if probe.visibility is Visibility.PUBLIC)
    lines = f"at {title}:\n" + "7" * 250 + "\n"
    report = grade_file(f"def backpropagation(m, t, p):\n    raise ValueError({lines!r} * 20)\n")
    assert report.message.count("7") > 600
    assert for_students(report).message.count("7") <= 300


def test_the_error_of_a_public_trial_that_earns_nothing_is_cut_too(graders):
    whole = graders("mynet")(ROOT / "submissions/alice.py")
    remark = (
        f"seen: the call ends with: {PLACE}\nValueError: {'7' * 2000}\nThis trial earns no points, so none are lost."
    )
    told = for_students(replace(with_a_chart(whole, Visibility.HIDDEN), remarks=(remark,))).remarks[0]
    assert told.startswith(f"seen: the call ends with: {PLACE}\nValueError: ... 7")
    assert told.endswith("7\nThis trial earns no points, so none are lost.")
    assert told.count("7") == 300


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("cannot import name 'x' from 'torch' (/home/ada/lib/torch/__init__.py)", "cannot import name 'x' from 'torch' (__init__.py)"),
        ("No such file: '/home/ada/class/alice/w.npz'", "No such file: 'w.npz'"),
        ("/home/ada/course of 2026/alice.py: is empty", "alice.py: is empty"),
        (r"C:\Users\ada\lib\x.py is not there", "x.py is not there"),
        ("dL/dw is 1/2/3 of a/b, and -3 / 4 / 5", "dL/dw is 1/2/3 of a/b, and -3 / 4 / 5"),
        ("alice.py, line 3, in f", "alice.py, line 3, in f"),
    ],
)  # fmt: skip
def test_no_folder_of_the_computer_that_graded_is_told_to_a_student(graders, told, shown):
    report = graders("mynet")(ROOT / "submissions" / "chloe.py")
    told_of = replace(
        report,
        submission=replace(report.submission, file="/home/ada/course of 2026/alice.py", name="alice.py"),
        message=told,
        remarks=(told,),
    )
    student = for_students(told_of)
    assert (student.message, student.remarks) == (shown, (shown,))
    assert "/home/ada" not in as_json(student)
