"""Time is the student's own: what a run computes counts, not what else the machine does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from grader.records import Isolation, Outcome
from grader.sandbox import fork_server
from grader.sandbox.deadline import Deadline, Limit, runnable_per_core
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.inside.processor_time import used_by
from grader.sandbox.levels import LEVELS
from grader.sandbox.pool import Pool
from tests.conftest import ISOLATION, VISIBLE, eventually, words_of
from tests.test_sandbox import RIGHT, body, job

STEP = 0.1


def ending(seconds, *, per_core, share, held_up=0.0):
    """When a run is stopped that gets a share of one core, and by what, by a clock of our own; None after two hours."""
    deadline, now, used = Deadline(seconds, 0.0), 0.0, 0.0
    while now < 7200:
        now += STEP + held_up
        used += STEP * share
        deadline.used = used
        if limit := deadline.look(now, per_core):
            return limit, now, used
    return None


@pytest.mark.parametrize("others", [0, 1, 4, 19, 99])
@pytest.mark.parametrize("seconds", [1, 10, 60])
def test_what_computes_has_its_processor_time_however_busy_the_machine_is(seconds, others):
    limit, now, used = ending(seconds, per_core=1 + others, share=1 / (1 + others))
    assert limit is Limit.PROCESSOR
    assert seconds <= used <= seconds + STEP
    assert now == pytest.approx(seconds * (1 + others), rel=0.1)


@pytest.mark.parametrize("per_core", [1, 4, 20])
def test_what_sleeps_is_stopped_by_the_backstop_which_grows_with_the_load(per_core):
    limit, now, _ = ending(10, per_core=per_core, share=0.0)
    assert limit is Limit.WAITING
    assert now == pytest.approx(10 * per_core, rel=0.01)


@pytest.mark.parametrize("per_core", [1, 10])
def test_half_of_what_is_due_is_enough_for_the_whole_limit(per_core):
    limit, _, used = ending(10, per_core=per_core, share=0.55 / per_core)
    assert limit is Limit.PROCESSOR
    assert used >= 10


def test_what_the_grader_itself_was_held_up_for_does_not_count():
    deadline = Deadline(10, 0.0)
    deadline.used = 0.1
    assert all(deadline.look(now, 1.0) is None for now in (0.1, 24.0, 166.0))


def test_where_nobody_knows_the_processor_time_the_clock_counts():
    deadline = Deadline(3, 0.0)
    found = [deadline.look(STEP * n, 1.0) for n in range(1, 35)]
    assert (found[25], found[-1]) == (None, Limit.CLOCK)


def test_at_least_one_process_wants_each_core():
    assert runnable_per_core() >= 1


TREES = {
    "itself": "burn()",
    "a child": "os.fork() or burn(); os.wait()",
    "a child that was waited for": "burn_in_child(); os.wait(); time.sleep(60)",
    "a grandchild": "os.fork() or os.wait() if os.fork() == 0 else os.wait()\nburn()",
    "a thread": "import threading; threading.Thread(target=burn).start()",
    "a child of a thread": "import threading; threading.Thread(target=lambda: os.fork() or burn()).start(); time.sleep(60)",
}
BEGIN = """
import os, time, sys
def burn():
    while time.process_time() < 60: pass
def burn_in_child():
    if os.fork() == 0:
        while time.process_time() < 0.6: pass
        os._exit(0)
"""


@pytest.mark.parametrize("tree", TREES)
def test_all_that_a_process_started_counts(tree):
    process = subprocess.Popen([sys.executable, "-c", BEGIN + TREES[tree]], start_new_session=True)
    try:
        while used_by([process.pid]) < 0.5:
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize(
    "forks",
    [
        "os.fork() == 0 and spin(); os.wait()",
        "os.fork() == 0 and (os.setsid(), os.fork() == 0 and spin(), os._exit(0)); os.wait(); time.sleep(60)",
    ],
    ids=["children", "orphans"],
)
def test_where_a_submission_can_fork_its_processes_share_its_time(pool, forks):
    spin = "import os, time\ndef spin():\n    while True: pass\n"
    with Pool(Isolation("partial", LEVELS["partial"]), VISIBLE) as weak:
        weak.prepare(pool.setup)
        run = weak.run(job(body(forks, before=spin), seconds=1.0))
    if os.geteuid() == 0:
        assert run.observations["toy"].outcome is Outcome.TIMED_OUT
        assert "of processor time" in words_of(run.observations["toy"])
    else:  # the number of processes is limited for everybody else
        assert run.observations["toy"].outcome is Outcome.RAISED


def job_of(server):
    """The process of the job that a server runs; waits for one."""
    while True:
        for parent, pid in descendants(server):
            with suppress(OSError):
                if os.getsid(pid) == pid and os.getsid(parent) == parent:
                    return pid
        time.sleep(0.001)


def descendants(pid):
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            yield pid, child
            yield from descendants(child)


def test_what_the_backstop_stopped_is_run_again_alone_before_anybody_loses_a_mark(pool, monkeypatch):
    """Somebody else stops a right submission for a while: it did nothing wrong, and nothing is held against it."""
    running, seen, lock = [], {}, threading.Lock()
    run_one = ForkServer.run

    def watched(server, one, *more):
        with lock:
            running.append(one.name)
            for name in running:
                seen.setdefault(name, []).append(tuple(running))
        if one.name == "stopped.py" and len(seen["stopped.py"]) == 1:
            threading.Thread(target=lambda: os.kill(job_of(server.pid), signal.SIGSTOP)).start()
        try:
            return run_one(server, one, *more)
        finally:
            with lock:
                running.remove(one.name)

    with Pool(ISOLATION, VISIBLE, servers=2) as both, ThreadPoolExecutor(4) as threads:
        both.prepare(pool.setup)
        both.run(job(RIGHT))
        monkeypatch.setattr(ForkServer, "run", watched)
        slow = RIGHT.replace("e = 2", "sum(range(100_000))\n    e = 2")
        stopped = threads.submit(both.run, named("stopped.py", "import time; time.sleep(0.3)\n" + RIGHT))
        others = []
        while not stopped.done():
            others.append(threads.submit(both.run, named(f"{len(others)}.py", slow)).result())
        run = stopped.result()
    assert all(each.outcome is Outcome.RETURNED for each in run.observations.values())
    assert all(each.outcome is Outcome.RETURNED for other in others for each in other.observations.values())
    assert seen["stopped.py"][-1] == ("stopped.py",)
    assert len(others) > 2


def named(name, source):
    return replace(job(source, seconds=2.0), name=name)


WAITS = {
    "sleeps": "time.sleep(3600)",
    "sleeps in small pieces": "while True: time.sleep(0.01)",
    "sleeps and catches everything": """
    while True:
        try: time.sleep(3600)
        except BaseException: pass""",
    "waits for a lock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "waits for a signal": "signal.pause()",
    "waits for a pipe": "os.read(os.pipe()[0], 1)",
    "waits for a queue": "import queue; queue.Queue().get()",
    "waits for nothing": "import select; select.select([], [], [])",
    "stops its own timers": "signal.setitimer(signal.ITIMER_REAL, 0); time.sleep(3600)",
}
COMPUTES = {
    "a loop": "while True: pass",
    "a loop that catches everything": """
    while True:
        try:
            while True: pass
        except BaseException: pass""",
    "one call": "sum(range(10**15))",
    "a pattern": "import re; re.match('(a+)+b', 'a' * 60)",
    "a large number": "10 ** 10 ** 9",
    "matrices": "a = torch.ones(500, 500)\n    while True: a = a @ a",
    "signals to itself": "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: signal.raise_signal(signal.SIGXCPU)",
    "recursion with a long way back": """
    def f(n):
        try: f(n + 1)
        finally: f(n + 1)
    f(0)""",
}


@pytest.mark.parametrize("how", WAITS)
def test_what_waits_alone_too_has_lost(pool, monkeypatch, how):
    monkeypatch.setattr(fork_server, "runnable_per_core", lambda: 1.0)  # else it may wait for longer
    run = pool.run(job(body(WAITS[how], before="import os, signal, time"), seconds=1.0))
    assert run.observations["toy"].outcome is Outcome.TIMED_OUT
    assert "waited for long" in words_of(run.observations["toy"])


@pytest.mark.parametrize("how", COMPUTES)
def test_what_computes_without_end_is_stopped_at_its_limit(pool, how):
    run = pool.run(job(body(COMPUTES[how], before="import os, signal, time, torch"), seconds=1.0))
    assert run.observations["toy"].outcome is Outcome.TIMED_OUT
    assert "within one second of processor time" in words_of(run.observations["toy"])


def test_a_long_chain_of_processes_is_counted_without_end_of_patience():
    chain = "import os\nfor _ in range(1500):\n    if os.fork(): os.wait(); os._exit(0)\nimport time; time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-S", "-c", chain], start_new_session=True)
    try:
        assert eventually(lambda: used_by([process.pid]) > 0.5)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
