"""What the tests share: one cache, one answer key, one fork server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_CACHE = tempfile.TemporaryDirectory(prefix="grader-tests-")
os.environ["XDG_CACHE_HOME"] = _CACHE.name  # before anything asks where the cache is; child processes inherit it

from grader import answer_key, submission  # noqa: E402
from grader.assignment import Assignment, load  # noqa: E402
from grader.course import find_course  # noqa: E402
from grader.grading import Limits, grade, obtain_key, setup  # noqa: E402
from grader.records import AnswerKey, Report  # noqa: E402
from grader.sandbox.levels import Machine, choose  # noqa: E402
from grader.sandbox.pool import Pool  # noqa: E402

SEED = "1"
ISOLATION = choose(Machine.here())
VISIBLE = [ROOT / "assignments"]

GradeFile = Callable[..., Report]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    return load(find_course(), "mynet")


@pytest.fixture(scope="session")
def key(assignment: Assignment) -> AnswerKey:
    return obtain_key(assignment, SEED, lambda line: None)


@pytest.fixture(scope="session")
def pool(assignment: Assignment, key: AnswerKey) -> Iterator[Pool]:
    with Pool(ISOLATION, VISIBLE) as pool:
        pool.prepare(setup(assignment, key))
        yield pool


@pytest.fixture(scope="session")
def grade_file(assignment: Assignment, key: AnswerKey, pool: Pool) -> GradeFile:
    """Grade a file, or the source text of one, as the command line does."""

    def run(source: Path | str, seconds: float = 10, memory_mb: int = 1024) -> Report:
        with tempfile.TemporaryDirectory() as folder:
            path = source
            if isinstance(source, str):
                path = Path(folder) / "student.py"
                path.write_text(source, encoding="utf-8")
            limits = Limits.of(assignment, seconds, memory_mb)
            return grade(
                submission.read(path),
                assignment,
                key,
                pool,
                limits,
                lambda s: obtain_key(assignment, s, print),
            )

    return run


__all__ = ["ROOT", "SEED", "GradeFile", "answer_key"]
