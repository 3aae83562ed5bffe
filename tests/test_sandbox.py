"""Running submissions: what they do stays in their process, and is told truly."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.assignment import load
from grader.course import find_course
from grader.errors import GraderFault
from grader.grading import setup
from grader.key.exercises import load_module
from grader.key.obtaining import obtain_key
from grader.records import Isolation, Outcome
from grader.sandbox.alone import Alone
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.jobs import Job, Rerun
from grader.sandbox.pool import Pool
from tests.conftest import ISOLATION, ROOT, VISIBLE, eventually, words_of

RIGHT = """
def backpropagation(model, y_true, y_pred):
    e = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = e * (1 - model.a[l] ** 2)
        model.dL_dw[l], model.dL_db[l], e = d.T @ model.a[l - 1], d[0], d @ model.fc[str(l)].weight
"""


def body(*lines: str, before: str = "") -> str:
    """A submission whose function runs `lines`."""
    return before + "\ndef backpropagation(model, y_true, y_pred):\n" + "\n".join(f"    {line}" for line in lines)


def job(source: str, seconds: float = 10.0, memory_mb: int = 512, output: int = 1 << 20) -> Job:
    return Job("s.py", source.encode(), False, seconds, memory_mb << 20, output)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("source", "outcome", "words"),
    [
        (body("while True: pass"), Outcome.TIMED_OUT, "within one second of processor time"),
        (body("import time; time.sleep(60)"), Outcome.TIMED_OUT, "waited for long"),
        (
            body("import signal, time", "for s in set(signal.Signals) - {9, 19}: signal.signal(s, signal.SIG_IGN)", "time.sleep(60)"),
            Outcome.TIMED_OUT,
            "waited for long",
        ),
        (
            body("import signal", "signal.signal(signal.SIGXCPU, signal.SIG_IGN)", "while True: pass"),
            Outcome.TIMED_OUT,
            "within one second of processor time",
        ),
        (body("while True: print('x' * 1000)"), Outcome.TOO_MUCH_OUTPUT, "more than 1024 kB"),
        (body("import sys", "while True: sys.stderr.write('x' * 1000)"), Outcome.TOO_MUCH_OUTPUT, "more than 1024 kB"),
        (body("import os; os._exit(0)"), Outcome.CRASHED, "exit status 0"),
        (body("import ctypes; ctypes.string_at(0)"), Outcome.CRASHED, "SIGSEGV"),
        (body("import os; os.abort()"), Outcome.CRASHED, "SIGABRT"),
        (body("import sys; sys.exit()"), Outcome.RAISED, "SystemExit"),
        (body("raise KeyboardInterrupt"), Outcome.RAISED, "KeyboardInterrupt"),
        (body("return backpropagation(model, y_true, y_pred)"), Outcome.RAISED, "RecursionError"),
        (body("x = [0] * (1 << 33)"), Outcome.OUT_OF_MEMORY, "MemoryError"),
        (body("torch.zeros(1 << 33)", before="import torch"), Outcome.OUT_OF_MEMORY, "can't allocate memory"),
        (body("input()"), Outcome.RAISED, "EOFError"),
        (body("print('x', file=open('/tmp/never-written-by-a-submission', 'w'), flush=True)"), Outcome.RAISED, "A submission may write no file"),
        (
            body("import os", "for d in range(3, 64):", "    try: os.write(d, b'\\x01' * 64)", "    except OSError: pass"),
            Outcome.PROTOCOL_VIOLATION,
            "interfered with the channel",
        ),
        (body("import os; os.closerange(0, 64)"), Outcome.CRASHED, "before it was done"),
    ],
    ids=lambda value: None if isinstance(value, str) and "\n" in value else str(value),
)  # fmt: skip
def test_a_bad_end_is_told_as_what_it_was_and_the_next_job_is_not_touched(pool, source, outcome, words):
    run = pool.run(job(source, seconds=1.0 if outcome is Outcome.TIMED_OUT else 10.0))
    toy = run.observations["toy"]
    assert (toy.outcome, words in words_of(toy)) == (outcome, True), words_of(toy)
    Path("/tmp/never-written-by-a-submission").unlink(missing_ok=True)
    after = pool.run(job(RIGHT))
    assert all(seen.outcome is Outcome.RETURNED for seen in after.observations.values())


def test_probes_before_the_one_that_hangs_keep_their_results_and_later_ones_are_not_run(pool):
    hangs = RIGHT.replace("e = 2", "while model.n_l == [4, 3, 5]: pass\n    e = 2")
    run = pool.run(job(hangs, seconds=1.5))
    outcomes = {name: seen.outcome for name, seen in run.observations.items()}
    assert outcomes == {
        "toy": Outcome.RETURNED, "mnist": Outcome.RETURNED, "widths": Outcome.TIMED_OUT,
        "square": Outcome.NOT_RUN, "single": Outcome.NOT_RUN, "narrow": Outcome.NOT_RUN,
        "marked": Outcome.NOT_RUN, "drawn": Outcome.NOT_RUN, "few units": Outcome.NOT_RUN, "many units": Outcome.NOT_RUN,
    }  # fmt: skip
    assert "dL_dw[1]" in run.observations["mnist"].arrays


def test_the_environment_holds_nothing_of_the_instructor(pool, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    with Pool(ISOLATION, VISIBLE) as fresh:
        fresh.prepare(pool.setup)
        run = fresh.run(
            job(body("import os; print(sorted(os.environ), os.getcwd(), sys.stdin.read())", before="import sys"))
        )
    assert "SECRET_TOKEN" not in run.output
    assert "'HOME'" not in run.output
    assert "'LANG'" in run.output


def test_the_server_knows_no_expected_value(key, assignment, pool):
    """What is sent down names inputs and quantities; no array of it is an answer."""
    told = setup(assignment, key)
    sent = [value for probe in told.probes for value in probe.inputs.values()]
    for expected in key.expected.values():
        for e in expected:
            if e.quantity.startswith("dL"):
                assert not any(
                    value.shape == e.double.value.shape and np.allclose(value, e.double.value) for value in sent
                )
    assert all(isinstance(size, int) for listed in told.quantities.values() for _, size in listed)


def test_the_program_beyond_its_untrusted_side_cannot_be_imported(pool):
    run = pool.run(job(body("import grader.judging.judge")))
    assert "ModuleNotFoundError" in words_of(run.observations["toy"])
    run = pool.run(job(body("import reference.mynet.solution")))
    assert "ModuleNotFoundError" in words_of(run.observations["toy"])


def test_a_server_that_is_killed_between_two_jobs_loses_none(pool):
    with Pool(ISOLATION, VISIBLE) as fresh:
        fresh.prepare(pool.setup)
        for _ in range(3):
            assert fresh.run(job(RIGHT)).outcome is Outcome.RETURNED
            os.kill(fresh.servers[0], signal.SIGKILL)


@pytest.mark.parametrize("level", ["full+", "full"])
@pytest.mark.parametrize("busy", [False, True], ids=["while it starts", "in the middle of a job"])
def test_servers_and_submissions_end_with_a_parent_that_is_killed(pool, level, busy):
    """A process that dies without a word (kill -9) leaves nobody behind after a second."""
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        fresh = Pool(Isolation(level, ""), VISIBLE, servers=2)
        fresh.prepare(pool.setup)
        if busy:
            for _ in fresh.servers:  # they take turns, so that none is still starting
                fresh.run(job(RIGHT))
            idle = len(descendants(os.getpid()))
            threading.Thread(target=fresh.run, args=[job(body("while True: pass"), seconds=60)]).start()
            if not eventually(lambda: len(descendants(os.getpid())) > idle):
                os._exit(1)
        os.write(write_end, b"\n")
        time.sleep(600)
        os._exit(0)
    os.close(write_end)
    assert os.read(read_end, 1), "the submission was never started"
    os.close(read_end)
    family = descendants(parent)
    assert len(family) >= 2 + busy
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert eventually(lambda: not any(map(alive, family)))


@pytest.mark.parametrize("level", ["full+", "full"])
def test_a_server_whose_parent_left_before_it_could_notice_ends_before_it_imports_anything(level):
    """The kernel tells bubblewrap of an end only after it asked to be told."""
    server = ForkServer(level, VISIBLE, many=False)
    server.hang_up()
    ended = os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
    server.close()
    assert ended.si_status == 1, "it served until it found nobody to serve"


def test_pools_that_are_closed_as_soon_as_they_are_started_leave_nobody_behind():
    """However far bubblewrap has got; half started, its second process would wait for its first forever."""
    token = f"/nowhere-{os.getpid()}"
    for pause in range(30):
        fresh = Pool(ISOLATION, [*VISIBLE, Path(token)])
        time.sleep(pause / 5000)
        fresh.close()
    assert eventually(lambda: not any(token in command_line(pid) for pid in all_processes()))


def all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    """The processes below one, as `/proc` tells."""
    parents = {}
    for each in all_processes():
        with suppress(OSError):
            parents[each] = int(Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()[1])
    found = [pid]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found[1:]


@pytest.mark.parametrize("level", ["full+", "full"])
def test_a_server_that_is_killed_in_the_middle_of_many_jobs_costs_nobody_anything(pool, level):
    with Pool(Isolation(level, ""), VISIBLE, servers=2) as fresh, ThreadPoolExecutor(4) as executor:
        fresh.prepare(pool.setup)
        expected = fresh.run(job(RIGHT)).observations
        slow = RIGHT.replace("e = 2", "import time; time.sleep(0.003)\n    e = 2")
        runs = [executor.submit(fresh.run, job(slow)) for _ in range(40)]
        runs[8].result()
        os.kill(fresh.servers[0], signal.SIGKILL)
        for run in runs:
            for name, seen in run.result().observations.items():
                assert seen.outcome is Outcome.RETURNED, words_of(seen)
                numbers = {q: a for q, a in expected[name].arrays.items() if a.dtype.kind == "f"}
                assert all(np.array_equal(seen.arrays[q], a) for q, a in numbers.items())


def test_jobs_on_other_probes_do_not_disturb_those_on_the_pools_own(pool, assignment):
    other = setup(assignment, obtain_key(assignment, "another", lambda line: None))
    with Pool(ISOLATION, VISIBLE, servers=2) as fresh, ThreadPoolExecutor(4) as executor:
        fresh.prepare(pool.setup)
        told = [None, other, None] * 6
        runs = [executor.submit(fresh.run, job(RIGHT), each) for each in told]
        for each, run in zip(told, runs, strict=True):
            target = (each or pool.setup).probes[0].inputs["w[1]"]
            assert np.array_equal(run.result().observations["toy"].arrays["w[1] after"][0], target)


def test_a_pool_that_is_closed_ends_the_jobs_that_other_threads_run(pool):
    with ThreadPoolExecutor(1) as executor:
        fresh = Pool(ISOLATION, VISIBLE)
        fresh.prepare(pool.setup)
        fresh.run(job(RIGHT))
        idle = len(descendants(os.getpid()))
        hanging = executor.submit(fresh.run, job(body("while True: pass"), seconds=3600))
        assert eventually(lambda: len(descendants(os.getpid())) > idle)
        fresh.close()
        with pytest.raises(GraderFault, match="was closed"):
            hanging.result(timeout=600)


def test_memory_and_descriptors_of_the_parent_do_not_grow(pool):
    def used():
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return len(os.listdir("/proc/self/fd")), resident

    jobs = [job(RIGHT), job(RIGHT), job(body("import os; os._exit(3)")), job(body("print('x' * 100000)"))]
    for each in jobs * 5:
        pool.run(each)
    descriptors, resident = used()
    for each in jobs * 75:
        pool.run(each)
    assert used()[0] == descriptors
    assert used()[1] < resident + (4 << 20)


def test_what_one_submission_changes_in_libraries_is_gone_for_the_next(pool):
    spoils = body("torch.Tensor.__matmul__ = None", "np.tanh = None", before="import torch, numpy as np")
    pool.run(job(spoils))
    assert pool.run(job(RIGHT)).observations["toy"].outcome is Outcome.RETURNED


def test_state_changed_in_one_probe_is_reset_for_the_next(pool):
    source = RIGHT.replace(
        "e = 2",
        "assert torch.get_default_dtype() == torch.float64\n    torch.set_default_dtype(torch.float32)\n    e = 2",
    )
    run = pool.run(
        job("import torch\n" + source.replace("torch.set_default", "if model.n_l == [4, 3, 5]: torch.set_default"))
    )
    assert run.observations["square"].outcome is Outcome.RETURNED


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("'zero'", "a str"),
        ("object()", "a object"),
        ("[1, 'x']", "a list that is not of real numbers"),
        ("torch.zeros(3, dtype=torch.complex64)", "a Tensor that is not of real numbers"),
        ("torch.zeros((1,) * 9)", "an array of shape (1, 1, 1, 1, 1, 1, 1, 1, 1)"),
        ("torch.zeros(1000, 1000)", "an array of shape (1000, 1000)"),
        ("torch.zeros(len(seen) + 1)", "arrays whose shape differs from call to call: (2,), (3,), (4,), (5,)"),
        ("1.0 if len(seen) % 2 else None", "something in 5 of 10 calls only"),
    ],
)
def test_what_is_no_array_is_told_in_words(pool, value, words):
    source = body("seen.append(1)", f"model.dL_dw[1] = {value}", before="import torch\nseen = []")
    assert words_of(pool.run(job(source)).observations["toy"].notes["dL_dw[1]"]) == f"holds {words}"


@pytest.mark.parametrize(
    "value",
    ["model.a[1][0]", "model.a[1][0].half()", "model.a[1][0].to(torch.bfloat16)", "model.a[1][0].numpy()", "model.a[1][0].tolist()",
     "torch.ones(3, dtype=torch.uint8)", "model.a[1][0].to_sparse()", "torch.nn.Parameter(model.a[1][0])", "np.longdouble(1) * model.a[1][0].numpy()"],
)  # fmt: skip
def test_every_kind_of_numbers_arrives_as_an_array(pool, value):
    source = body(f"model.dL_db[1] = {value}", before="import torch\nimport numpy as np")
    observation = pool.run(job(source)).observations["toy"]
    assert observation.arrays["dL_db[1]"].shape == (10, 3), observation.notes


def test_a_network_that_was_made_ready_in_one_precision_is_not_given_in_another():
    exercise = load_module(ROOT / "assignments/mynet/exercise.py")
    inputs = {"w[1]": torch.zeros(2, 3), "b[1]": torch.zeros(2)}
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        exercise.net.make_ready(inputs)
        torch.set_default_dtype(torch.float32)
        assert next(exercise.net.fresh([3, 2]).parameters()).dtype is torch.float32
    finally:
        torch.set_default_dtype(before)


COUNTS = "\nimport os\ntimes = []\n" + body(
    "times.append(1)", "if len(times) == 3: os._exit(7)", "model.dL_dw[1] = model.fc['1'].weight * len(times)"
)


@pytest.mark.parametrize("kind", [Pool, Alone])
def test_in_a_session_one_process_is_asked_again_and_again_and_replaced_once_it_has_ended(kind):
    assignment = load(find_course(), "mynet")
    key = obtain_key(assignment, "a session", lambda _: None)
    [probe] = [each.probe for each in key.derivations][:1]
    wanted = replace(setup(assignment, key), probes=[probe], quantities={}, instruments=True)
    again = Rerun(0, [], [("dL_dw[1]", probe.inputs["w[1]"].size), ("autograd nodes", 1)])
    with (
        closing(kind(ISOLATION, VISIBLE) if kind is Pool else kind()) as pool,
        pool.session(job(COUNTS), wanted) as session,
    ):
        answers = [session.ask([again] * count).observations for count in (2, 1, 1)]
        assert session.used > 0
    outcomes = [[each.outcome for each in answer.values()] for answer in answers]
    assert outcomes == [[Outcome.RETURNED] * 2, [Outcome.NOT_RUN], [Outcome.RETURNED]]  # an order is told as a whole
    told = [answer["0"].arrays["dL_dw[1]"][0] / probe.inputs["w[1]"] for answer in (answers[0], answers[2])]
    assert np.allclose(told, 1)  # the second process knows nothing of the first
    assert np.allclose(answers[0]["1"].arrays["dL_dw[1]"][0] / probe.inputs["w[1]"], 2)
