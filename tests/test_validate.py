"""`grade validate`: the exercises pass, and what is wrong with one is found and named with file and line."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.new import new
from grader.records import Observation, Outcome, Run
from grader.validation.mistakes import same
from grader.validation.wrong_code import edited
from tests.conftest import ROOT, SLUGS

RELU = "assignments/relu", "reference/relu"


def problems(text: str) -> list[tuple[str, int, str, str]]:
    """File, line, what is wrong and what to write, of each problem that is printed."""
    found = re.findall(r"^(\S+):(\d+)\n  (.*)\n  (.*)$", text, re.MULTILINE)
    return [(Path(file).name, int(line), what, remedy) for file, line, what, remedy in found]


@pytest.fixture
def swish(tmp_path):
    """A copy of the sixth exercise."""
    for folder in ("assignments", "reference"):
        shutil.copytree(ROOT / "tests/sixth" / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def relu(tmp_path):
    """A copy of `relu` without most of its wrong code: a course of one exercise with a catalogue."""
    for folder in RELU:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def change(file: Path, old: str, new: str) -> int:
    """Replace a text in a file that has it once; the line where that is."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, text.count(old)
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("slug", SLUGS)
def test_the_exercises_that_come_with_the_program_pass(grade, slug):
    done = grade("validate", slug)
    assert (done.status, problems(done.out)) == (0, []), done.out + done.err
    assert "✗" not in done.out


def test_an_exercise_without_a_catalogue_passes_and_is_told_so(grade):
    done = grade("validate", "--course", ROOT / "tests/sixth")
    assert done.status == 0, done.out + done.err
    assert "no catalogue of known mistakes" in done.out


def test_a_wrong_sign_in_the_reference_is_found(grade, swish):
    file = swish / "reference/swish/solution.py"
    change(file, "return s + x * s * (1 - s)", "return s - x * s * (1 - s)")
    done = grade("validate", "swish", "--course", swish)
    [(name, line, what, _)] = problems(done.out)
    assert done.status == 1
    assert (name, file.read_text().splitlines()[line - 1]) == ("solution.py", "def swish_backward(x, grad_output):")
    assert "the reference is wrong at matrix, dx" in what


def test_a_forward_pass_that_cannot_be_differentiated_is_found(grade, swish):
    file = swish / "assignments/swish/exercise.py"
    change(file, 'torch.sigmoid(point["x"]))', 'torch.round(1e4 * torch.sigmoid(point["x"])) / 1e4)')
    done = grade("validate", "swish", "--course", swish)
    name, line, what, remedy = problems(done.out)[0]
    assert done.status == 1
    assert (name, file.read_text().splitlines()[line - 1].strip()) == ("exercise.py", "def scalar(self, point):")
    assert "d/dx" in what
    assert "finite differences" in what
    assert "smooth" in remedy


def test_a_scalar_that_leaves_the_graph_is_found_where_it_is_written(grade, swish):
    file = swish / "assignments/swish/exercise.py"
    change(file, 'torch.sigmoid(point["x"])).sum()', 'torch.sigmoid(point["x"])).sum().detach()')
    done = grade("validate", "swish", "--course", swish)
    found = problems(done.out)
    assert done.status == 1
    assert (found[0][0], file.read_text().splitlines()[found[0][1] - 1].strip()) == (
        "exercise.py",
        "def scalar(self, point):",
    )
    assert "keep the graph" in found[0][3]


def test_a_handout_that_passes_is_found(grade, swish):
    file = swish / "assignments/swish/handout.py"
    file.write_text((swish / "reference/swish/solution.py").read_text())
    done = grade("validate", "swish", "--course", swish)
    found = problems(done.out)
    assert done.status == 1
    assert {name for name, *_ in found} == {"handout.py"}
    assert "the handout passes: 4 of 4 for `forward`" in found[0][2]
    assert file.read_text().splitlines()[found[0][1] - 1] == "def swish(x):"


def test_equal_axes_are_found(grade, swish):
    line = change(swish / "assignments/swish/exercise.py", '(("matrix", (4, 3))', '(("matrix", (4, 4))')
    done = grade("validate", "swish", "--course", swish)
    [(name, number, what, _)] = problems(done.out)
    assert done.status == 1
    assert (name, "equal axes: `x` has the shape (4, 4)" in what) == ("exercise.py", True)
    assert 0 < number - line < 5  # where the input is given, below its shape


def test_a_forward_pass_that_is_no_more_what_the_statement_says_is_found(grade, swish):
    """Exercise and reference agree with one another: only the golden value knows."""
    change(swish / "assignments/swish/exercise.py", 'torch.sigmoid(point["x"])', 'torch.sigmoid(2 * point["x"])')
    solution = swish / "reference/swish/solution.py"
    change(solution, "return s + x * s * (1 - s)", "return s + 2 * x * s * (1 - s)")
    solution.write_text(solution.read_text().replace("torch.sigmoid(x)", "torch.sigmoid(2 * x)"))
    done = grade("validate", "swish", "--course", swish)
    found = problems(done.out)
    assert done.status == 1
    assert {name for name, *_ in found} == {"exercise.py"}
    assert all("golden.yaml:" in what for _, _, what, _ in found)


def test_a_missing_hint_is_found(grade, relu):
    file = relu / "reference/relu/hints.fr.yaml"
    text = file.read_text(encoding="utf-8")
    without = re.sub(r"(?m)^  relu-mask-inverted:\n(?:    .*\n|\n)+", "", text)
    assert without != text
    file.write_text(without, encoding="utf-8")
    done = grade("validate", "relu", "--course", relu)
    [(line, what, remedy)] = [rest for name, *rest in problems(done.out) if name == "hints.fr.yaml"]
    assert done.status == 1
    assert file.read_text().splitlines()[line - 1] == "hints:"
    assert what == "`relu-mask-inverted` has 0 hints"
    assert "explanation" in remedy


def test_two_mistakes_that_no_probe_separates_are_found(grade, relu):
    """A second name for what is known already: it can never be told from the first."""
    mistakes = relu / "reference/relu/mistakes.py"
    again = '''

@mistake("relu-all-pass", SLOPE, "everything passes, again", "dy/dx = 1")
def _(p):
    """Which entries are let through?

    All of them are.

    The slope is one on one side only, so half of what comes back has to be stopped here.
    """
    return np.ones_like(p.x)
'''
    mistakes.write_text(mistakes.read_text() + again)
    french = relu / "reference/relu/hints.fr.yaml"
    french.write_text(french.read_text() + "\n  relu-all-pass:\n    - Qui passe ?\n    - Tout.\n    - La pente.\n")
    right = (relu / "reference/relu/solution.py").read_text()
    wrong = edited(right, ("return g * open_units", "return g.clone()"))
    (relu / "reference/relu/wrong.py").write_text(
        f'WRONG = [("relu-all-pass", {wrong!r}), ("relu-mask-missing", {wrong!r})]\n'
    )
    done = grade("validate", "relu", "--course", relu)
    found = problems(done.out)
    assert done.status == 1
    assert ("wrong.py", 1, "no probe tells `relu-all-pass` from `relu-mask-missing`") in [one[:3] for one in found]


def test_a_mistake_that_nobody_makes_is_found(grade, relu):
    done = grade("validate", "relu", "--course", relu)
    assert done.status == 1
    found = [what for name, _, what, _ in problems(done.out) if name == "mistakes.py"]
    assert "no wrong code makes `relu-mask-inverted`" in found


def test_a_check_that_nobody_can_earn_and_a_missing_statement_are_found(grade, swish):
    file = swish / "assignments/swish/assignment.yaml"
    file.write_text(file.read_text() + "  - {id: speed, title: It is fast, points: 1, rule: value}\n")
    (swish / "assignments/swish/README.fr.md").unlink()
    done = grade("validate", "swish", "--course", swish)
    found = problems(done.out)
    assert done.status == 1
    last = len(file.read_text().splitlines())
    assert ("assignment.yaml", last, "no graded probe reports on the check `speed`") in [f[:3] for f in found]
    assert ("README.fr.md", 1, "there is no statement in French") in [f[:3] for f in found]


EDITS = [
    ("reference", "solution.py", "class CubeOfX(", "class Cube(", "solution.py", "defines no CubeOfX", "assignment.yaml"),
    ("reference", "solution.py", "def forward(", "def foward(", "solution.py", "NotImplementedError", "`forward`"),
    ("assignments", "exercise.py", "def probes(rng)", "def probes()", "exercise.py", "probes()", "def probes(rng):"),
    ("assignments", "exercise.py", '"grad_output": up', '"grad": up', "exercise.py", "no 'grad_output'", "input named"),
    ("assignments", "exercise.py", '"function.{way}', '"fn.{way}', "exercise.py", "names the part fn.context", "function"),
    ("assignments", "exercise.py", '"public": shape', '"pubic": shape', "exercise.py", "key `pubic`", "public"),
    ("assignments", "exercise.py", "shape == (4, 3)", "False", "exercise.py", "no probe is public", "True"),
    ("assignments", "exercise.py", "* rng.uniform(0.2", "* np.random.uniform(0.2", "exercise.py", "something else than rng", "`rng`"),
    ("assignments", "exercise.py", "stream(rng, size):", "stream(rng, size)", "exercise.py", "SyntaxError", "mend"),
    ("assignments", "exercise.py", '"forward", "x": "backward", "own"', '"fwd", "x": "backward", "own"', "exercise.py",
     "counts for the check `fwd`", "write one of forward, backward"),
    ("assignments", "handout.py", "class CubeOfX", "class Cube", "handout.py", "`CubeOfX` is not defined", "write"),
    ("assignments", "by_machine.py", '"CubeOfX"', '"Cube"', "by_machine.py", "defines no CubeOfX", "assignment.yaml"),
    ("reference", "solution.py", "return 2 * x", "return x * 2", "wrong.py", "solution.py has changed", "passage"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("side", "file", "old", "new_text", "named", "what", "remedy"),
    EDITS,
)
def test_a_slip_of_the_author_is_told_once_with_its_file_and_what_to_write(
    grade, side, file, old, new_text, named, what, remedy, tmp_path
):
    new(tmp_path, "cube-of-x")
    change(tmp_path / side / "cube-of-x" / file, old, new_text)
    done = grade("validate", "cube-of-x", "--course", tmp_path)
    assert done.status == 1, done.out + done.err
    [(name, _, told, advice)] = problems(done.out)
    assert (name, what in told, remedy in advice) == (named, True, True), (told, advice)


def test_where_no_trial_is_public_a_check_says_so_and_ends_with_2(grade, tmp_path):
    new(tmp_path, "cube-of-x")
    change(tmp_path / "assignments/cube-of-x/exercise.py", "shape == (4, 3)", "False")
    done = grade("check", tmp_path / "reference/cube-of-x/solution.py", "--course", tmp_path)
    assert (done.status, "nothing can be tried here" in done.err) == (2, True)


def test_what_cannot_be_used_at_all_ends_with_2(grade, swish):
    assert grade("validate", "nothing", "--course", swish).status == 2
    file = swish / "assignments/swish/assignment.yaml"
    file.write_text(file.read_text().replace("points: 4", "points: four"))
    done = grade("validate", "--course", swish)
    assert done.status == 2
    assert "assignment.yaml:8" in done.err


def test_runs_are_the_same_only_if_nothing_differs():
    seen = Observation(Outcome.RETURNED, arrays={"y": np.array([1.0, 2.0])})
    one = Run(Outcome.RETURNED, None, {"p": seen, "q": seen}, "", 0.0)
    other = replace(one, observations={"p": seen, "q": replace(seen, arrays={"y": np.array([1.0, 2.001])})})
    assert same(one, one, ["p", "q"])
    assert not same(one, other, ["p", "q"])
    assert same(one, other, ["p"])
