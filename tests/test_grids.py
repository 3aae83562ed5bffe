"""Heat maps of wrong gradients in a notebook: what is drawn, how much of it, and that nothing in it is markup."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from grader.practice import Desk
from grader.records import Level
from grader.reports.audience import for_students
from grader.reports.grids import MOST, grids
from grader.reports.notebook import as_html
from grader.submission import read
from tests.conftest import ROOT, SEED

RIGHT = (ROOT / "submissions/alice.py").read_text()
SPOILED = """
right = backpropagation


def backpropagation(model, y_true, y_pred):
    right(model, y_true, y_pred)
    {change}
"""


@pytest.fixture(scope="module")
def desk():
    with Desk(ROOT, SEED, print) as desk:
        yield desk


@pytest.fixture
def checked(desk, tmp_path):
    def check(change: str):
        path = tmp_path / "student.py"
        path.write_text(RIGHT + SPOILED.format(change=change))
        return desk.check(read(path), "mynet")

    return check


def drawn(checked):
    return grids(checked.report, checked.key, checked.run)


def test_one_wrong_entry_is_the_only_one_that_is_marked(checked):
    (grid,) = drawn(checked("model.dL_dw[1][2, 0] += 1"))
    wrong = [(r, c) for r, row in enumerate(grid.squares) for c, square in enumerate(row) if square.wrong]
    assert (grid.quantity, wrong, grid.blocks) == ("dL_dw[1]", [(2, 0)], False)
    square = grid.squares[2][0]
    assert float(square.text) - float(square.expected) == pytest.approx(1, abs=1e-2)


def test_a_large_gradient_is_drawn_in_blocks_that_say_how_much_of_them_is_wrong(checked):
    (grid,) = drawn(checked("if model.n_l[0] == 576: model.dL_dw[1][0, :48] += 1"))
    assert (len(grid.squares), len(grid.squares[0]), grid.blocks) == (MOST, MOST, True)
    assert grid.columns[0] == "0-47"
    assert re.fullmatch(r"48/\d+", grid.squares[0][0].text)
    assert [square.wrong for square in grid.squares[0][1:]] == [0.0] * (MOST - 1)


def test_what_is_no_number_is_as_wrong_as_can_be(checked):
    grid = drawn(checked("model.dL_db[2][0] = float('nan')"))[0]
    assert (grid.squares[0][0].text, grid.squares[0][0].wrong, grid.squares[0][1].wrong) == ("nan", 1.0, 0.0)


def test_a_gradient_of_another_shape_is_not_drawn(checked):
    assert drawn(checked("model.dL_dw[1] = model.dL_dw[1].T")) == []


def test_where_students_may_read_nothing_no_number_is_drawn(checked):
    spoiled = checked("model.dL_dw[1][2, 0] += 1")
    silent = for_students(replace(spoiled.report, student_level=Level.NOTHING))
    assert grids(silent, spoiled.key, spoiled.run) == []
    assert "instead of" not in as_html(silent, spoiled.key, spoiled.run, [])


def test_nothing_that_a_submission_says_is_markup(checked):
    spoiled = checked("print('<b>x</b>'); raise ValueError('<script>alert(1)</script>')")
    html = as_html(spoiled.report, spoiled.key, spoiled.run, ["<i>"])
    assert "<script" not in html
    assert "<b>x</b>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html


def test_colours_do_not_carry_the_verdict_alone(checked):
    spoiled = checked("model.dL_dw[1][2, 0] += 1")
    html = as_html(spoiled.report, spoiled.key, spoiled.run, [])
    grid = drawn(spoiled)[0]
    for row in grid.squares:
        for square in row:
            assert f">{square.text}<small>{square.expected}</small>" in html
    assert np.count_nonzero([square.wrong for row in grid.squares for square in row]) == 1
