"""The expression that is wrong, in the student's own code: found by naming values, proved by running it once more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.pinpoint.changes import with_others
from grader.pinpoint.choosing import earliest
from grader.pinpoint.hypotheses import Hypothesis
from grader.pinpoint.influence import Influence, disturbed, wholes_of
from grader.pinpoint.naming import Names, family
from grader.pinpoint.recording import Recording, Visit, decode
from grader.pinpoint.suspects import Suspicion
from grader.pinpoint.trying import Proved, common_factor
from grader.records import Level, Report
from grader.reports import json_report, reading, terminal
from grader.reports.audience import for_students, place_up_to
from grader.reports.places import proof
from grader.validation.cases import read
from grader.watch.instruments import instrumented
from grader.watch.instruments.changes import changed as changed_value
from grader.watch.instruments.observer import Observer
from grader.watch.reading.cells import read_cells
from grader.wire.changes import ADDED, CHANGES, OTHER
from grader.wire.expressions import FILLS, Expression
from grader.words import Words, say
from tests.conftest import ISOLATION, ROOT, VISIBLE, GradeFile, Pool, assignment_and_key, grading, setup
from tests.corpus import CORPUS, handed_in

RIGHT = """import torch


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.sum(0)
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])
"""
LOOPS = """import math
import torch


def outer(delta, a):
    return [[d * x for x in a] for d in delta]


def backpropagation(model, y_true, y_pred):
    delta = [2 * (p - t) * (1 - p * p) for p, t in zip(y_pred[0].tolist(), y_true[0].tolist())]
    for l in range(model.L, 0, -1):
        a = model.a[l - 1][0].tolist()
        model.dL_dw[l] = torch.tensor(outer(delta, a))
        model.dL_db[l] = torch.tensor(delta)
        w = model.fc[str(l)].weight.tolist()
        delta = [sum(w[i][j] * delta[i] for i in range(len(delta))) * (1 - a[j] ** 2) for j in range(len(a))]
"""


@pytest.fixture(scope="module")
def grade() -> Iterator[GradeFile]:
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(*assignment_and_key("mynet")))
        yield grading(pool, "mynet", places=True)


def changed(old: str, new: str, source: str = RIGHT) -> str:
    assert source.count(old) == 1, old
    return source.replace(old, new)


def told(report: Report) -> list[tuple[int, str, str, str]]:
    return [(p.line, p.text, say(p.is_), say(p.should_be)) for p in report.diagnosis.places]


ONE = {
    "the slope is left out": (
        changed(" * model.df[model.L](model.z[model.L])", ""),
        [(5, "2 * (y_pred - y_true)", "∂L/∂a[2]", "∂L/∂z[2]")],
    ),
    "the two is left out": (
        changed("2 * (y_pred - y_true)", "(y_pred - y_true)"),
        [(5, "y_pred - y_true", "a[2] − y", "∂L/∂a[2]")],
    ),
    "the slope is taken at a": (
        changed("(model.z[l - 1])", "(model.a[l - 1])"),
        [(10, "model.a[l - 1]", "a[2], a[1] in turn", "z[2], z[1] in turn")],
    ),
    "the activation of the same layer": (
        changed("model.a[l - 1]", "model.a[l]"),
        [(7, "model.a[l]", "a[3], a[2], a[1] in turn", "a[2], a[1], a[0] in turn")],
    ),
    "the weights lie the wrong way": (
        changed("model.fc[str(l)].weight", "model.fc[str(l)].weight.T"),
        [(10, "model.fc[str(l)].weight.T", "w[3]ᵀ, w[2]ᵀ in turn", "w[3], w[2] in turn")],
    ),
    "the bias keeps an axis": (
        changed("delta.sum(0)", "delta"),
        [(8, "delta", "∂L/∂b[3] in the shape (1, 3)", "∂L/∂b[3] in the shape (3,)")],
    ),
    "the loop ends early": (
        changed("range(model.L, 0, -1)", "range(model.L, 1, -1)"),
        [(6, "1", "1", "one less")],
    ),
    "a number in the place of the error": (
        changed("    delta = 2 * (y_pred - y_true)", "    error = 2\n    delta = error"),
        [(5, "2", "2", "∂L/∂a[2]")],
    ),
    "a sign in a loop over entries": (
        changed("2 * (p - t)", "2 * (t - p)", LOOPS),
        [(10, "t - p", "−½ · ∂L/∂a[2]", "a[l] − y")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE)
def test_one_expression_that_is_wrong_is_told_with_what_it_is_and_what_belongs_there(grade, case):
    source, expected = ONE[case]
    report = grade(source)
    assert told(report) == expected
    assert report.diagnosis.mended
    assert all(not place.left for place in report.diagnosis.places)


def test_two_mistakes_that_have_nothing_to_do_with_each_other_are_both_found(grade):
    source = changed("delta.sum(0)", "0.5 * delta.sum(0)", changed("model.a[l - 1]", "model.z[l] ** 2 + model.a[l]"))
    source = changed("(y_pred - y_true)", "(y_true - y_pred)")
    source = changed("(model.z[l - 1])", "(model.a[l - 1])", source)
    report = grade(source)
    assert [place.line for place in report.diagnosis.places] == [5, 10]
    assert report.diagnosis.mended


SILENT = {
    "nothing is wrong": RIGHT,
    "nothing is wrong, entry by entry": LOOPS,
    "under other keys": changed("model.dL_db[l] =", "model.dL_db[str(l)] ="),
    "never stored": changed("        model.dL_db[l] = delta.sum(0)\n", ""),
}


@pytest.mark.parametrize("case", SILENT)
def test_where_no_value_is_wrong_no_place_is_told(grade, case):
    assert grade(SILENT[case]).diagnosis.places == ()


def test_what_grading_accepts_in_another_shape_is_no_place():
    source = (ROOT / "tests/submissions/functions/right/weights_first_bias_as_row.py").read_text(encoding="utf-8")
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(*assignment_and_key("functions")))
        report = grading(pool, "functions", places=True)(changed("base = 2.0", "base = 3.0", source))
    assert {place.line for place in report.diagnosis.places} == {29}


def test_a_place_changes_no_mark(grade, grade_file):
    source = ONE["the slope is left out"][0]
    with_place, without = grade(source), grade_file(source)
    assert with_place.diagnosis.places
    assert (with_place.score, with_place.findings) == (without.score, without.findings)


def test_code_that_prints_in_its_loop_is_run_again_in_silence(grade):
    source = changed("    delta = 2 * (y", "    print('x' * 1000)\n    delta = (y")
    report = grade(source)
    assert [place.line for place in report.diagnosis.places] == [6]


def test_code_that_looks_for_the_instruments_spoils_its_own_hint_alone(grade, grade_file):
    source = changed(
        "    delta = 2", "    import builtins\n    builtins.__grader_see__ = lambda *_: 1 / 0\n    delta = 3"
    )
    assert grade(source).score == grade_file(source).score


# ---- who may read what


@pytest.fixture(scope="module")
def wrong(grade) -> Report:
    return grade(ONE["the slope is left out"][0])


def test_the_line_is_a_nudge_what_it_is_a_pointer_and_what_belongs_there_the_explanation(wrong):
    (place,) = wrong.diagnosis.places
    nudge, pointer = (place_up_to(place, level) for level in (Level.NUDGE, Level.POINTER))
    assert (nudge.line, nudge.text, nudge.is_, nudge.should_be) == (5, "", None, None)
    assert (pointer.text, pointer.is_, pointer.should_be, pointer.relation) == (place.text, place.is_, None, None)
    assert say(place.relation) == "the factor tanh'(z[2]) is missing"


def test_a_student_is_told_as_much_as_the_assignment_lets_through(wrong):
    assert wrong.student_level is Level.POINTER
    (place,) = for_students(wrong).diagnosis.places
    assert place.should_be is None


def test_a_report_with_places_is_read_back_as_it_was_written(wrong, tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json_report.as_json(wrong), encoding="utf-8")
    assert json.loads(path.read_text())["diagnosis"]["places"][0]["is"]["text"] == "∂L/∂a[2]"
    assert reading.read(path).diagnosis == wrong.diagnosis


def shown(report: Report, **options) -> str:
    from io import StringIO

    from rich.console import Console

    buffer = StringIO()
    Console(file=buffer, width=100, color_system=None).print(terminal.render(report, **options))
    return buffer.getvalue()


def test_the_terminal_begins_with_the_marked_line_and_tells_what_follows_from_it(wrong):
    text = shown(wrong)
    assert text.index("^^^^^^^^^^^^^^^^^^^^^") < text.index("Weights of the output layer")
    assert "this is ∂L/∂a[2]; here belongs ∂L/∂z[2]: the factor tanh'(z[2]) is missing" in text
    assert "follows from line 5" in text
    assert "ceci est ∂L/∂a[2] ; il faut ici ∂L/∂z[2]" in shown(wrong, language="fr")
    assert "here belongs" not in shown(wrong, level=Level.POINTER)


def test_line_by_line_the_verbose_report_tells_what_the_code_holds(wrong):
    assert "∂L/∂b" not in shown(wrong)
    held = {note.line: say(note.is_) for note in wrong.diagnosis.annotations}
    assert held[5] == "∂L/∂a[3]"
    assert held[7] == "none of the quantities of the derivation"


# ---- its parts


def test_lines_and_columns_of_instrumented_code_are_those_of_the_file():
    source = "def f(x):\n    é = x.T @ x\n    é += 1\n    return [y * 2 for y in é]\n"
    nodes: list[Expression] = []
    (cell,) = instrumented(read_cells("f.py", source.encode(), notebook=False), nodes)
    lines = source.split("\n")
    texts = [lines[node.line - 1][node.column : node.end_column] for node in nodes]
    assert texts == ["x.T @ x", "x.T", "x", "x", "é += 1", "1", "[y * 2 for y in é]", "y * 2", "y", "2", "é"]
    assert cell.tree is not None


PROGRAMS = [
    ("def f(x):\n    match x:\n        case 1 | 2:\n            return x\n    return -x\n", 2, 2),
    ("def f(x):\n    a, *b = [x, x + 1]\n    b[0] += a\n    return b[0]\n", 2, 5),
    ("def f(x):\n    def g():\n        nonlocal x\n        x = x * 2\n        return x\n    return g()\n", 2, 4),
    ("def f(x):\n    return sum(i * x for i in range(3)) if x else 0\n", 2, 6),
    ("class A:\n    def __init__(self): self.n = 1\n    def go(self, x): self.n += x; return self.n\ndef f(x): return A().go(x)\n", 2, 3),
    ("def f(x):\n    def g():\n        yield x\n        yield x + 1\n    return list(g())[-1]\n", 2, 3),
    ("def f(x): return f(x - 1) + 1 if x > 0 else 0\n", 4, 4),
    ("def f(x):\n    a = [0, 0]\n    a[(i := 1)] = x\n    a[i] += i\n    return a[1]\n", 2, 3),
    ("def f(x):\n    n = iter(range(9))\n    a = [0] * 9\n    a[next(n)] = x\n    a[next(n)] = x + 1\n    return a[1]\n", 2, 3),
    ("def f(x):\n    a = {'b': [[0]]}\n    for i in range(1): a['b'][i][0] = x\n    return a['b'][0][0]\n", 2, 2),
    ("def f(x):\n    a, b = [0], [0]\n    a[0] = b[0] = x\n    a[0], b[0] = b[0] + 1, 0\n    del b[0]\n    return a[0]\n", 2, 3),
    ("def f(x):\n    for i in range(3):\n        y = x\n        z = lambda: y\n        y = y + i\n    return z()\n", 2, 4),
    ("def f(x):\n    while x < 5:\n        def g():\n            nonlocal x\n            x = x + 2\n        g()\n    return x\n", 2, 6),
    ("class A:\n    n = property(lambda s: s.m, lambda s, v: setattr(s, 'm', v + 1))\ndef f(x):\n    a = A(); a.n = x\n    return a.n\n", 2, 3),
    ("def f(x):\n    n = iter(range(9))\n    a = [0] * 9\n    a[next(n)] += x\n    a[next(n)] += x + 1\n    return a[1]\n", 2, 3),
    ("def f(x):\n    import numpy as np\n    a = {'b': np.zeros(2)}\n    for k in ['b']: a.pop(k)[0] = x\n    return x\n", 2, 2),
    ("def f(x):\n    class A:\n        a = [0]\n        a[0] = x\n    return A.a[0]\n", 2, 2),
    ("import numpy as np\nb = np.zeros(3)\nclass A(np.ndarray):\n    size = property(lambda self: b.size)\ndef f(x):\n    a = b.copy().view(A); a[0] = x; b[0] = x\n    return x\n", 2, 2),
]  # fmt: skip


@pytest.mark.parametrize(("source", "given", "expected"), PROGRAMS)
def test_instruments_leave_what_code_computes_as_it_is(source, given, expected):
    observer = Observer()
    ((cell,),) = observer.instrument([read_cells("f.py", source.encode(), notebook=False)])
    observer.begin({}, recording=True)
    names: dict = {}
    exec(compile(cell.tree, "f.py", "exec"), names)
    assert names["f"](given) == expected


FILLING = """
import numpy as np

def f(x):
    sums = np.zeros(3)
    for i in range(3):
        sums[i] = x
        sums[0] += 1
    return sums * 1
"""


def filled(source: str, patches: dict, *, recording: bool = True) -> tuple[np.ndarray, Recording | None]:
    observer = Observer()
    ((cell,),) = observer.instrument([read_cells("f.py", source.encode(), notebook=False)])
    observer.begin(patches, recording=recording)
    names: dict = {}
    exec(compile(cell.tree, "f.py", "exec"), names)
    return names["f"](2.0), decode(*observer.record())


def test_what_an_array_holds_after_a_part_was_set_is_seen_once_when_it_is_read():
    given, recording = filled(FILLING, {})
    assert given.tolist() == [5, 2, 2]
    visits = [visit for visit in recording.visits if recording.nodes[visit.node].kind == FILLS]
    assert [(recording.text(visit.node), visit.value.tolist()) for visit in visits] == [("sums[0] += 1", [5, 2, 2])]
    (made,) = {visit.object for visit in recording.visits if recording.text(visit.node) == "np.zeros(3)"}
    assert visits[0].object == made


WHOLES = {
    "a list of arrays": "a = [np.zeros(2), np.zeros(2)]\n    for l in range(2):\n        a[l][0] = x + l\n    return a[1]",
    "the last of a list": "a = [np.zeros(2), np.zeros(2)]\n    a[-1][0] = x\n    return a[1]",
    "a dictionary": "a = {'w1': np.zeros(2)}\n    a['w' + str(1)][0] = x\n    a['w' + '1'][1] = x\n    return a['w1']",
    "a transpose": "a = np.zeros((2, 2))\n    a.T[0] = x\n    return a * 1",
    "a view with a name": "a = np.zeros((2, 2))\n    row = a[0]\n    row[:] = x\n    return a * 1",
    "a tensor": "import torch\n    a = torch.zeros(2, 2)\n    a[0][1] = x\n    return a.numpy() * 1",
}


@pytest.mark.parametrize("way", WHOLES)
def test_an_array_is_known_whatever_its_part_is_called(way):
    given, recording = filled(f"import numpy as np\n\ndef f(x):\n    {WHOLES[way]}\n", {})
    held = [visit.value for visit in recording.visits if recording.nodes[visit.node].kind == FILLS]
    assert given.tolist() in [value.tolist() for value in held]


@pytest.mark.parametrize("recording", [True, False])
def test_an_array_of_which_a_part_was_set_is_corrected_where_it_lies(recording):
    _, seen = filled(FILLING, {})
    (visit,) = (visit for visit in seen.visits if seen.nodes[visit.node].kind == FILLS)
    place = visit.node, visit.call, visit.count
    assert filled(FILLING, {place: np.array([7.0, 8.0, 9.0])}, recording=recording)[0].tolist() == [7, 8, 9]


def test_what_is_put_into_an_array_may_be_added_to_what_is_there():
    source, nodes = FILLING.replace("np.zeros(3)", "np.ones(3)"), list[Expression]()
    instrumented(read_cells("f.py", source.encode(), notebook=False), nodes)
    (put,) = (n for n, e in enumerate(nodes) if e.kind == FILLS and e.line == 7)
    patches = {(put, -1, CHANGES.index(ADDED[0])): np.zeros(0)}
    assert filled(source, {}, recording=False)[0].tolist() == [5, 2, 2]
    assert filled(source, patches, recording=False)[0].tolist() == [6, 3, 3]


def test_an_array_that_is_not_read_again_is_seen_when_the_function_ends():
    _, recording = filled("import numpy as np\n\nKEPT = np.zeros(2)\n\ndef f(x):\n    KEPT[1] = x\n    return x\n", {})
    held = [visit.value.tolist() for visit in recording.visits if recording.nodes[visit.node].kind == FILLS]
    assert held == [[0, 2]]


def test_an_array_may_belong_where_one_number_stands():
    source = "import numpy as np\n\ndef f(x):\n    return np.sum(np.ones(2) * x)\n"
    given, recording = filled(source, {})
    (node,) = (n for n in recording.by_node if recording.text(n) == "np.sum(np.ones(2) * x)")
    assert given == 4
    assert filled(source, {(node, 0, 0): np.array([7.0, 8.0])}, recording=False)[0].tolist() == [7, 8]


def test_numbers_that_are_read_again_and_again_take_the_room_of_one():
    source = "import numpy as np\n\ndef f(x):\n    a = np.full(1000, x)\n    return sum(a[i] * a for i in range(0, 1000, 20))\n"
    given, recording = filled(source, {})
    assert given[0] == 200
    reads = [visit for visit in recording.visits if recording.text(visit.node) == "a"]
    assert len(reads) == 100
    assert all(visit.value.tolist() == [2.0] * 1000 for visit in reads)


def test_a_statement_that_sets_a_part_is_made_of_what_stands_in_it():
    _, recording = filled("import numpy as np\n\ndef f(x):\n    a = np.zeros(2)\n    a[1] = x * 2\n    return a\n", {})
    (statement,) = (n for n, e in recording.nodes.items() if e.kind == FILLS)
    assert [recording.text(n) for n in recording.within(statement)] == ["a[1] = x * 2", "x * 2", "x", "2"]


HONEST = {"nodes": [[0, "f", 1, 0, 1, 1, "Name", -1, 0]], "visits": [[0, 0, 0, 0, 8], [0, 0, 1, 0, 8]], "shapes": [[2], 0], "sources": {}}  # fmt: skip
FORGED = {
    "an operand of nothing": {"nodes": [[0, "f", 1, 0, 1, 1, "Name", 5, 0]]},
    "an operand of itself": {"nodes": [[0, "f", 1, 0, 1, 1, "Name", 0, 0]]},
    "a visit of nothing": {"visits": [[0, 0, 0, 0, 8], [7, 0, 1, 0, 8]]},
    "more numbers than there are": {"shapes": [[10**9], 0]},
    "no numbers": {"shapes": [[0], 0]},
    "too many axes": {"shapes": [[1] * 7, 0]},
    "itself in its own place": {"shapes": [[2], 1]},
    "the last one": {"shapes": [[2], -1]},
    "one that does not come": {"shapes": [[2], 5]},
    "fewer shapes": {"shapes": [[2]]},
    "expressions within expressions without end": {
        "nodes": [[n, "f", 1, 0, 1, 1, "Name", n - 1, 0] for n in range(400)]
    },
}


def sent(record: dict, numbers: np.ndarray) -> Recording | None:
    data = json.dumps(record).encode()
    return decode(np.frombuffer(data + b" " * (-len(data) % 8), np.int64), numbers)


def test_what_an_honest_process_sends_as_a_record_is_read():
    assert [visit.value.tolist() for visit in sent(HONEST, np.arange(3.0)).visits] == [[0, 1], [0, 1]]


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_record_is_refused(case):
    assert sent(HONEST | FORGED[case], np.arange(3.0)) is None


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff" * 8])
def test_what_is_no_record_is_refused(text):
    assert decode(None, np.zeros(3)) is None
    assert decode(np.frombuffer(text + b" " * (-len(text) % 8 or 8), np.int64), np.zeros(3)) is None


def test_a_record_is_no_larger_than_one_that_an_honest_process_sends():
    def node(number, kind="Name", parent=-1):
        return [number, "f.py", 1, 0, 1, 1, kind, parent, 0]

    def record(nodes=1, visits=2, size=1500):
        return {
            "nodes": [node(n) for n in range(nodes)],
            "visits": [[0, 0, n, 0, 8] for n in range(visits)],
            "shapes": [[size], *[0] * (visits - 1)],
            "sources": {},
        }

    numbers = np.zeros(2000)
    assert sent(record(3000), numbers)
    assert sent(record(visits=5000), numbers)
    assert sent(record(3001), numbers) is None
    assert sent(record(visits=5001), numbers) is None, "all of which may be the same numbers"
    assert sent(record(size=1501), numbers) is None
    assert sent(record() | {"nodes": [node(0), node(1, FILLS, 0)]}, numbers) is None, "each would be within the other"


def test_a_quantity_is_known_transposed_in_another_shape_and_in_single_precision():
    w = np.arange(6.0).reshape(2, 3) / 7
    names = Names({"W[1]": w, "b[1]": np.array([0.1, 0.2])})
    assert names.of(w, 1e-9) == [("W[1]", False)]
    assert names.of(w.T, 1e-9) == [("W[1]", True)]
    assert names.of(w.astype(np.float32).astype(float), 1e-9) == []
    assert names.of(w.astype(np.float32).astype(float), 2e-4) == [("W[1]", False)]
    assert names.of(w * np.nan, 1e-9) == []
    assert family("∂L/∂W[12]") == ("∂L/∂W[#]", 12)
    assert family("f(z[1], z[2])") == ("f(z[1], z[2])", None)


def test_gradients_that_are_divided_by_the_number_of_examples_in_the_end_have_names_before():
    dz, dw = np.array([[0.3, -0.2, 0.5]]), np.array([[0.7, 0.1]])
    names = Names({"X": np.ones((2, 3)), "∂L/∂z": dz, "∂L/∂W": dw, "other": np.ones(4), "∂L/∂b": np.ones(4)})
    assert names.with_sums([(3 * dz, 1e-9)], {"∂L/∂W", "∂L/∂b"}).of(3 * dz, 1e-9) == [("N · ∂L/∂z", False)]
    for value in (3 * dw, 2.5 * dz, dz, 2 * dz, 4 * dz):
        assert names.with_sums([(value, 1e-9)], {"∂L/∂W", "∂L/∂b"}) is names, "given out, or no number of examples"


def test_in_a_loop_over_entries_a_quantity_is_put_entry_by_entry():
    node = Expression("f", 1, 0, 1, 1, "Name", -1)
    visits = tuple(Visit(0, 0, count, count, 8, np.array(float(count))) for count in range(4))
    names = Names({"d[1]": np.array([5.0, 6.0]), "w[1]": np.arange(4.0).reshape(2, 2)})
    each = Hypothesis(0, "d[#]", 1, 0, False, False, False, "each", "w[#]")
    assert [float(v) for v in each.patches(Recording({0: node}, visits, {}), names).values()] == [5, 5, 6, 6]


def test_right_submissions_are_never_searched(grade):
    rights = sorted((ROOT / "tests/submissions/mynet/right").glob("*.py"))[::12]
    assert all(not grade(Path(path)).diagnosis.places for path in rights)


AFFINE = """import numpy as np


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = np.mean(dout, axis=0)
    return dx, dw, db
"""


@pytest.fixture(scope="module")
def grade_affine() -> Iterator[GradeFile]:
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(*assignment_and_key("cs231n-affine")))
        yield grading(pool, "cs231n-affine", places=True)


def test_a_declared_layer_has_places_too_in_the_names_of_its_calls(grade_affine):
    [place] = told(grade_affine(AFFINE))
    assert (place[0], place[1], place[3]) == (12, "np.mean(dout, axis=0)", "∂L/∂b")
    assert place[2].endswith(" · ∂L/∂b")


EDITS = {
    "relu_left_out_on_the_way_back": [(47, "dout")],  # where it gets the name under which it is used
    "loop_overwrites_the_sum": [(28, "dw[:, j] = dout[i, j] * x[i].ravel()")],
    "svm_right_class_once": [(61, "dx[np.arange(N), y] -= 1")],  # and not the line that divides all of it later
}


@pytest.mark.parametrize("name", EDITS)
def test_the_line_is_told_that_an_edit_changed_and_no_line_after_it(grade_affine, name):
    edit = read(ROOT / "tests/submissions/cs231n-affine/wrong" / f"{name}.diff")
    places = grade_affine(edit.data.decode()).diagnosis.places
    assert [(place.line, place.text) for place in places] == EDITS[name]


def test_a_cause_of_everything_is_told_once_though_functions_are_called_in_several_ways():
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(*assignment_and_key("relu")))
        diagnosis = grading(pool, "relu", places=True)(handed_in("relu/wrong/leaky.py")).diagnosis
    assert [(place.line, place.left) for place in diagnosis.places] == [(10, ("dL_dx",)), (15, ())]


def test_at_fault_is_only_what_something_wrong_depends_on_and_nothing_that_is_right():
    depends = {1: {"a", "b"}, 2: {"a"}, 3: {"a", "c"}, 4: set(), 5: {"a", "b", "c"}}
    influence = Influence({n: frozenset(names) for n, names in depends.items()}, [5], frozenset({"a", "b"}))
    assert [n for n in range(1, 7) if influence.on_all(n)] == [1, 6]  # of 6 nothing is known
    assert [n for n in range(1, 7) if influence.on_more(n)] == [5]
    assert [n for n in range(1, 7) if influence.on_some(n)] == [2]


@pytest.mark.parametrize("slug", ["mynet", "functions", "mlp", "relu", "cs231n-affine", "cs231n-norm"])
def test_the_quantities_of_every_derivation_are_known_and_none_is_an_inner_name_of_the_program(slug):
    derivations = assignment_and_key(slug)[1].derivations
    assert derivations
    for derivation in derivations:
        assert derivation.outputs
        assert not {"sizes", "given", "weighed[0]", "point"} & derivation.known.keys()
        assert not [name for name in derivation.known if name.startswith("upstream of")]


@pytest.mark.parametrize(
    ("case", "text", "should_be"),
    [
        ("relu/wrong/leaky.diff", "torch.where(x > 0, x, 0.01 * x)", "relu(x)"),  # many values of x mend it as well
        ("mlp/wrong/output_slope_missing.diff", "dloss(x2, t)", "∂L/∂s2"),  # the same numbers as ∂L/∂b2
        ("mlp/wrong/slope_of_the_wrong_layer.diff", "ds", "tanh'(s1)"),  # raises where the layers are not equally wide
        ("cs231n-rnn/wrong/repeated_words_count_once.diff", "dW[x] += dout", "∂L/∂W"),  # after which it is read once
        ("cs231n-rnn/wrong/bias_over_the_examples_only.diff", "dout.sum(axis=0)", "∂L/∂b"),  # has another size
        ("micrograd/wrong/gradients_overwrite_each_other.diff", "parent.grad = slope * node.grad", "`+=` in the place of `=`: what is there already counts, too"),
        ("cs231n-fc-net/wrong/gradient_is_a_sum.diff", "p - hot", "∂L/∂((hidden @ W3) + b3)"),  # though one example is right with it
        ("dlai-two-layer/wrong/slope_of_tanh_left_out.diff", "np.dot(W2.T, dZ2)", "N · ∂L/∂((W1 @ X) + b1)"),
        ("cs231n-fc-net/wrong/penalty_is_not_differentiated.diff", "0 * W", "∂L/∂W1 via W1 · W1, ∂L/∂W2 via W2 · W2, ∂L/∂W3 via W3 · W3 in turn"),  # not a right helper
    ],
)  # fmt: skip
def test_the_expression_is_told_whose_value_alone_mends_by_the_name_that_tells_most(case, text, should_be):
    slug = case.partition("/")[0]
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(*assignment_and_key(slug)))
        place = grading(pool, slug, places=True)(read(CORPUS / case).data.decode()).diagnosis.places[0]
    assert (place.text, say(place.should_be)) == (text, should_be)


def test_where_the_mistake_is_not_found_the_first_place_after_which_all_is_right_is_told_as_that():
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(*assignment_and_key("cs231n-conv")))
        wrong = grading(pool, "cs231n-conv", places=True)
        report = wrong(read(CORPUS / "cs231n-conv/wrong/windows_without_the_stride.diff").data.decode())
        found = wrong(read(CORPUS / "cs231n-conv/wrong/filter_overwritten.diff").data.decode())
    assert [(p.line, say(p.should_be), p.begins_here) for p in report.diagnosis.places] == [(42, "∂L/∂x", False)]
    assert proof(report, Words("en")).endswith(" it was tried. The mistake is there, or in what that is made of.")
    assert proof(report, Words("fr")).endswith(" L'erreur est là, ou dans ce dont cela est fait.")
    assert [(p.line, p.begins_here) for p in found.diagnosis.places] == [(40, True)]
    assert proof(found, Words("en")).endswith(" it was tried.")


def test_a_factor_of_n_is_a_mistake_where_nothing_right_was_made_with_it():
    right = (CORPUS / "cs231n-two-layer-net/right/one_class.py").read_text()
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(*assignment_and_key("cs231n-two-layer-net")))
        wrong = changed("dscores.dot(W2.T)", "dscores.dot(W2.T) * X.shape[0]", right)
        place = grading(pool, "cs231n-two-layer-net", places=True)(wrong).diagnosis.places[0]
    assert (place.line, place.text, say(place.should_be)) == (37, "dscores.dot(W2.T) * X.shape[0]", "∂L/∂hidden")


def test_what_depends_on_a_part_is_seen_of_the_whole_that_alone_uses_it():
    kinds = {
        0: ("Call", -1, 0),
        1: ("BinOp", 0, 0),
        2: ("Name", 1, 0),
        3: ("Name", -1, 1),
        4: ("AugAssign", -1, 0),
        5: ("Name", 4, 0),
    }
    nodes = {n: Expression("f", n + 1, 0, n + 1, 9, kind, parent, scope) for n, (kind, parent, scope) in kinds.items()}
    visits = tuple(Visit(node, 0, 0, node, 8, np.ones(2) * node) for node in (2, 1, 3, 0, 5, 4))
    recording = Recording(nodes, visits, {"f": "helper(a + a)\n" * 6})
    assert wholes_of(recording) == {0: 0, 1: 1, 2: 1, 3: 3, 4: 4, 5: 5}, "a helper may keep it; `+=` changes an object"


def test_something_right_acquits_what_made_it_and_what_any_value_mends_is_not_at_fault():
    influence = Influence(
        {1: frozenset("ab"), 2: frozenset("a"), 3: frozenset("a")}, (), frozenset("a"), frozenset({3})
    )
    assert influence.acquitted == {1}
    assert [influence.on_all(n) for n in (1, 2, 3)] == [False, True, False]
    assert [influence.on_more(n) for n in (1, 2, 3)] == [True, False, False]


def test_what_is_right_where_it_is_called_alone_is_not_at_fault():
    depends = {n: frozenset("a") for n in (1, 2)}
    assert Influence(depends, (), frozenset("a"), proved=frozenset({1})).acquitted == {1}
    assert [Influence(depends, (), frozenset("a"), proved=frozenset({1})).on_all(n) for n in (1, 2)] == [False, True]
    assert [Influence(depends, (), frozenset("ab"), proved=frozenset({1})).on_some(n) for n in (1, 2)] == [False, True]
    alone = Influence(depends, [1], frozenset())
    assert alone.acquitted == {1, 2}, "however often it is met, where nothing is wrong"


def test_where_the_mistake_itself_is_not_found_the_first_place_in_which_one_value_alone_mends_is_told():
    recording = a_recording(("a + b", "BinOp", 0, 2), ("c * a", "BinOp", 0, 2), ("d - c", "BinOp", 0, 2))
    names = Names({"p": np.array([0.1, 0.2]), "q": np.array([0.3, 0.7])})

    def mends(node, name, left=()):
        return Proved(Hypothesis(node, name, None, 0, False, False, False), (frozenset(left),))

    def told(*proved):
        found = earliest(proved, Suspicion(recording, names))
        return found and (found.hypothesis.node, found.hypothesis.family)

    assert told(mends(2, "p"), mends(1, "p"), mends(0, "p", {"dW"})) == (1, "p")
    assert told(mends(0, "p"), mends(0, "q"), mends(1, "p")) == (1, "p"), "of `a + b`, another value does as well"
    assert told(mends(0, "p", {"dW"})) is None
    assert told(mends(0, "p"), mends(0, "q")) is None, "nothing is missing where anything does"


def test_a_zero_is_no_proof_of_what_it_is_multiplied_by():
    recording = a_recording(("reg", "Name", 0, 1))
    zero = Recording(recording.nodes, (replace(recording.visits[0], value=np.zeros(2)),), recording.sources)
    assert disturbed(0, zero, shift=0.0)[0, 0, 0].tolist() == [0, 0]
    assert disturbed(0, recording, shift=0.0)[0, 0, 0].tolist() != recording.visits[0].value.tolist()


def a_recording(*met: tuple[str, str, int, int]) -> Recording:
    """Expressions, each on a line of its own, in the order in which they were met: text, kind, function, size."""
    nodes = {
        n: Expression("f", n + 1, 0, n + 1, len(text), kind, -1, scope) for n, (text, kind, scope, _) in enumerate(met)
    }
    visits = tuple(Visit(n, 0, 0, n, 8, np.arange(1.0, size + 1) + n) for n, (*_, size) in enumerate(met))
    return Recording(nodes, visits, {"f": "\n".join(text for text, *_ in met)})


def test_another_variable_of_the_same_function_may_be_meant_where_one_is_read_and_nowhere_else():
    met = [("a", "Name", 0, 2), ("b", "Name", 0, 2), ("c", "Name", 7, 2), ("d", "Name", 0, 3), ("a", "Name", 0, 2)]
    recording = a_recording(*met, ("e", "Name", 0, 2), ("e + 1", "BinOp", 0, 2))
    proposed = list(with_others(Suspicion(recording, Names({})), {5, 6}.__contains__))
    assert [(change.node, change.other) for change in proposed if change.change == OTHER] == [(5, 0), (5, 1)]
    assert {change.other for change in proposed if change.node == 6} == {0, 1, 5}


def test_what_has_no_name_may_be_wrong_where_it_is_made_and_a_number_wherever_it_is():
    recording = a_recording(
        ("a", "Name", 0, 2), ("n", "Name", 0, 1), ("a + n", "BinOp", 0, 2), ("b + n", "BinOp", 0, 2)
    )
    suspicion = Suspicion(recording, Names({}), {0: 0, 2: 2})
    assert [suspicion.may_be_wrong(node) for node in range(4)] == [False, True, True, False]


CHANGED = {
    "all-zero": ([1.0, 1.0], [], [0.0, 0.0]),
    "all-one": ([0.0, 0.0], [], [1.0, 1.0]),
    "other": ([1.0, 2.0], [np.array([5.0, 6.0])], [5.0, 6.0]),
    "times-other": ([1.0, 2.0], [np.array([5.0, 6.0])], [5.0, 12.0]),
    "over-known": ([1.0, 2.0], [np.array(4.0)], [0.25, 0.5]),
    "minus-other": ([1.0, 2.0], [None], [1.0, 2.0]),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_value_is_changed_as_if_it_were_written_otherwise_or_stays(name):
    value, others, expected = CHANGED[name]
    assert changed_value(CHANGES.index(name), np.array(value), others).tolist() == expected


def test_the_factor_that_all_that_is_wrong_lacks_is_known_if_there_is_one():
    a, b = np.array([1.0, -2.0]), np.array([[3.0]])
    assert common_factor([(a, a / 3), (b, b / 3)]) == pytest.approx(1 / 3)
    assert common_factor([(a, a / 3), (b, b)]) is None
    assert common_factor([(a, b)]) is None
    assert common_factor([]) is None
