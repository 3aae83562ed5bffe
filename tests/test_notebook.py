"""check and main_test in real notebooks: what they show, and that the student's kernel is as it was found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.util import run_sync

from tests.conftest import ROOT, eventually

SAMPLES = ROOT / "submissions"
RIGHT = (SAMPLES / "alice.py").read_text()
WRONG = (SAMPLES / "chloe.py").read_text()
MYNET = "from grader.key.exercises import load_module\nfrom grader.course import find_course\n" + (
    "MyNet = load_module(find_course() / 'assignments/mynet/exercise.py').MyNet"
)


class Kernel:
    """A notebook whose cells are run one by one."""

    def __init__(self, folder: Path) -> None:
        self.notebook = nbformat.v4.new_notebook()
        self.client = NotebookClient(
            self.notebook, timeout=600, allow_errors=True, resources={"metadata": {"path": folder}}
        )

    def run(self, source: str) -> dict[str, Any]:
        """Run a cell: `text` of what it printed and returned, `html` of what it returned, `error` that it raised."""
        cell = nbformat.v4.new_code_cell(source)
        self.notebook.cells.append(cell)
        self.client.execute_cell(cell, len(self.notebook.cells) - 1)
        found = {"text": "", "html": "", "error": ""}
        for output in cell.outputs:
            data = output.get("data", {})
            found["text"] += output.get("text", "") + data.get("text/plain", "")
            found["html"] += data.get("text/html", "")
            found["error"] += "\n".join(output.get("traceback", []))
        return found

    def restart(self) -> None:
        run_sync(self.client.km.restart_kernel)(now=True)
        run_sync(self.client.kc.wait_for_ready)(timeout=600)


@pytest.fixture
def kernel(tmp_path):
    kernel = Kernel(tmp_path)
    with kernel.client.setup_kernel():
        yield kernel


def test_right_work_is_shown_as_a_table_and_as_text_elsewhere(kernel):
    kernel.run(RIGHT)
    shown = kernel.run("from grader import check\ncheck(backpropagation)")
    assert "10 / 10</span>" in shown["html"]
    assert "10 / 10" in shown["text"]
    assert "class='map'" not in shown["html"]
    assert shown["error"] == ""


def test_wrong_work_is_shown_with_heat_maps_of_the_gradients_and_hints(kernel):
    kernel.run(WRONG)
    kernel.run("from grader import check")
    shown = kernel.run("check(backpropagation)")
    assert "3 / 10</span>" in shown["html"]
    assert shown["html"].count("class='map'") == 4
    assert "How does the loss depend on z in this layer" in shown["html"]
    assert "should be" in shown["text"]
    assert "Comment la perte" in kernel.run("check('mynet', globals(), language='fr')")["html"]


def test_an_error_is_shown_with_the_number_of_the_cell_and_not_with_our_own_lines(kernel):
    kernel.run("import torch")
    kernel.run("def backpropagation(model, y_true, y_pred):\n    return model.nothing")
    shown = kernel.run("from grader import check\ncheck(backpropagation)")
    assert "notebook.ipynb, cell 2, line 2, in backpropagation" in shown["html"]
    assert "AttributeError" in shown["html"]
    assert shown["error"] == ""


def test_a_loop_that_never_ends_is_stopped_and_the_kernel_lives_on(kernel):
    kernel.run("kept = 42\ndef backpropagation(model, y_true, y_pred):\n    while True:\n        pass")
    shown = kernel.run("from grader import check\ncheck(backpropagation)")
    assert "is there a loop that never ends?" in shown["html"]
    assert kernel.run("kept")["text"] == "42"
    kernel.run(RIGHT)
    assert "10 / 10" in kernel.run("check(backpropagation)")["html"]


@pytest.mark.parametrize(
    "end", ["import os\n    os._exit(0)", "exit()", "import os, signal\n    os.kill(os.getpid(), 9)"]
)
def test_code_that_ends_its_process_does_not_end_the_kernel(kernel, end):
    kernel.run(f"kept = 42\ndef backpropagation(model, y_true, y_pred):\n    {end}")
    shown = kernel.run("from grader import check\ncheck(backpropagation)")
    assert "0 / 10</span>" in shown["html"]
    assert kernel.run("kept")["text"] == "42"


def test_after_a_restart_only_what_was_run_again_counts_and_nothing_of_before_is_left(kernel):
    kernel.run(RIGHT)
    kernel.run("from grader import check\ncheck(backpropagation)")
    servers = "from grader.selfcheck import checking\nprint(*checking._desks[0]._pool.servers)"
    before = [int(pid) for pid in kernel.run(servers)["text"].split()]
    assert before
    kernel.restart()
    assert "NameError" in kernel.run("from grader import check\ncheck(backpropagation)")["error"]
    kernel.run(WRONG)
    assert "3 / 10</span>" in kernel.run("check(backpropagation)")["html"]
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in before))


def test_the_function_that_is_passed_is_tried_and_not_a_later_one_of_its_name(kernel):
    kernel.run(WRONG)
    kernel.run("first = backpropagation\nfrom grader import check")
    kernel.run(RIGHT)
    assert "3 / 10</span>" in kernel.run("check(first)")["html"]
    assert "10 / 10</span>" in kernel.run("check(backpropagation)")["html"]


BODY = RIGHT.replace("def backpropagation", "def own")
KNOWN_AS = {
    "another function": "backpropagation = lambda *a: own(*a)\ncheck(backpropagation)",
    "a partial": "from functools import partial\nbackpropagation = partial(own)\ncheck(backpropagation)",
    "what a decorator made": (
        "def deco(f):\n    def w(*a):\n        return f(*a)\n    return w\n"
        "backpropagation = deco(own)\ncheck(backpropagation)"
    ),
    "its name in quotes": "check('backpropagation')",
}


def test_a_function_is_known_by_the_name_that_the_notebook_gave_it(kernel):
    kernel.run(f"from grader import check\n{BODY}")
    for made, cell in KNOWN_AS.items():
        assert "10 / 10</span>" in kernel.run(cell)["html"], made


def test_a_function_of_a_file_beside_the_notebook_is_taken_from_that_file(kernel, tmp_path):
    (tmp_path / "mine.py").write_text(WRONG)
    kernel.run("from mine import backpropagation\nfrom grader import check")
    assert "3 / 10</span>" in kernel.run("check(backpropagation)")["html"]


@pytest.mark.parametrize(("sample", "slug"), [("jade.py", "functions"), ("mona.py", "descent")])
def test_an_assignment_of_several_names_or_of_none_is_checked_by_its_own_name(kernel, sample, slug):
    kernel.run("from grader import check")
    kernel.run((SAMPLES / sample).read_text())
    assert "20 / 20</span>" in kernel.run(f"check('{slug}', globals())")["html"]


REFUSED = {
    "check(print)": "no assignment asks for a function `print`. Known are",
    "check(42)": "check() takes a function or the name of an assignment, not a int",
    "check('mymet')": "no assignment `mymet`; did you mean `mynet`? Known are",
    "class ReLU: pass\ncheck(ReLU)": "several assignments: name one of them, check('functions', globals()) or",
}


def test_what_cannot_be_checked_is_told_in_one_sentence(kernel):
    for call, message in REFUSED.items():
        shown = kernel.run(f"from grader import check\n{call}")
        assert message in shown["error"]
        assert "File" not in shown["error"]


STATE = """
import random, sys, warnings
import matplotlib, numpy as np, torch
matplotlib.use("agg")
torch.set_default_dtype(torch.float64); torch.set_num_threads(2); torch.set_grad_enabled(False)
torch.manual_seed(3); np.random.seed(4); random.seed(5)
sys.path.append("/somewhere"); warnings.filterwarnings("ignore", message="mine")
np.seterr(divide="ignore")

def state():
    return (torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled(), torch.get_rng_state().tolist(),
            np.random.get_state()[1].tolist(), np.random.get_state()[2], random.getstate(), list(sys.path),
            list(warnings.filters), matplotlib.get_backend(), np.geterr(), sys.getrecursionlimit())
"""
CHANGES_ALL = """
def backpropagation(model, y_true, y_pred):
    import random, sys, warnings
    import matplotlib, numpy as np, torch
    torch.set_default_dtype(torch.float16); torch.set_num_threads(1); torch.set_grad_enabled(True)
    torch.manual_seed(1); np.random.seed(1); random.seed(1)
    sys.path.clear(); warnings.simplefilter("error"); matplotlib.use("svg"); np.seterr(all="raise")
    sys.setrecursionlimit(5000)
"""


@pytest.mark.parametrize("call", ["check(backpropagation)", "main_test(backpropagation, MyNet([2, 3, 2]))"])
@pytest.mark.parametrize("code", [RIGHT, CHANGES_ALL])
def test_the_kernel_is_left_exactly_as_it_was_found(kernel, call, code):
    kernel.run(MYNET)
    kernel.run(code)
    kernel.run("from grader import check, main_test")
    kernel.run(f"{STATE}\nbefore = state()")
    kernel.run(f"MyNet([2, 3, 2]); torch.manual_seed(3)\n{call}")
    kernel.run("torch.manual_seed(3)\nmodel = MyNet([2, 3, 2])\ntorch.manual_seed(3)\nbefore = state()")
    kernel.run(call.replace("MyNet([2, 3, 2])", "model"))
    assert kernel.run("[a == b for a, b in zip(before, state())]")["text"] == str([True] * 12)


def test_main_test_stops_a_loop_that_never_ends_and_tells_an_exit(kernel):
    kernel.run(MYNET)
    kernel.run(
        "from grader import main_test\nfrom grader.selfcheck import main_test as module\nmodule._SECONDS = 1.0\nkept = 42"
    )
    kernel.run(
        "def endless(model, y_true, y_pred):\n    while True:\n        try:\n            pass\n        except:\n            pass"
    )
    assert "did not end within 1 seconds" in kernel.run("main_test(endless, MyNet([2, 3, 2]))")["text"]
    kernel.run("def leaves(model, y_true, y_pred):\n    raise SystemExit(0)")
    assert "your function raised SystemExit" in kernel.run("main_test(leaves, MyNet([2, 3, 2]))")["text"]
    assert kernel.run("kept")["text"] == "42"


def test_main_test_shows_its_sections_in_a_notebook(kernel):
    kernel.run(MYNET)
    kernel.run(RIGHT)
    shown = kernel.run("from grader import main_test\nmain_test(backpropagation, MyNet([2, 3, 2]), verbose=True)")
    assert "4 / 4: all tests passed." in shown["text"]
    assert shown["error"] == ""


def test_a_script_prints_what_it_checks(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(RIGHT + "\nfrom grader import check\ncheck(backpropagation)\n")
    assert "10 / 10" in subprocess.run([sys.executable, path], capture_output=True, text=True, check=True).stdout


def test_code_that_is_in_no_file_and_no_notebook_is_told_where_to_put_it():
    command = [sys.executable, "-c", "from grader import check\ncheck('mynet')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Save it in a file, and run `grade check FILE`" in done.stderr
