"""The process that stays ready: it does what a fresh one would, for its user alone, and goes away."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cli import ready
from grader.sandbox import kept, pool
from grader.sandbox.levels import Machine, choose
from grader.warm import place
from grader.warm.asking import ask, connect, is_there, send, stop
from grader.warm.leaving import leave
from tests.conftest import ROOT, eventually

ALICE = ROOT / "submissions/alice.py"
WRONG = ROOT / "tests/submissions/mynet/wrong/averaged_and_a_strange_bias.py"
HOSTILE = ROOT / "tests/submissions/mynet/hostile"


@pytest.fixture(scope="session")
def runtime(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    folder.chmod(0o700)
    return folder


@pytest.fixture
def warm(runtime, monkeypatch) -> None:
    """A process stays ready; one for all tests."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    if not is_there():
        assert leave(ROOT)
        assert eventually(is_there)


@pytest.fixture(scope="session", autouse=True)
def _stopped(runtime) -> Iterator[None]:
    yield
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_RUNTIME_DIR", str(runtime))
        stop()


def as_asked(*arguments: object) -> int | None:
    """The status of a request, which the process may be too busy to take at once."""
    statuses: list[int | None] = []

    def done() -> bool:
        statuses.append(ask([str(argument) for argument in arguments]))
        return statuses[-1] is not None

    assert eventually(done)
    return statuses[-1]


def without_times(path: Path) -> dict[str, object]:
    return {
        name: value for name, value in json.loads(path.read_text()).items() if name not in ("seconds", "date", "output")
    }


def test_it_reports_what_a_fresh_process_reports(warm, grade, tmp_path):
    for source in (ALICE, WRONG):
        status = as_asked(source, "--json", tmp_path / "warm.json")
        fresh = grade(source, "--json", tmp_path / "fresh.json")
        assert status == fresh.status
        assert without_times(tmp_path / "warm.json") == without_times(tmp_path / "fresh.json")


def test_it_is_where_its_client_is(warm, tmp_path, monkeypatch, capfd):
    (tmp_path / "mine.py").write_bytes(WRONG.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert as_asked("mine.py", "--json", "report.json", "--fail-under", "100", "--quiet") == 1
    assert capfd.readouterr().out.startswith("mine.py")
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o600


def test_it_tells_what_is_unusable_on_the_standard_error(warm, tmp_path, capfd):
    assert as_asked("file", tmp_path / "absent.py") == 2
    assert "absent.py" in capfd.readouterr().err


@pytest.mark.parametrize("case", ["leaves_at_import.py", "half_a_frame_then_exit.py", "reads_the_reference.py"])
def test_submissions_are_locked_in_as_ever(case, warm, tmp_path, capfd):
    expected = (HOSTILE / case).read_text().split("# outcome:")[1].split()[0]
    as_asked(HOSTILE / case, "--assignment", "mynet", "--json", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["outcome"] == expected
    assert report["isolation"]["level"] == choose(Machine.here()).level
    assert "THROUGH" not in report["output"]


@pytest.mark.parametrize(
    "arguments", [["check", ALICE, "--watch"], [ALICE, "--allow-weak-isolation"], [ALICE, "--isolation=partial"], []]
)
def test_some_requests_are_never_given_to_it(arguments, warm):
    assert ask([str(argument) for argument in arguments]) is None


def test_nobody_else_can_reach_it(warm):
    path = Path(place.socket_path())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_others_could_write_into_is_not_used(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(place.tempfile, "gettempdir", lambda: str(tmp_path))
    theirs = tmp_path / f"backprop-grader-{os.geteuid()}"
    theirs.mkdir()
    theirs.chmod(0o770)
    assert connect() is None
    assert not leave(ROOT)
    theirs.rmdir()
    theirs.symlink_to(tmp_path)
    assert connect() is None


def served(path: Path, stamp: dict[str, tuple[int, int]]) -> threading.Thread:
    """A thread that serves at a socket."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen(1)

    def serve() -> None:
        with listening:
            ready.serve(listening, stamp)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_one_of_another_program_is_not_used_and_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "socket_path", lambda: str(tmp_path / "socket"))
    thread = served(tmp_path / "socket", {"grader/judging/judge.py": (0, 0)})
    assert ask([str(ALICE)]) is None
    thread.join()


def test_one_of_another_user_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "socket_path", lambda: str(tmp_path / "socket"))
    monkeypatch.setattr(place, "is_ours", lambda _: False)
    served(tmp_path / "socket", place.program_stamp())
    assert ask([str(ALICE)]) is None


def test_it_ends_when_nobody_needs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "MINUTES", 1e-6)
    served(tmp_path / "socket", {}).join()


def test_a_pool_that_is_kept_is_told_again_what_changed_alone(tmp_path, monkeypatch):
    told: list[object] = []
    monkeypatch.setattr(pool.Pool, "__init__", lambda self, *_, **__: setattr(self, "setup", None))

    def prepare(self: pool.Pool, setup: kept.Setup) -> None:
        told.append(setup)
        self.setup = setup

    monkeypatch.setattr(pool.Pool, "prepare", prepare)
    exercise = tmp_path / "exercise.py"
    exercise.write_text("")
    keeper = kept.Keeper()
    level = choose(Machine.here())

    def tell(name: str) -> None:
        keeper.pool(level, [tmp_path]).prepare(kept.Setup(exercise, {}, [name], {}, False, [], {}, []))

    for name in ("a", "a", "b"):
        tell(name)
    assert len(told) == 2
    os.utime(exercise, ns=(1, 1))
    tell("b")
    assert len(told) == 3


def test_it_ends_with_all_that_it_runs_when_its_client_goes_away(warm, tmp_path):
    endless = tmp_path / "endless.py"
    endless.write_text("def backpropagation(model, y_true, y_pred):\n    while True: pass\n")
    connection = connect()
    assert connection is not None
    pid = _peer(connection)
    request = {
        "arguments": [str(endless)],
        "folder": "/",
        "environment": dict(os.environ),
        "encoding": "utf-8",
        "mask": 0,
    }
    with connection, Path(os.devnull).open("wb") as nowhere:
        send(connection, request, [nowhere.fileno()] * 2)
        assert eventually(lambda: len(_descendants(pid)) >= 2)
        left = [pid, *_descendants(pid)]
    assert eventually(lambda: not any(Path(f"/proc/{each}").exists() for each in left))
    assert connect() is None


def _peer(connection: socket.socket) -> int:
    return int.from_bytes(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], "little")


def _descendants(pid: int) -> list[int]:
    """Processes that a process has started, and that these have started."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = [pid]
    for known in family:
        family += [child for child, parent in parents.items() if parent == known]
    return family[1:]
