"""Heat maps of wrong gradients in a notebook: what is drawn, how much of it, and that nothing in it is markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.records import Level
from grader.reports.audience import for_students
from grader.reports.notebook import as_html
from grader.selfcheck.practice import Desk
from grader.submission import read
from tests.conftest import ROOT, SEED

RIGHT = (ROOT / "submissions/alice.py").read_text()
SPOILED = """
right = backpropagation


def backpropagation(model, y_true, y_pred):
    right(model, y_true, y_pred)
    {change}
"""
CELL = re.compile(r"<td style='([^']*)'>([^<]*)<small>([^<]*)</small></td>")


@pytest.fixture(scope="module")
def desk():
    with Desk(ROOT, SEED, print) as desk:
        yield desk


@pytest.fixture
def report(desk, tmp_path):
    def check(change: str):
        path = tmp_path / "student.py"
        path.write_text(RIGHT + SPOILED.format(change=change))
        return desk.check(read(path), "mynet").report

    return check


def test_of_one_wrong_entry_your_number_stands_above_the_right_one_and_the_others_agree(report):
    cells = CELL.findall(as_html(report("model.dL_dw[1][2, 0] += 1"), []))
    wrong = [(yours, right) for _, yours, right in cells if yours != right]
    assert len(cells) == 6
    [(yours, right)] = [tuple(float(text.replace("\N{MINUS SIGN}", "-")) for text in pair) for pair in wrong]
    assert yours - right == pytest.approx(1, abs=1e-2)
    assert len({style for style, yours, right in cells if yours == right}) == 1


def test_of_a_large_gradient_the_worst_entries_are_listed(report):
    html = as_html(report("if model.n_l[0] == 576: model.dL_dw[1][0, :48] += 1"), [])
    assert not CELL.findall(html)
    assert len(re.findall(r"<tr><th>\[0, \d+\]</th><td>[^<]+<small>[^<]+</small></td></tr>", html)) == 8


def test_what_is_no_number_is_told_in_words(report):
    assert "not finite<small>" in as_html(report("model.dL_db[2][0] = float('nan')"), [])


def test_where_students_may_read_nothing_no_number_is_drawn(report):
    silent = for_students(replace(report("model.dL_dw[1][2, 0] += 1"), student_level=Level.NOTHING))
    html = as_html(silent, [])
    assert not CELL.findall(html)
    assert "instead of" not in html


def test_nothing_that_a_submission_says_is_markup(report):
    html = as_html(report("print('<b>x</b>'); raise ValueError('<script>alert(1)</script>')"), ["<i>"])
    assert "<script" not in html
    assert "<b>x</b>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html
