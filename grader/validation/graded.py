"""Grade submissions as the command line does, and keep what came back of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from grader import submission
from grader.assignment import Assignment
from grader.grading import Limits, grade, setup
from grader.key.obtaining import obtain_key
from grader.records import AnswerKey, Isolation, Report, Run
from grader.sandbox.jobs import Job, Setup
from grader.sandbox.pool import Pool
from grader.wire.facts import Fact


class _Remembering(Pool):
    """A pool that keeps what it gave back last."""

    last: Run

    def run(self, job: Job, setup: Setup | None = None) -> Run:
        """As ever."""
        self.last = super().run(job, setup)
        return self.last


def _silent(_: Fact) -> None:
    """Tell nothing."""


@dataclass(frozen=True)
class Graded:
    """One submission as it was graded, and what it had reported."""

    report: Report
    run: Run


class Sandbox:
    """A sandbox that is prepared for one exercise; a context manager."""

    def __init__(self, assignment: Assignment, key: AnswerKey, isolation: Isolation) -> None:
        self.assignment, self.key = assignment, key
        self._pool = _Remembering(isolation, [assignment.folder.parent])
        self._pool.prepare(setup(assignment, key))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def grade(self, file: Path, data: bytes | None = None) -> Graded:
        """Grade a file, or other contents under its name.

        Raises:
            GraderError: it cannot be read, or the grader failed.
        """
        handed_in = submission.read(file) if data is None else submission.accept(file, data)
        report = grade(
            handed_in,
            self.assignment,
            self.key,
            self._pool,
            Limits.of(self.assignment),
            lambda seed: obtain_key(self.assignment, seed, _silent),
            places=False,
        )
        return Graded(report, self._pool.last)
