"""What one student handed in, graded once more as the batch would grade it, as another file of it is again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.cli.output import telling

if TYPE_CHECKING:
    from grader.batch.workers import LocalWorkers
    from grader.intake.finding import HandIn
    from grader.records import Isolation
    from grader.report_folder import ReportFolder


@dataclass(frozen=True)
class Again:
    """What one student handed in, who has the report of this name in a folder.

    Attributes:
        folder: told by an absolute path.
        decide: decides which file it is; called as soon as it is known that nobody else writes.
        file: which must be among the student's; empty where the decision names none.
    """

    folder: ReportFolder
    report: str
    decide: Callable[[], None]
    file: str = ""


def grade_again(again: Again, language: str) -> None:
    """Grade it, from where the batch had found it. Nothing of the others is run or written.

    Raises:
        ToldError: it is not there, or what the batch was given is not; then nothing is decided.
    """
    from grader.batch.workers import LocalWorkers
    from grader.course import find_course
    from grader.sandbox.levels import Machine, choose

    given = _given(again.folder)
    course = find_course(Path(given["course"]))
    level = choose(Machine.here(), given.get("isolation"), allow_weak=bool(given.get("allow_weak_isolation")))
    workers = LocalWorkers(level, [course / "assignments"], 1, telling(language))  # starts while all else is read
    is_done = False
    try:
        with _where_the_batch_was(given):
            _grade(again, given, course, level, workers, language)
        is_done = True
    finally:
        workers.close(abandon=not is_done)


def _grade(
    again: Again, given: Mapping[str, Any], course: Path, level: Isolation, workers: LocalWorkers, language: str
) -> None:
    from grader.assignment import load, slugs
    from grader.batch import Batch
    from grader.batch.workers import Bench
    from grader.grading import Limits
    from grader.intake.choosing import is_whole
    from grader.intake.finding import Intake
    from grader.intake.splitting import split
    from grader.key import answer_key
    from grader.key.obtaining import obtain_key
    from grader.report_folder.promise import is_of, promised, seed_of
    from grader.wire.facts import Fact

    folder, tell = again.folder, telling(language)
    about, place = folder.about(), str(folder.path)
    named = given["assignment"]
    known = [load(course, slug) for slug in ([named] if named else slugs(course))]
    assignment = load(course, about["assignment"])
    intake = Intake(given["paths"], folder.path, is_whole=partial(is_whole, known), each=given["each"] or "")
    parts = split(known, intake.hand_ins())
    _see_that_it_is_there(again, parts.of(assignment, intake.hand_ins()))
    with folder.claimed(assignment.slug, assignment.specification.title):
        key = obtain_key(assignment, seed_of(about, None, place) or answer_key.default_seed(), tell)
        promised(about, assignment, key, place)
        if not is_of(about, assignment):
            tell(Fact("folder: exercise-changed", {"folder": place, "name": again.report}))
        again.decide()
        limits = Limits.of(assignment, given.get("limit_seconds"), given.get("limit_memory"))
        bench = Bench(assignment, key, limits, level)
        workers.start(bench)
        batch = Batch(bench, folder, workers, [], lambda _: None, known)
        batch.run(parts.of(assignment, intake.hand_ins()), only=again.report)


def _see_that_it_is_there(again: Again, hand_ins: Iterable[HandIn]) -> None:
    from grader.errors import ToldError
    from grader.intake.naming import ReportNames
    from grader.report_folder.mains import meant
    from grader.wire.facts import Fact

    names = ReportNames()
    own = [hand_in for hand_in in hand_ins if names.next(hand_in.student)[0] == again.report]
    if again.file and not any(meant(hand_in, again.file) for hand_in in own):
        files = tuple(str(place) for hand_in in own for place in hand_in.places)
        raise ToldError(Fact("main: not-there", {"main": again.file, "name": again.report, "files": files}))


def _given(folder: ReportFolder) -> Mapping[str, Any]:
    """What the batch was given."""
    from grader.errors import ToldError
    from grader.wire.facts import Fact

    given = folder.about().get("given")
    if not isinstance(given, dict):
        raise ToldError(Fact("folder: no-paths", {"folder": str(folder.path)}))
    return given


@contextmanager
def _where_the_batch_was(given: Mapping[str, Any]) -> Iterator[None]:
    """In the folder where it was started, so that files have the names there that they had for it."""
    from grader.errors import ToldError
    from grader.wire.facts import Fact

    if not Path(given["from"]).is_dir():
        raise ToldError(Fact("nothing-there", {"file": given["from"]}))
    with chdir(given["from"]):
        yield
