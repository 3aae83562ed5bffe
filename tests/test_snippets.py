"""The failing case in the hands of a student: pasted, it shows the wrong number and the right one."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np
import pytest

from grader.records import Visibility
from grader.reports.audience import for_students
from grader.reports.class_view import compared
from grader.reports.html.class_page import class_page
from grader.reports.html.page import student_page
from tests.conftest import ROOT
from tests.corpus import handed_in


@pytest.mark.parametrize(("slug", "sample"), [("mynet", ROOT / "submissions/chloe.py"), ("functions", handed_in("functions/wrong/tanh_cosh_not_squared.py"))])  # fmt: skip
def test_what_is_pasted_gives_the_wrong_number_of_the_report_and_names_the_right_one(graders, slug, sample):
    report = graders(slug)(sample)
    (snippet,) = report.snippets
    exercise = ROOT / f"assignments/{slug}/exercise.py"
    given = {"__file__": str(exercise), "__name__": "pasted"}
    exec(exercise.read_text(), given)
    exec(sample.read_text(), given)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(snippet.code, given)
    picture = next(p for p in report.pictures if (p.probe, p.quantity) == (snippet.probe, snippet.quantity))
    numbers = [float(text) for text in re.findall(r"-?\d+\.\d*(?:e[+-]?\d+)?", printed.getvalue())]
    for value in picture.observed:
        assert np.isclose(numbers, value, rtol=1e-3, atol=1e-4).any()
    told = [float(t) for t in re.findall(r"-?\d+\.\d*", snippet.code.partition("# should be:")[2])]
    assert np.allclose(told, picture.expected, rtol=1e-4, atol=1e-5)
    assert snippet.code.splitlines()[-1] in student_page(report, for_students=True)
    hidden = tuple(replace(trial, visibility=Visibility.HIDDEN) for trial in report.trials)
    assert for_students(replace(report, trials=hidden)).snippets == ()


def test_two_sections_are_compared_by_their_scores_and_their_mistakes(grade_file):
    good, slip = (grade_file(ROOT / "submissions" / name) for name in ("alice.py", "chloe.py"))
    comparison = compared({"A": [good, good], "B": [good, slip]})
    assert len(comparison.mistakes) == 1
    assert [(g.name, g.scored, g.mean, g.median, g.shares) for g in comparison.groups] == [
        ("A", 2, 10, 10, (0.0,)),
        ("B", 2, 6.5, 3, (0.5,)),
    ]
    page = class_page([good, good, good, slip], [""] * 4, groups={"A": [good, good], "B": [good, slip]})
    assert ("Side by side" in page, "50 %" in page) == (True, True)
    assert "Side by side" not in class_page([good], [""])
