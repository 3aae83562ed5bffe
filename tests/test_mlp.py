"""The exercise `mlp`: layouts, helpers that are replaced, names that tell an order, training on digits."""

from __future__ import annotations

import re

import pytest
import torch

from grader.kit.arguments import local_names, order, replaced_in, slope
from grader.kit.two_layers import BACKWARD, FORWARD, role, role_in_loss
from tests.conftest import ROOT, words_of
from tests.corpus import handed_in


@pytest.fixture
def counted(graders):
    """The title of each backward probe that counted, and the report."""

    def grade(case):
        report = graders("mlp")(handed_in(f"mlp/{case}"))
        return {f.probe for f in report.findings if f.probe.startswith("backward")}, report

    return grade


def layouts(probes):
    return {re.sub(r", with .*", "", probe).split("], ")[1] for probe in probes}


@pytest.mark.parametrize(
    ("case", "layout"),
    [
        ("right/vectors_in_place.py", "vectors"),
        ("right/columns_with_flat_biases.py", "columns"),
        ("right/columns_with_column_biases.py", "columns, biases too"),
        ("right/course_notebook.ipynb", "rows"),
        ("right/rows_with_row_biases.py", "rows, biases too"),
        ("wrong/output_slope_missing.py", "vectors"),
        ("wrong/slope_at_x_not_s.py", "columns"),
        ("wrong/dloss_arguments_swapped.py", "rows"),
        ("wrong/last_cell_spoils_it.ipynb", "rows"),
        ("wrong/weights_not_transposed_forward.py", "rows"),
    ],
)
def test_a_report_is_about_the_layout_that_was_meant_even_if_all_is_wrong(case, layout, counted):
    assert layouts(counted(case)[0]) == {layout}


def test_dloss_that_is_wrong_is_told_from_dloss_that_is_called_wrongly(counted):
    wrong, _ = counted("wrong/dloss_sign_flipped.py")
    called_wrongly, report = counted("wrong/dloss_arguments_swapped.py")
    assert all(probe.endswith("with right dloss") for probe in wrong)
    assert not any("with" in probe for probe in called_wrongly)
    assert {f.verdict for f in report.findings if f.quantity == "dloss(v, t)"} == {"correct"}


def test_a_crash_of_a_layout_that_was_not_meant_is_not_told(counted):
    assert counted("wrong/dloss_arguments_swapped.py")[1].outcome == "returned"


def test_a_right_submission_learns_to_read_and_its_report_shows_the_curves(counted):
    _, report = counted("right/five_tensors.py")
    loss, accuracy = (chart.series[0] for chart in report.charts)
    assert loss.observed == pytest.approx(loss.expected)
    assert loss.observed[-1] < 0.6 * loss.observed[0]
    assert accuracy.observed[-1] > 0.3


def test_passes_too_slow_for_training_keep_their_marks_and_are_told_why_there_is_no_curve(counted):
    _, report = counted("right/loops_over_entries.py")
    assert report.score == report.out_of
    assert "one example takes" in " ".join(map(words_of, report.remarks))


def test_the_marks_in_both_statements_are_those_of_the_assignment(graders):
    report = graders("mlp")(ROOT / "submissions/karim.py")
    for statement in ("README.md", "README.fr.md"):
        text = (ROOT / "assignments/mlp" / statement).read_text(encoding="utf-8")
        marks = [int(points) for points in re.findall(r"\| +(\d) +\|$", text, re.MULTILINE)]
        assert marks == [check.out_of for check in report.checks if check.out_of]


def test_names_tell_the_order_of_arguments_and_otherwise_the_statement_does():
    def swapped(target, pred): ...

    def silent(a, b): ...

    def half(t, b): ...

    assert [told for _, told in order(swapped, ("v", "t"), role_in_loss)] == ["t", "v"]
    for function in (silent, half, torch.tanh):
        assert [told for _, told in order(function, ("v", "t"), role_in_loss)] == ["v", "t"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("dl_dw1", "dl_dw1"),
        ("dw1", "dl_dw1"),
        ("grad_dw1", "dl_dw1"),
        ("grad_b2", "dl_db2"),
        ("dL_db2", "dl_db2"),
        ("W_2", "w2"),
        ("x0", "x"),
        ("target", "t"),
        ("x1", "x1"),
        ("delta", None),
        ("dx1", None),
    ],
)
def test_the_name_of_a_parameter_tells_its_role_or_nothing(name, meant):
    assert role(name) == meant


def test_the_order_of_the_statement_is_found_by_its_own_names():
    def forward_pass(w1, b1, w2, b2, x): ...

    def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2): ...

    assert [told for _, told in order(forward_pass, FORWARD, role)] == list(FORWARD)
    assert [told for _, told in order(backward_pass, BACKWARD, role)] == list(BACKWARD)


def _helper():
    return "own"


def _uses_helper():
    result = _helper()
    return result + "."


def test_a_helper_is_replaced_for_a_while_only_even_if_something_raises():
    seen = []
    with pytest.raises(TypeError), replaced_in(_uses_helper, {_helper: lambda: seen.append("other")}):
        _uses_helper()
    assert (seen, _uses_helper()) == (["other"], "own.")


def test_what_a_local_name_stood_for_is_seen_after_the_call():
    with local_names(_uses_helper) as seen:
        _uses_helper()
    assert seen == {"result": "own"}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_complex_step_gives_a_derivative_to_rounding(dtype):
    x = torch.linspace(-2.5, 2.5, 41, dtype=dtype)
    exact = 1 / torch.cosh(x.double()) ** 2
    assert torch.allclose(slope(torch.tanh, x).double(), exact, rtol=0, atol=8 * torch.finfo(dtype).eps)


PLAIN = (ROOT / "tests/submissions/mlp/right/plain.py").read_text()
AS_ROWS = {
    "w1 @ x + b1": "x @ w1.T + b1",
    "w2 @ x1 + b2": "x1 @ w2.T + b2",
    "(w2.T @ dl_ds2)": "(dl_ds2 @ w2)",
    "torch.outer(dl_ds2, x1)": "dl_ds2.T @ x1",
    "torch.outer(dl_ds1, x)": "dl_ds1.T @ x",
    "dl_db2 += dl_ds2": "dl_db2 += dl_ds2.sum(0)",
    "dl_db1 += dl_ds1": "dl_db1 += dl_ds1.sum(0)",
}
OTHER_DLOSS = {"def dloss(v, t):\n    return 2 * (v - t)": "def dloss(a, b):\n    return b - a"}


def edited(*edits):
    text = PLAIN
    for old, new in [pair for edit in edits for pair in edit.items()]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


SAID = {
    "all is right": ([], 20, []),
    "written for batches, right": ([AS_ROWS], 20, []),
    "biases of the first example": (
        [AS_ROWS, {"dl_ds2.sum(0)": "dl_ds2[0]", "dl_ds1.sum(0)": "dl_ds1[0]"}],
        20,
        ["for each of them alone: dl_db2, dl_db1."],
    ),
    "one mean among sums": ([AS_ROWS, {"dl_ds2.sum(0)": "dl_ds2.mean(0)"}], 20, ["for each of them alone: dl_db2."]),
    "what forward returns": (
        [{"return s1, x1, s2, x2": "return x1, s1, x2, s2"}],
        16,
        ["`forward_pass` returns x1, s1, x2, s2, in this order; the statement asks for s1, x1, s2, x2."],
    ),
    "two biases": (
        [{"dl_db2 += dl_ds2": "dl_db1 += dl_ds2", "dl_db1 += dl_ds1": "dl_db2 += dl_ds1"}],
        None,
        ["dl_db2 and dl_db1 are exchanged: each holds what the other must be."],
    ),
    "a global": (
        [{"def backward_pass(w1, b1, w2,": "w2 = torch.ones(9, 9)\n\n\ndef backward_pass(w1, b1, W2,"}],
        10,
        ["`backward_pass` reads `w2`, which stands outside of it, and never reads its own parameter: `w1`"],
    ),
    "a global that does no harm": ([{"def sigma(x):": "W = torch.ones(3)\n\n\ndef sigma(x, w=None):\n    W"}], 20, []),
    "dloss, half, in another order": ([OTHER_DLOSS, {"dloss(x2, t)": "dloss(t, x2)"}], 18, []),
    "dloss, half, with the other sign": ([OTHER_DLOSS], 18, []),
}


@pytest.mark.parametrize("case", SAID)
def test_what_stands_in_the_place_of_something_else_is_told_and_right_work_is_told_nothing(case, graders, tmp_path):
    edits, score, remarks = SAID[case]
    (tmp_path / "own.py").write_text(edited(*edits))
    report = graders("mlp")(tmp_path / "own.py")
    assert score is None or report.score == score
    told = [words_of(remark.fact) for remark in report.remarks]
    assert len(told) == len(remarks)
    assert all(part in text for part, text in zip(remarks, told, strict=True))
