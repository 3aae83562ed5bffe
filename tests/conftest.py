"""What the tests share: one cache, one answer key for each exercise, one fork server."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import NamedTuple

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the cache, and so the answer keys, of who started them
    _CACHE = tempfile.TemporaryDirectory(prefix="grader-tests-")
    os.environ["XDG_CACHE_HOME"] = _CACHE.name  # before anything asks where it is; child processes inherit it

from grader import cli, submission  # noqa: E402
from grader import grading as pipeline  # noqa: E402
from grader.assignment import Assignment, load, slugs  # noqa: E402
from grader.batch import workers  # noqa: E402
from grader.course import find_course  # noqa: E402
from grader.grading import Limits, setup  # noqa: E402
from grader.key import answer_key  # noqa: E402
from grader.key.obtaining import obtain_key  # noqa: E402
from grader.records import AnswerKey, Isolation, PolicyFinding, Report  # noqa: E402
from grader.reports.sentences import failures  # noqa: E402
from grader.sandbox import kept  # noqa: E402, F401  likewise
from grader.sandbox import pool as pools  # noqa: E402
from grader.sandbox.levels import Machine, choose  # noqa: E402
from grader.sandbox.pool import Pool  # noqa: E402
from grader.submission.hand_in import hand_in  # noqa: E402
from grader.validation import graded  # noqa: E402, F401  its pool is derived from the real one, not from that of the tests
from grader.wire.facts import Fact  # noqa: E402
from grader.words import Words  # noqa: E402

settings.register_profile("any machine", deadline=None)  # how long an example takes tells nothing of it
settings.load_profile("any machine")
SEED = "1"
ISOLATION = choose(Machine.here())
SLUGS = [slug for slug in slugs(find_course()) if (find_course() / "assignments" / slug / "exercise.py").is_file()]
"""The exercises that are written by hand; `test_courses.py` is about those of declared layers."""
VISIBLE = [ROOT / "assignments"]

GradeFile = Callable[..., Report]

collect_ignore = ["submissions", "sixth"]  # as students write


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write the golden files anew")


@cache
def assignment_and_key(slug: str, seed: str = SEED) -> tuple[Assignment, AnswerKey]:
    chosen = load(find_course(), slug)
    return chosen, obtain_key(chosen, seed, lambda line: None)


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    return assignment_and_key("mynet")[0]


@pytest.fixture(scope="session")
def key() -> AnswerKey:
    return assignment_and_key("mynet")[1]


@pytest.fixture(scope="session")
def pool(assignment: Assignment, key: AnswerKey) -> Iterator[Pool]:
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(assignment, key))
        yield pool


def grading(pool: Pool, slug: str, seed: str = SEED, *, places: bool = False) -> GradeFile:
    """Grade a file, the text of one, or several by their names, as the command line does; on a pool that was prepared for the exercise.

    With the limits of the exercise, where a test sets none; without a search for places in the code, unless one asks.
    """
    assignment, key = assignment_and_key(slug, seed)

    def run(
        source: Path | str | Mapping[str, bytes], seconds: float | None = None, memory_mb: int | None = None
    ) -> Report:
        files = {"student.py": source.encode()} if isinstance(source, str) else source
        return pipeline.grade(
            submission.read(files)
            if isinstance(files, Path)
            else hand_in({PurePath(name): data for name, data in files.items()}, [assignment]),
            assignment,
            key,
            pool,
            Limits.of(assignment, seconds, memory_mb),
            lambda s: obtain_key(assignment, s, print),
            places=places,
        )

    return run


@pytest.fixture(scope="session")
def grade_file(pool: Pool) -> GradeFile:
    """Grade a submission to `mynet`."""
    return grading(pool, "mynet")


@pytest.fixture(scope="session")
def graders() -> Iterator[Callable[..., GradeFile]]:
    """For each exercise, a way to grade a file; with `places=True`, the places in the code are looked for, too."""
    pools: dict[str, Pool] = {}

    @cache
    def of(slug: str, *, places: bool = False) -> GradeFile:
        if slug not in pools:
            pools[slug] = Pool(ISOLATION, VISIBLE)
            pools[slug].prepare(setup(*assignment_and_key(slug)))
        return grading(pools[slug], slug, places=places)

    yield of
    for pool in pools.values():
        pool.close()


def words_of(of: object) -> str:
    """What is said in English of a report, a finding, a remark, an observation, evidence: of whatever has facts."""
    words = Words("en")
    match of:
        case Report():
            return failures(of, words)
        case PolicyFinding():
            return ";\n".join(map(words.say, of.evidence))
        case Fact():
            return words.say(of)
    return words.say(of.fact)


def eventually(holds: Callable[[], object]) -> bool:
    """Whether something comes true; that may take long where the machine is busy, and only a failure takes all of it."""
    patience = time.monotonic() + 600
    while not holds():
        if time.monotonic() > patience:
            return False
        time.sleep(0.02)
    return True


__all__ = ["ROOT", "SEED", "SLUGS", "GradeFile", "answer_key"]


class Printed(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


class LastingPool(Pool):
    """A pool for all commands of the tests' process: to start one takes as long as to import torch."""

    def close(self) -> None:
        """Leave it to the next command."""

    @classmethod
    @cache
    def of(cls, isolation: Isolation, visible: tuple[Path, ...], servers: int | None) -> LastingPool:
        return cls(isolation, visible, servers)


@pytest.fixture
def grade(capsys, monkeypatch) -> Iterator[Callable[..., Printed]]:
    """Run the command line in this process, and leave torch as it was."""
    import torch

    def pool(isolation: Isolation, visible: Sequence[Path], servers: int | None = None) -> Pool:
        return LastingPool.of(isolation, tuple(visible), servers)

    monkeypatch.setattr(pools, "Pool", pool)
    monkeypatch.setattr(workers, "Pool", pool)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("TERM", "dumb")
    before = torch.get_default_dtype()

    def run(*arguments: object) -> Printed:
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Printed(int(ended.value.code or 0), printed.out, printed.err)

    yield run
    torch.set_default_dtype(before)
