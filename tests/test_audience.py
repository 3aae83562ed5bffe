"""What a student reads: nothing of hidden trials but that they are right or not, and hints as far as they are allowed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader.records import Chart, Diagnosis, Failure, Level, Outcome, Remark, Series, Trial, UnknownMistake, Visibility
from grader.reports.audience import for_students, up_to
from grader.reports.gradescope import as_results
from grader.reports.json_report import as_json
from grader.wire.facts import Fact
from tests.conftest import ROOT, words_of
from tests.corpus import cases, handed_in

MYNET = [case for kind in ("right", "wrong", "suspected") for case in cases(f"mynet/{kind}")[::6]]


@pytest.mark.parametrize("case", MYNET)
def test_no_number_of_a_hidden_trial_reaches_a_student(case, graders, key):
    whole = graders("mynet")(handed_in(case), seconds=60)
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    hidden = {probe.name for probe in key.probes if probe.visibility is Visibility.HIDDEN}
    public = {words_of(f) for f in whole.findings if f.probe not in hidden}
    for finding in told.findings:
        assert ", should be " not in words_of(finding) or words_of(finding) in public
        assert finding.ratio is None or finding.probe not in hidden
    assert ", should be " not in " ".join((*map(words_of, told.remarks), words_of(told)))
    assert (told.seed, told.output, told.charts) == ("", "", ())


def test_a_remark_on_a_hidden_trial_stays_without_its_numbers(graders):
    whole = graders("mynet")(ROOT / "submissions/alice.py")
    trial = next(trial for trial in whole.trials if trial.visibility is Visibility.HIDDEN)
    wrong = Fact("number-differs", {"yours": 0.31337, "right": 0.5, "at": (), "digits": 5})
    fact = Fact("ungraded-is-wrong", {"trial": trial.title, "quantity": "dL_db[2]", "what": wrong})
    others = (
        Remark(Fact("on-processor")),
        Remark(Fact("whose-is-open", {"files": "b.py"}), for_students=False),
    )
    told = for_students(replace(whole, remarks=(Remark(fact, trial.name), *others)))
    assert words_of(told.remarks[0]) == f"{trial.title}: is not right\nThis trial earns no points, so none are lost."
    assert "31337" not in as_json(told)
    assert told.remarks[1:] == others[:1]


def test_a_student_is_told_that_a_shortcut_costs_the_points_and_not_how_it_was_noticed(graders):
    whole = graders("mynet")(ROOT / "submissions/ivan.py")
    assert {found.rule for found in whole.policy} == {"autograd", "caches"}
    told = for_students(replace(whole, student_level=Level.EXPLANATION))
    assert [(found.rule, words_of(found)) for found in told.policy] == [("autograd", "there are signs of autograd")]
    assert "mark" not in json.dumps([words_of(found) for found in told.policy])


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
    assert not any(words_of(finding) for finding in nothing.findings)
    assert "instead of" not in as_json(nothing)


RIGHT = (ROOT / "submissions/alice.py").read_text()
TELLING = """
_right = backpropagation

def backpropagation(m, t, p):
    _right(m, t, p)
    if t.numel() == 3:
        secret = "".join(c for c in str(t.tolist()) if c.isdigit() or c == ".")
        raise {raised}
"""
RAISED = {
    "text": "ValueError(f'no\\nat toy [2, 3, 2]:\\ntargets are {secret}')",
    "type": "type(f'E{secret}'.replace('.', '_'), (Exception,), {})('no')",
    "a file of its own": "eval(compile('1 / 0', f'f{secret}.py', 'eval'))",
    "a function of its own": "eval(compile(f'(lambda: 1 / 0)()', 'student.py', 'eval'))",
    "a line that is not there": "eval(compile('\\n' * int(secret[:3].replace('.', '') or 1) + '1 / 0', 'student.py', 'eval'))",
    "a chain": "ValueError(secret) from KeyError(secret)",
}


@pytest.mark.parametrize("raised", RAISED.values(), ids=RAISED)
def test_an_error_in_a_hidden_trial_tells_no_number_of_it_in_whatever_part(raised, grade_file):
    report = grade_file(RIGHT + TELLING.replace("{raised}", raised))
    told = for_students(report)
    digits = {run for run in re.findall(r"\d{4,}", words_of(report)) if run not in RIGHT}
    assert not any(run in as_json(told) for run in digits)
    (failure,) = told.failures
    assert failure.fact.kind == "raised-and-hidden"
    assert len(failure.fact.values["places"]) <= 1


def test_a_student_reads_the_type_of_an_error_and_her_own_line_in_a_hidden_trial(grade_file):
    told = for_students(grade_file(RIGHT + TELLING.replace("{raised}", "ValueError(secret)")))
    assert "raise ValueError(secret)\nValueError; its text is hidden" in words_of(told)


FORGED = [
    ("student.py", 10**9, "", "x"), ("12345.py", 1, "", "import torch"), ("student.py", 1, "", "12345"),
    ("student.py, cell 12345", 1, "", ""),
]  # fmt: skip


@pytest.mark.parametrize("place", FORGED)
def test_a_place_that_the_file_does_not_have_is_not_taken_for_its_own(place):
    from grader.grading.reporting import _own_line
    from grader.submission import accept

    handed_in = accept(Path("student.py"), b"import torch\n")
    fact = Fact("raised", {"type": "ValueError", "text": "", "places": (place,)})
    assert _own_line(fact, handed_in) is None
    honest = ("student.py", 1, "f", "import torch")
    assert _own_line(replace(fact, values={**fact.values, "places": (place, honest)}), handed_in) == (
        *honest[:2],
        "",
        honest[3],
    )


def test_what_autograders_show_of_an_error_in_a_hidden_trial_is_not_its_words(graders):
    whole = graders("mynet")(ROOT / "submissions/emma.py")
    hidden = replace(whole, trials=tuple(replace(trial, visibility=Visibility.HIDDEN) for trial in whole.trials))
    public = replace(whole, trials=tuple(replace(trial, visibility=Visibility.PUBLIC) for trial in whole.trials))
    assert "cannot be multiplied" in as_results(public, 0.0)["output"]
    assert "cannot be multiplied" not in as_results(hidden, 0.0)["output"]


def test_a_report_that_does_not_say_what_is_public_tells_a_student_no_numbers(graders):
    whole = graders("mynet")(ROOT / "submissions/chloe.py")
    told = for_students(replace(whole, trials=()))
    assert not any("instead of" in words_of(finding) for finding in told.findings)
    assert told.pictures == ()


def test_one_ratio_for_each_trial_is_for_the_instructor():
    factors = tuple(Fact("factor-at-trial", {"factor": f, "trial": t}) for f, t in ((0.5, "toy"), (0.25, "digits")))
    fact = Fact("factor-in-each-trial", {"name": "dL_dw[1]", "factors": factors})
    assert words_of(fact).endswith("times one number in each trial: 0.5 at toy; 0.25 at digits")
    diagnosis = Diagnosis(unknown=(UnknownMistake("output delta", None, (fact,)),))
    told = up_to(diagnosis, Level.SYMPTOMS).unknown[0].facts
    assert [words_of(f) for f in told] == ["dL_dw[1] is what it should be times one number in each trial"]


FACT = Fact("constant-factor", {"name": "dL_dw[1]", "factor": 1.23456})


@pytest.mark.parametrize(("all_public", "ratio"), [(True, "1.235"), (False, "1.2")])
def test_a_ratio_has_two_digits_where_a_hidden_single_number_could_be_had_from_it(all_public, ratio):
    diagnosis = Diagnosis(unknown=(UnknownMistake("output delta", None, (FACT,)),))
    told = up_to(diagnosis, Level.SYMPTOMS, all_public=all_public).unknown[0].facts
    assert words_of(told[0]) == f"dL_dw[1] is {ratio} times what it should be, in every entry"


def test_every_number_of_a_trial_in_a_fact_is_coarse_however_deep_it_stands():
    deep = Fact("noted", {"name": "q", "what": Fact("at-trials", {"name": FACT, "trials": (1.23456, 2)})})
    diagnosis = Diagnosis(unknown=(UnknownMistake("output delta", None, (deep,)),))
    told = up_to(diagnosis, Level.SYMPTOMS, all_public=False).unknown[0].facts[0]
    assert "1.23" not in repr(told)


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


NUMBERS = "0.123456789 " * 200
ERROR = Fact(
    "raised", {"type": "ValueError", "text": f"{NUMBERS}end", "places": (("emma.py", 6, "f", "raise it"),) * 6}
)


def failing(whole, visibility, trial="seen"):
    """The report with a long error in one trial, or before any, and another trial of some visibility."""
    failure = Failure(Outcome.RAISED, ERROR, trial)
    remark = Remark(Fact("ungraded-call-ends", {"trial": "seen", "what": ERROR}), "seen")
    return replace(with_a_chart(whole, visibility), failures=(failure,), remarks=(remark,))


@pytest.mark.parametrize("trial", ["seen", ""])
def test_where_a_trial_is_hidden_an_error_elsewhere_is_cut_to_its_places_type_and_end(graders, trial):
    whole = graders("mynet")(ROOT / "submissions/alice.py")
    public = failing(whole, Visibility.PUBLIC, trial)
    assert for_students(public).failures == public.failures
    assert for_students(public).remarks == public.remarks
    told = for_students(failing(whole, Visibility.HIDDEN, trial))
    for text in (words_of(told), words_of(told.remarks[0])):
        assert text.count("emma.py, line 6, in f") == 4
        assert "ValueError: ... " in text
        assert text.count("0.123456789") <= 300 / len("0.123456789 ")
    assert words_of(told).endswith("end")
    short = replace(ERROR, values={**ERROR.values, "text": "shapes differ", "places": ()})
    brief = replace(failing(whole, Visibility.HIDDEN), failures=(Failure(Outcome.RAISED, short, "seen"),))
    assert for_students(brief).failures == brief.failures


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
        failures=(Failure(Outcome.RAISED, Fact("raised", {"type": "ValueError", "text": told, "places": ()}), "seen"),),
        trials=(Trial("seen", "seen", Visibility.PUBLIC),),
    )
    student = for_students(told_of)
    assert student.failures[0].fact.values["text"] == shown
    assert "/home/ada" not in as_json(student)
