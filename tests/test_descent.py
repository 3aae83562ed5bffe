"""What is seen of a training, and how a whole script is run."""

from __future__ import annotations

import ast
import textwrap

import pytest
import torch

from grader.training.claims import CLAIMS
from grader.watch.running.loops import BEGIN, EACH
from grader.watch.running.rewrite import AskingLoops
from grader.watch.training.recorder import ENOUGH_UPDATES, recording
from grader.wire.trace import LARGEST, OWN, decode
from tests.conftest import ROOT, words_of


@pytest.fixture
def data():
    torch.manual_seed(0)
    x, tests = torch.randn(60, 10), torch.randn(20, 10)
    return [(x, x[:, :1] * 2 + 1), (tests, tests[:, :1])]


@pytest.fixture(autouse=True)
def _in_single_precision():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    yield
    torch.set_default_dtype(before)


def rewritten(source: str, **names):
    """Run a script with its loops watched."""
    tree = ast.fix_missing_locations(AskingLoops().visit(ast.parse(source)))
    exec(compile(tree, "script", "exec"), names)
    return names


TAKEN = {
    "one row": (lambda x: x[7], [7]),
    "one row as a matrix": (lambda x: x[7:8], [7]),
    "a slice": (lambda x: x[3:6], [3, 4, 5]),
    "a list": (lambda x: x[[5, 1]], [5, 1]),
    "a mask": (lambda x: x[torch.arange(60) < 2], [0, 1]),
    "a permutation and a split": (lambda x: x[torch.arange(59, -1, -1)].split(2)[1], [57, 56]),
    "a stack": (lambda x: torch.stack([x[9], x[2]]), [9, 2]),
    "in double": (lambda x: x.double()[1:3], [1, 2]),
    "by way of numpy": (lambda x: torch.from_numpy(x.numpy().copy())[1:3], [1, 2]),
    "transposed and back": (lambda x: x.T.t()[5:7], [5, 6]),
    "joined with ones": (lambda x: torch.cat([x, torch.ones(60, 1)], 1)[8:10], [8, 9]),
    "ones first": (lambda x: torch.cat([torch.ones(60, 1), x], 1)[8:10], [8, 9]),
    "scaled": (lambda x: ((x - x.mean(0)) / x.std(0))[2:4], [2, 3]),
    "scaled to an interval": (lambda x: ((x - x.amin(0)) / (x.amax(0) - x.amin(0)))[2:4], [2, 3]),
    "scaled and joined with ones": (lambda x: torch.cat([x * 3, torch.ones(60, 1)], 1)[2:4], [2, 3]),
    "rows of some columns": (lambda x: x[:, [4, 1]][4:6], [4, 5]),
}


@pytest.mark.parametrize("number", [0, 1], ids=["training set", "test set"])
@pytest.mark.parametrize(("take", "rows"), TAKEN.values(), ids=TAKEN.keys())
def test_rows_are_known_however_they_are_taken(take, rows, number, data):
    """The training set and the test set have as many rows here."""
    data[1] = (torch.randn(60, 10), torch.randn(60, 1))
    with recording(data) as recorder:
        x = take(data[number][0])
        w = torch.zeros(x.shape[-1], dtype=x.dtype, requires_grad=True)
        ((take(data[number][0]) @ w) ** 2).mean().backward()
    (run,) = recorder.runs
    if number:
        assert run.tested_at == 1
    else:
        assert (run.rows.sizes, run.tested_at) == ([len(rows)], 0)
        assert set(run.rows._since) == set(rows)


LOSSES = {
    "averaged": lambda e: (e**2).mean(),
    "averaged ": lambda e: e.norm() ** 2 / len(e),
    "averaged  ": lambda e: 0.7 * (e**2).mean() + 0.3 * (e @ e) / len(e),
    "halved": lambda e: (e**2).mean() / 2,
    "summed": lambda e: (e**2).sum(),
    "rooted": lambda e: (e**2).mean().sqrt(),
    "absolute": lambda e: e.abs().mean(),
    "unlike: norm": lambda e: e.norm(),
    "unlike: norm over n": lambda e: e.norm() / len(e),
    "unlike: ten times": lambda e: 10 * (e**2).mean(),
    "unlike: fourth power": lambda e: (e**4).mean(),
    "unlike: Huber": lambda e: torch.nn.functional.smooth_l1_loss(e, torch.zeros_like(e)),
    "unlike: log cosh": lambda e: torch.log(torch.cosh(e)).mean(),
    "unlike: largest": lambda e: e.abs().max(),
}
"""By the kind that it is counted as, functions of the errors."""


def trained_with(loss, data, *, rows=slice(None), own=False, rate=1e-3):
    x, y = data[0]
    if own:
        x, y = 2 + torch.randn(60, 4), torch.randn(60, 1)
    w = torch.randn(x.shape[1], requires_grad=True)
    with recording(data) as recorder:
        for _ in recorder.loops.each(range(12)):
            loss((x @ w)[rows] - y[rows, 0]).backward()
            with torch.no_grad():
                w -= rate * w.grad
                w.grad = None
    (run,) = decode(recorder.trace()).runs
    return run.counts


@pytest.mark.parametrize("own", [False, True], ids=["given data", "own data"])
@pytest.mark.parametrize(("kind", "loss"), LOSSES.items(), ids=LOSSES)
def test_a_loss_is_known_by_its_gradient_at_the_prediction(kind, loss, own, data):
    counts = trained_with(loss, data, own=own)
    name = kind.partition(":")[0].strip()
    kinds = ("averaged", "halved", "summed", "rooted", "absolute", "unlike", "spread")
    most = max(kinds, key=lambda each: getattr(counts, each))
    assert most == name, counts
    assert 2 * getattr(counts, name) > counts.measured, counts


SHAPES = {
    "a column and a vector": ((10, 1), (1,), lambda y: y[:, 0]),
    "several outputs": ((10, 13), (13,), lambda y: y),
    "a bias of columns": ((10, 1), (60,), lambda y: y),
}


@pytest.mark.parametrize(("weight", "bias", "target"), SHAPES.values(), ids=SHAPES)
def test_a_loss_that_compares_predictions_with_targets_of_others_is_spread(weight, bias, target, data):
    x, y = data[0]
    w, b = torch.randn(weight, requires_grad=True), torch.zeros(bias, requires_grad=True)
    with recording(data) as recorder:
        for _ in recorder.loops.each(range(12)):
            ((x @ w + b - target(y)) ** 2).mean().backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= 1e-3 * p.grad
                    p.grad = None
    (run,) = decode(recorder.trace()).runs
    assert run.counts.spread == run.counts.measured > 0, run.counts


@pytest.mark.parametrize("own", [False, True], ids=["given data", "own data"])
def test_a_sum_is_known_as_one_before_it_diverges(own, data):
    counts = trained_with(lambda e: (e**2).sum(), data, own=own, rate=1.0)
    assert counts.summed == counts.measured > 3, counts


def test_gradients_of_shares_of_the_mean_that_are_added_up_are_those_of_the_mean(data):
    x, y = data[0]
    w = torch.randn(10, requires_grad=True)
    with recording(data) as recorder:
        for _ in recorder.loops.each(range(5)):
            for rows in torch.arange(60).split(15):
                (((x[rows] @ w - y[rows, 0]) ** 2).mean() / 4).backward()
            in_place(w, x, None, None).grad = None
    (run,) = decode(recorder.trace()).runs
    assert (run.counts.averaged, run.counts.measured, run.counts.median_rows) == (20, 20, 60)


HELD_OUT = slice(40, 60)


def test_a_part_that_is_measured_again_and_again_and_trains_in_the_end_is_a_test_set_that_trains(data):
    x, y = data[0]
    w = torch.randn(10, requires_grad=True)
    with recording(data) as recorder:
        for rows in recorder.loops.each([slice(0, 40)] * 6 + [HELD_OUT] * 2):
            ((x[rows] @ w - y[rows, 0]) ** 2).mean().backward()
            with torch.no_grad():
                w -= 1e-3 * w.grad
                w.grad = None
                float(((x[HELD_OUT] @ w - y[HELD_OUT, 0]) ** 2).mean())
    (run,) = decode(recorder.trace()).runs
    assert (run.counts.tested, run.counts.updates) == (2, 8)


def test_rows_that_are_measured_and_trained_on_in_turn_are_no_test_set(data):
    x, y = data[0]
    w = torch.randn(10, requires_grad=True)
    with recording(data) as recorder:
        for n in recorder.loops.each(range(150)):
            ((x[n % 60] @ w - y[n % 60, 0]) ** 2).backward()
            with torch.no_grad():
                w -= 1e-3 * w.grad
                w.grad = None
                float(((x @ w - y[:, 0]) ** 2).mean() + ((x[30:] @ w - y[30:, 0]) ** 2).mean())
    (run,) = decode(recorder.trace()).runs
    assert run.counts.tested == 0


OPTIMISERS = (torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_what_is_recorded_is_not_changed(optimiser, data):
    def train():
        torch.manual_seed(3)
        model = torch.nn.Sequential(torch.nn.Linear(10, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
        stepper = optimiser(model.parameters(), lr=0.01)
        for step in range(30):
            torch.nn.functional.mse_loss(model(data[0][0]), data[0][1]).backward()
            if step % 3:
                stepper.step()
                stepper.zero_grad(set_to_none=bool(step % 2))
        return torch.cat([p.detach().reshape(-1) for p in model.parameters()])

    alone = train()
    with recording(data) as recorder:
        watched = train()
    assert torch.equal(alone, watched)
    assert decode(recorder.trace()).runs[0].counts.updates == 20


def test_a_loop_ends_after_enough_updates_of_the_same_parameters_but_not_the_loop_around_several_trainings(data):
    source = """
lengths = []
for size in (1, 10, 60):
    w = torch.zeros(10, 1, requires_grad=True)
    count = 0
    for epoch in range(1000):
        for rows in torch.randperm(60).split(size):
            ((x[rows] @ w - y[rows]) ** 2).mean().backward()
            w.data -= 1e-3 * w.grad
            w.grad = None
            count += 1
    lengths.append(count)
step = 0
while True:
    step += 1
    ((x @ w - y) ** 2).mean().backward()
    w.data -= 1e-3 * w.grad
    w.grad = None
"""
    with recording(data, 30) as recorder:
        names = {"torch": torch, "x": data[0][0], "y": data[0][1]}
        names = rewritten(source, **names, **{EACH: recorder.loops.each, BEGIN: recorder.loops.begin})
    assert [ENOUGH_UPDATES <= length <= ENOUGH_UPDATES + 3 for length in [*names["lengths"], names["step"]]] == [
        True
    ] * 4
    assert [run.counts.median_rows for run in decode(recorder.trace()).runs] == [1, 10, 60, 60]


def test_a_loop_that_trains_nothing_runs_to_its_end(data):
    with recording(data) as recorder:
        watched = {EACH: recorder.loops.each, BEGIN: recorder.loops.begin}
        names = rewritten("n = 0\nfor i in range(5000): n += 1\nwhile n < 9000: n += 1\nelse: n += 1", **watched)
    assert names["n"] == 9001


def test_rewritten_loops_break_continue_and_return_as_ever():
    source = """
def f():
    while True:
        for i in range(5):
            if i == 1: continue
            if i == 3: break
            seen.append(i)
        else:
            seen.append("no")
        return seen
seen = []
f()
"""
    with recording() as recorder:
        names = rewritten(source, **{EACH: recorder.loops.each, BEGIN: recorder.loops.begin})
    assert names["seen"] == [0, 2]
    assert recorder.loops.stack == []


def test_a_script_that_never_ends_is_left_and_what_it_did_is_kept(data):
    with recording(data, 0.5) as recorder:
        w = torch.zeros(10, 1, requires_grad=True)
        for _ in range(3):
            ((data[0][0] @ w - data[0][1]) ** 2).mean().backward()
        while True:
            pass
    assert recorder.ended
    assert decode(recorder.trace()).runs[0].counts.backwards == 3


def test_no_trace_is_longer_than_is_promised(data):
    with recording(data) as recorder:
        for _ in range(40):
            model = torch.nn.Sequential(*(torch.nn.Linear(10, 10) for _ in range(9)))
            stepper = torch.optim.SGD(model.parameters(), lr=1e-3)
            for _ in range(12):
                stepper.zero_grad()
                model(data[0][0]).sum().backward()
                stepper.step()
    assert len(recorder.trace()) <= LARGEST


# predictions, updates and models written in other ways


def filled_in(x, w):
    table = torch.zeros(len(x), 1)
    for n in range(len(x)):
        table[n] = x[n] @ w
    return table


PREDICTIONS = {
    "torch.linalg": lambda x, w: torch.linalg.matmul(x, w),
    "a sum over columns": lambda x, w: sum(w[j] * x[:, j : j + 1] for j in range(10)),
    "entries multiplied": lambda x, w: torch.multiply(x, w.T).sum(1, keepdim=True),
    "filled in": filled_in,
    "other coordinates": lambda x, w: (x @ torch.eye(10)) @ w,
}


def in_place(w, x, p, loss):
    with torch.no_grad():
        w -= 0.01 * w.grad
    return w


def at_a_rate_from_the_data(w, x, p, loss):
    with torch.no_grad():
        w -= 0.01 / (x @ x.T).trace() * w.grad
    return w


def at_a_rate_from_the_prediction(w, x, p, loss):
    with torch.no_grad():
        w -= 0.01 / (1 + p.norm()) * w.grad
    return w


def new_leaf_at_a_rate_from_the_loss(w, x, p, loss):
    with torch.no_grad():
        new = w - 0.01 * loss / (w.grad**2).sum() * w.grad
    return new.requires_grad_()


UPDATES = [in_place, at_a_rate_from_the_data, at_a_rate_from_the_prediction, new_leaf_at_a_rate_from_the_loss]


def trained(data, predict, update):
    """The run of four updates with two rows each."""
    (x, y), w = data[0], torch.randn(10, 1, requires_grad=True)
    with recording(data) as recorder:
        for rows in recorder.loops.each(range(0, 8, 2)):
            w.grad = None
            p = predict(x[rows : rows + 2], w)
            loss = ((p - y[rows : rows + 2]) ** 2).mean()
            loss.backward()
            w = update(w, x[rows : rows + 2], p, loss)
    (run,) = decode(recorder.trace()).runs
    return run


@pytest.mark.parametrize("update", UPDATES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("predict", PREDICTIONS.values(), ids=PREDICTIONS)
def test_rows_are_followed_through_predictions_and_updates_of_any_style(predict, update, data):
    run = trained(data, predict, update)
    seen = 3 if update is new_leaf_at_a_rate_from_the_loss else 4  # nothing looks at the last new leaf
    assert (run.path, run.counts.updates, run.counts.median_rows, run.counts.distinct_rows) == ("L", seen, 2, 2 * seen)
    assert (run.counts.misaligned, run.counts.old_forward, run.counts.unmoved) == (0, 0, 0)


def test_a_target_that_became_a_number_is_a_target(data):
    (x, y), w = data[0], torch.zeros(10, requires_grad=True)
    with recording(data) as recorder:
        for n in recorder.loops.each(range(4)):
            (x[n] @ w - y[n].item()).square().backward()
            in_place(w, x, None, None).grad = None
    (run,) = decode(recorder.trace()).runs
    assert (run.path, run.counts.median_rows, run.counts.distinct_rows) == ("L", 1, 4)


def test_parameters_in_the_shape_of_a_row_are_no_row(data):
    x, y = data[0]
    with recording(data) as recorder:
        w = torch.zeros_like(x[0]).requires_grad_()
        for _ in recorder.loops.each(range(3)):
            ((x @ w - y[:, 0]) ** 2).mean().backward()
            in_place(w, x, None, None).grad = None
    (run,) = decode(recorder.trace()).runs
    assert (run.counts.leaves, run.counts.updates, run.counts.median_rows, run.counts.misaligned) == (1, 3, 60, 0)


def test_models_that_are_trained_side_by_side_are_as_many_runs(data):
    x, y = data[0]
    models = [torch.nn.Linear(10, 1) for _ in range(10)]
    with recording(data) as recorder:
        steppers = [torch.optim.SGD(model.parameters(), lr=0.01) for model in models]
        for _ in recorder.loops.each(range(5)):
            for model, stepper in zip(models, steppers, strict=True):
                stepper.zero_grad()
                ((model(x) - y) ** 2).mean().backward()
                stepper.step()
    assert [(run.counts.updates, run.counts.optimiser_steps) for run in decode(recorder.trace()).runs] == [(5, 5)] * 10


def test_a_module_that_gives_a_pair_is_seen_like_another(data):
    class Alone(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.Sequential(torch.nn.Linear(10, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))

        def forward(self, x):
            return self.layers(x)

    class Pair(Alone):
        def forward(self, x):
            return self.layers(x), None

    x, y = data[0]
    with recording(data) as recorder:
        for model, pick in ((Alone(), lambda out: out), (Pair(), lambda out: out[0])):
            for _ in recorder.loops.each(range(3)):
                ((pick(model(x)) - y) ** 2).mean().backward()
    assert [bool(run.counts.modules & OWN) for run in decode(recorder.trace()).runs] == [True, True]


# whole scripts

ATTEMPT = (ROOT / "submissions/mona.py").read_text(encoding="utf-8")


@pytest.fixture
def lost(graders):
    def of(source: str) -> set[str]:
        return {check.id for check in graders("descent")(source).checks if check.points < check.out_of}

    return of


def test_an_error_in_question_2_keeps_question_1(lost):
    assert all(check.startswith("q2") for check in lost(ATTEMPT.replace("self.linear2(", "self.linear3(")))


@pytest.mark.parametrize(
    "line",
    [
        "datax, datay, testx, testy = torch.rand(5, 3), None, 0, []",
        "(datax, datay), (testx, testy) = load_boston(return_X_y=True)",
        "with open('results.txt', 'w') as f: f.write('0')",
        "name = input('Name? '); time.sleep(100)",
        "torch.save(torch.ones(1), 'model.pt')",
        "raise KeyError('a plot')",
        "fig, (a, b, c) = plt.subplots(3); a.plot([1]); fig.savefig('a.png')",
        "for _ in range(10**4): plt.draw()",
    ],
)
def test_loading_plotting_writing_and_waiting_do_no_harm(line, lost):
    first = "import time\nimport matplotlib.pyplot as plt\nimport torch\n"
    assert lost(f"{first}{line}\n{ATTEMPT}\n{line}\n") == set()


@pytest.mark.parametrize(
    "condition",
    [
        "len(list(zip(plt.cm.viridis(3), range(12)))) == 12",
        "plt.subplots(2, 3)[1].shape == (2, 3) and len(list(plt.figure().subplots(3))) == 3",
        "torch.jit.script(abs) is abs",
        "next(iter(plt.rcParams['axes.prop_cycle'])) is not None",
    ],
)
def test_stand_ins_are_as_many_as_are_asked_for(condition, lost):
    attempt = textwrap.indent(ATTEMPT, "    ")
    assert lost(f"import matplotlib.pyplot as plt\nimport torch\nif {condition}:\n{attempt}") == set()


ENDLESS = sorted((ROOT / "tests/submissions/descent/endless").glob("*.py"))


@pytest.mark.parametrize("path", ENDLESS, ids=lambda p: p.name)
def test_a_script_without_end_keeps_the_marks_of_what_it_did(path, graders):
    report = graders("descent")(path, seconds=60)
    assert "the script was stopped after" in words_of(report)
    assert {check.id for check in report.checks if check.points} >= {"q1-loss", "q1-update", "q1-batch"}


def test_curves_of_losses_go_into_the_report(graders):
    charts = {chart.title: chart for chart in graders("descent")(ROOT / "submissions/mona.py").charts}
    assert [series.name for series in charts["Losses of question 2"].series] == ["network, training", "network, test"]
    assert all(len(series.observed) > 50 for series in charts["Losses of question 2"].series)
    assert {series.name for series in charts["Logged for TensorBoard"].series} == {"logged, training", "logged, test"}


def test_every_claim_counts_for_a_check_of_the_exercise(graders):
    report = graders("descent")(ROOT / "submissions/mona.py")
    assert len(CLAIMS) == len(report.checks)
    assert report.score == report.out_of == 20
