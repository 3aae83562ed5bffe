"""What keeps a submission from the machine: each layer holds an attack that gets through where the layer is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from grader.errors import IsolationUnavailable
from grader.records import Isolation, Outcome
from grader.sandbox import enclosure, fork_server, jobs
from grader.sandbox.levels import LEVELS, Machine, choose
from grader.sandbox.pool import Pool
from grader.sandbox.seccomp import Filters, compile_filters
from grader.sandbox.transcript import Transcript
from grader.wire.facts import Fact
from tests.conftest import ROOT, VISIBLE, words_of
from tests.test_sandbox import RIGHT, alive, body, job

FULL = Isolation("full", LEVELS["full"])
NO_BUBBLEWRAP = Fact("lacks: bubblewrap")
ATTEMPT = "try:\n        {}\n        print('THROUGH')\n    except (OSError, RuntimeError) as error:\n        print(type(error).__name__, error)"


def attack(line: str, before: str = "import os, socket, ctypes, threading") -> str:
    return body(ATTEMPT.format(line), before=before)


READ_SECRET = attack(f"open({str(ROOT / 'reference/mynet/solution.py')!r}).read()")
READ_ANOTHER_ASSIGNMENT = attack(f"open({str(ROOT / 'assignments/relu/exercise.py')!r}).read()")
READ_ITS_OWN_ASSIGNMENT = attack(f"open({str(ROOT / 'assignments/mynet/exercise.py')!r}).read()")
WRITE = attack("os.close(os.open('/tmp/grader-escape', os.O_CREAT | os.O_WRONLY))")
SOCKET = attack("socket.socket().close()")
FORK = attack("pid = os.fork(); pid or os._exit(0); os.waitpid(pid, 0)")
THREAD = attack("threading.Thread(target=int).start()")
SIGNAL_ANYBODY = attack("assert ctypes.CDLL(None).tgkill(os.getppid(), os.getppid(), 0) == 0 or open('')")
SIGNAL_PARENT = attack("os.kill(os.getppid(), 0)")


@pytest.fixture(scope="module")
def pools(pool):
    """A pool for each level, started when it is asked for."""
    started: dict[str, Pool] = {}

    def at(level: str) -> Pool:
        if level not in started:
            started[level] = Pool(Isolation(level, LEVELS[level]), VISIBLE)
            started[level].prepare(pool.setup)
        return started[level]

    yield at
    for each in started.values():
        each.close()


def output_of(pool: Pool, source: str) -> str:
    return pool.run(job(source)).output


@pytest.mark.parametrize("level", LEVELS)
def test_right_code_is_right_at_every_level(pools, level):
    run = pools(level).run(job("import numpy as np\nimport math\n" + RIGHT))
    assert {seen.outcome for seen in run.observations.values()} == {Outcome.RETURNED}


@pytest.mark.parametrize("level", ["full+", "full", "full-", "sealed"])
@pytest.mark.parametrize(
    "attempt",
    [READ_SECRET, READ_ANOTHER_ASSIGNMENT, WRITE, SOCKET, FORK, THREAD, SIGNAL_PARENT, SIGNAL_ANYBODY],
)
def test_no_level_but_the_weakest_lets_an_attack_through(pools, level, attempt):
    printed = output_of(pools(level), attempt)
    assert "THROUGH" not in printed
    assert "Error" in printed


@pytest.mark.parametrize(
    "attempt", [READ_SECRET, READ_ANOTHER_ASSIGNMENT, WRITE, SOCKET, SIGNAL_PARENT, SIGNAL_ANYBODY]
)
def test_without_landlock_and_seccomp_the_same_attacks_get_through(pools, attempt):
    printed = output_of(pools("partial"), attempt)
    Path("/tmp/grader-escape").unlink(missing_ok=True)
    assert "THROUGH" in printed


@pytest.mark.parametrize("level", ["full+", "full", "full-"])
def test_the_folder_of_its_own_assignment_is_what_a_submission_may_read(pools, level):
    assert "THROUGH" in output_of(pools(level), READ_ITS_OWN_ASSIGNMENT)


def test_without_the_filter_of_a_child_only_the_limit_on_processes_keeps_a_submission_from_forking(pool, monkeypatch):
    monkeypatch.setattr(jobs, "compile_filters", lambda **how: Filters(compile_filters(**how).server, b""))
    with Pool(FULL, VISIBLE) as weak:
        weak.prepare(pool.setup)
        through = "THROUGH" in output_of(weak, FORK)
        assert through == (os.geteuid() == 0)  # the limit does not hold for root


def test_without_the_filter_of_the_server_a_submission_opens_sockets(pool, monkeypatch):
    monkeypatch.setattr(jobs, "compile_filters", lambda **how: Filters(b"", compile_filters(**how).child))
    with Pool(FULL, VISIBLE) as weak:
        weak.prepare(pool.setup)
        assert "THROUGH" in output_of(weak, SOCKET)


def test_without_landlock_a_submission_reads_the_reference(pool, monkeypatch):
    monkeypatch.setattr(jobs, "landlock_version", lambda: 0)
    with Pool(FULL, VISIBLE) as weak:
        weak.prepare(pool.setup)
        assert "THROUGH" in output_of(weak, READ_SECRET)


def test_without_the_sweep_and_the_adoption_of_orphans_processes_would_stay(pools):
    """At the weakest level root may fork; nobody is left alive all the same."""
    forks = body(
        "import os, time",
        "for detach in (False, True):",
        "    if os.fork() == 0:",
        "        if detach: os.setsid()",
        "        if os.fork() == 0 or not detach:",
        "            os.write(1, b'%d\\n' % os.getpid())",
        "            time.sleep(60)",
        "        os._exit(0)",
        "time.sleep(0.5)",
        "os._exit(0)",
    )
    run = pools("partial").run(job(forks, seconds=5.0))
    if os.geteuid() == 0:  # the limit on processes does not hold for root
        assert len(run.output.split()) >= 2
    else:
        assert "Resource temporarily unavailable" in words_of(run.observations["toy"])
    assert not [pid for pid in map(int, run.output.split()) if alive(pid)]


def test_a_submission_that_kills_its_server_harms_itself_alone(pool):
    with Pool(Isolation("partial", ""), VISIBLE) as weak:
        weak.prepare(pool.setup)
        assert weak.run(job(RIGHT)).outcome is Outcome.RETURNED
        first = weak.servers
        killer = body("import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(5)")
        assert weak.run(job(killer)).observations["toy"].outcome is Outcome.CRASHED
        assert weak.run(job(RIGHT)).outcome is Outcome.RETURNED
        assert weak.servers != first


OUTSIDE = ROOT / "tests/submissions/mynet/undetected/looks_outside_without_opening.py"


def test_in_the_enclosure_nothing_outside_can_be_seen_even_by_stat(pools):
    looks = OUTSIDE.read_text().replace('f"{course}/reference"', repr(str(ROOT / "reference")))
    assert "THROUGH" in output_of(pools("full"), looks)
    assert "THROUGH" not in output_of(pools("full+"), looks)


def test_in_the_enclosure_there_is_no_other_process_and_no_network_even_without_landlock_and_seccomp(pool, monkeypatch):
    monkeypatch.setattr(jobs, "landlock_version", lambda: 0)
    monkeypatch.setattr(jobs, "compile_filters", lambda **how: Filters(b"", b""))
    look = "\n        ".join(
        [
            "print(sorted(int(n) for n in os.listdir('/proc') if n.isdigit()), os.getppid())",
            "print(os.listdir('/'), [name for _, name in socket.if_nameindex()])",
        ]
    )
    with Pool(Isolation("full+", ""), VISIBLE) as weak:
        weak.prepare(pool.setup)
        lines = output_of(weak, attack(look)).splitlines()
        assert lines[0] == "[1, 2] 1"
        assert lines[1].endswith("['lo']")
        assert "home" not in lines[1] or "/home/" in f"{ROOT} {enclosure.interpreter()} {sys.base_prefix}"
        assert "THROUGH" not in output_of(weak, READ_SECRET)
        assert "THROUGH" not in output_of(weak, WRITE)


def test_without_the_deadline_a_submission_that_sleeps_gets_to_its_end(pool, monkeypatch):
    """With it, the same submission is ended in the middle of its sleep."""
    monkeypatch.setattr(fork_server, "runnable_per_core", lambda: 1.0)  # else it may sleep for longer
    sleeps = body("import os, time; time.sleep(5); print('THROUGH', flush=True); os._exit(1)")
    assert "THROUGH" not in pool.run(job(sleeps, seconds=0.6)).output
    monkeypatch.setattr(Transcript, "run_out", lambda self, limit: None)
    assert "THROUGH" in pool.run(job(sleeps, seconds=0.6)).output


@pytest.mark.parametrize("number", ["ptrace", "unshare", "io_uring_setup", "bpf", "keyctl"])
def test_a_system_call_that_nobody_makes_by_accident_ends_the_process_and_is_told(pool, number):
    from grader.sandbox.seccomp import library

    call = library().seccomp_syscall_resolve_name(number.encode())
    run = pool.run(job(body(f"ctypes.CDLL(None).syscall({call}, 0, 0, 0, 0)", before="import ctypes")))
    assert run.observations["toy"].outcome is Outcome.REFUSED
    assert "system call" in words_of(run.observations["toy"])


def test_the_exercise_and_the_libraries_can_be_read(pool):
    readable = attack(f"open({str(ROOT / 'assignments/mynet/README.md')!r}).read(); import xml.dom.minidom, numpy.fft")
    assert "THROUGH" in output_of(pool, readable)


@pytest.mark.parametrize(
    ("machine", "level"),
    [
        (Machine(linux=True, landlock=7, seccomp=True, no_enclosure=None), "full+"),
        (Machine(linux=True, landlock=5, seccomp=True, no_enclosure=None), "full-"),
        (Machine(linux=True, landlock=7, seccomp=True, no_enclosure=NO_BUBBLEWRAP), "full"),
        (Machine(linux=True, landlock=6, seccomp=True, no_enclosure=NO_BUBBLEWRAP), "full"),
        (Machine(linux=True, landlock=5, seccomp=True, no_enclosure=NO_BUBBLEWRAP), "full-"),
        (Machine(linux=True, landlock=1, seccomp=True, no_enclosure=NO_BUBBLEWRAP), "full-"),
        (Machine(linux=True, landlock=0, seccomp=True, no_enclosure=NO_BUBBLEWRAP), "sealed"),
    ],
)
def test_the_strictest_level_that_can_be_had_is_the_default(machine, level):
    assert choose(machine).level == level


def test_a_level_that_leaves_files_open_needs_consent():
    machine = Machine(linux=True, landlock=7, seccomp=False, no_enclosure=NO_BUBBLEWRAP)
    with pytest.raises(IsolationUnavailable, match=r"lacks libseccomp: install .* Add --allow-weak-isolation"):
        choose(machine)
    assert choose(machine, allow_weak=True).level == "partial"


@pytest.mark.parametrize(
    ("machine", "wanted", "words"),
    [
        (
            Machine(linux=True, landlock=5, seccomp=True, no_enclosure=NO_BUBBLEWRAP),
            "full",
            "needs Landlock version 6 or newer .*; version 5 is there",
        ),
        (
            Machine(linux=True, landlock=0, seccomp=True, no_enclosure=NO_BUBBLEWRAP),
            "full-",
            "this kernel has none, or it is disabled",
        ),
        (Machine(linux=False, landlock=0, seccomp=False, no_enclosure=NO_BUBBLEWRAP), None, "needs Linux"),
        (
            Machine(linux=True, landlock=7, seccomp=True, no_enclosure=NO_BUBBLEWRAP),
            "fort",
            "there is no isolation level `fort`; known are full",
        ),
    ],
)
def test_a_level_that_cannot_be_had_is_refused_with_what_is_missing(machine, wanted, words):
    with pytest.raises(IsolationUnavailable, match=words):
        choose(machine, wanted)
