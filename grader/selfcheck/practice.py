"""Students check themselves: on the public trials, with numbers of their own, and without the reference.

What they are told is what the assignment lets a student read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from grader import submission
from grader.assignment import Assignment, Check, load, slugs
from grader.errors import SubmissionError, ToldError
from grader.grading import Limits, grade, setup
from grader.key import answer_key
from grader.key.obtaining import obtain_key
from grader.records import AnswerKey, Derivation, Report, Visibility
from grader.reports.audience import for_students
from grader.sandbox.jobs import Runner, Setup
from grader.sandbox.levels import Machine, choose
from grader.submission import Submission
from grader.wire.facts import Fact

_SEED_FILE = "practice-seed"


@dataclass(frozen=True)
class Checked:
    """What a student is told.

    `untried` are the titles of checks that only grading tries, and `held_back` counts the trials that it adds.
    """

    report: Report
    untried: tuple[str, ...]
    held_back: int

    @property
    def passed(self) -> bool:
        """Whether every check that was tried has all its points."""
        return all(check.points >= check.out_of for check in self.report.checks)


@dataclass(frozen=True)
class _Prepared:
    """An assignment with the checks that can be tried, its key and setup, and the titles of the other checks."""

    assignment: Assignment
    key: AnswerKey
    setup: Setup
    untried: tuple[str, ...]


class Desk:
    """Where one student's files are checked; a context manager. What runs them starts at once, and stays warm.

    Her own code is no threat to her that it was not already, so whatever isolation the machine has will do.

    Args:
        course: the folder with `assignments`.
        seed: draws the numbers; by default one that is drawn once and kept.
        notify: called with what the student should know where something takes long.
    """

    def __init__(self, course: Path, seed: str | None, notify: Callable[[Fact], None]) -> None:
        self._open = ExitStack()
        self._pool = self._open.enter_context(_runner(course))
        self._course = course
        self._seed = seed or answer_key.default_seed(_SEED_FILE)
        self._notify = notify
        self._prepared: dict[str, _Prepared] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what runs submissions."""
        self._open.close()

    def known(self, slug: str | None = None) -> list[Assignment]:
        """All assignments of the course, or one of them."""
        return [load(self._course, each) for each in ([slug] if slug else slugs(self._course))]

    def knows(self, slug: str) -> bool:
        """Whether an assignment is called so."""
        return slug in slugs(self._course)

    def assignment_of(self, handed_in: Submission) -> str:
        """The assignment that a submission is for.

        Raises:
            SubmissionError: none or several fit.
        """
        return submission.find_assignment(handed_in, self.known()).slug

    def assignment_with(self, *names: str) -> str:
        """The assignment that asks for a function or class of some name: of several, the first that one asks for.

        Raises:
            SubmissionError: none or several do.
        """
        known = {slug: load(self._course, slug).specification.entry_points for slug in slugs(self._course)}
        spellings = {slug: {s for name, e in told.items() for s in (name, *e.accept)} for slug, told in known.items()}
        asked_for = set[str]().union(*spellings.values())
        name = next((name for name in names if name in asked_for), names[0])
        found = [slug for slug, accepted in spellings.items() if name in accepted]
        if len(found) == 1:
            return found[0]
        if found:
            calls = tuple(f"check({slug!r}, globals())" for slug in found)
            raise SubmissionError(Fact("asked-for-by-several", {"name": name, "calls": calls}))
        wanted = "; ".join(f"{slug}: {', '.join(entries)}" for slug, entries in known.items() if entries)
        raise SubmissionError(Fact("asked-for-by-none", {"name": name, "wanted": wanted}))

    def check(self, handed_in: Submission, slug: str) -> Checked:
        """Try a submission to an assignment.

        Raises:
            AssignmentError: it does not exist, or is not usable.
            GraderFault: the program failed.
        """
        if slug not in self._prepared:
            self._prepared[slug] = self._prepare(slug)
        ready = self._prepared[slug]
        if self._pool.setup is not ready.setup:
            self._pool.prepare(ready.setup)
        limits = Limits.of(ready.assignment)
        report = grade(handed_in, ready.assignment, ready.key, self._pool, limits, self._other_key(ready))
        return Checked(for_students(report), ready.untried, ready.key.held_back)

    def _prepare(self, slug: str) -> _Prepared:
        assignment = load(self._course, slug, practice=True)
        key = obtain_key(assignment, self._seed, self._notify)
        checks = assignment.specification.checks
        tried = [check for check in checks if _can_be_tried(check, key)]
        if not tried:
            raise ToldError(Fact("nothing-public", {"slug": slug}))
        specification = assignment.specification.model_copy(update={"checks": tuple(tried)})
        assignment = assignment.model_copy(update={"specification": specification})
        key = _without_secrets(key, checks)
        untried = tuple(check.title for check in checks if check not in tried)
        return _Prepared(assignment, key, setup(assignment, key), untried)

    def _other_key(self, ready: _Prepared) -> Callable[[str], AnswerKey]:
        checks = ready.assignment.specification.checks
        return lambda seed: _without_secrets(obtain_key(ready.assignment, seed, self._notify), checks)


def _runner(course: Path) -> AbstractContextManager[Runner]:
    """The strictest sandbox of this machine; on a system for which there is none, a process for each check."""
    machine = Machine.here()
    if machine.linux:
        from grader.sandbox.kept import opened

        return opened(choose(machine, allow_weak=True), [course / "assignments"])
    from grader.sandbox.alone import Alone

    return closing(Alone())


def _can_be_tried(check: Check, key: AnswerKey) -> bool:
    expected = {e.check for listed in key.expected.values() for e in listed}
    return check.visibility is Visibility.PUBLIC and check.id in expected


def _without_secrets(key: AnswerKey, checks: tuple[Check, ...]) -> AnswerKey:
    """The key without what hidden checks expect."""
    public = {check.id for check in checks if check.visibility is Visibility.PUBLIC}
    expected = {name: tuple(e for e in listed if e.check in public) for name, listed in key.expected.items()}
    derivations = tuple(_of_checks(derivation, public) for derivation in key.derivations)
    return replace(key, expected=expected, derivations=derivations)


def _of_checks(derivation: Derivation, checks: set[str]) -> Derivation:
    outputs = {name: value for name, value in derivation.outputs.items() if derivation.checks[name] in checks}
    return replace(derivation, outputs=outputs)
