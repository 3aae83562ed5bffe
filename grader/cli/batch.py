"""`grade batch`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import rich_click as click

from grader.cli.options import EACH, grading_options, with_language
from grader.cli.output import bring_up_to_date, console, notify, telling
from grader.cli.status import FAULT, GRADED, INTERRUPTED

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.batch import Batch, Tally
    from grader.batch.workers import Workers
    from grader.intake.finding import Intake
    from grader.intake.splitting import Split
    from grader.records import Isolation
    from grader.report_folder import ReportFolder
    from grader.words import Words

_PARTS = {"desk": "starlette", "pages": "matplotlib"}
"""What needs a part that may not be installed: the module by which it is known."""


@click.command("batch", short_help="Grade what a whole class handed in.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where the reports go.")
@grading_options
@click.option(
    "--regrade",
    multiple=True,
    metavar="NAME|OUTCOME|all",
    help="Grade again what has a report: of a student, of an outcome, or all.",
)
@click.option(
    "--main",
    "mains",
    multiple=True,
    type=click.Path(path_type=PurePath),
    metavar="FILE",
    help="Of the files of its student, grade this one; DIR remembers it.",
)
@EACH
@with_language
@click.option(
    "--servers", type=click.IntRange(1, 256), metavar="N", help="Grade so many at once; by default, all cores."
)
@click.option(
    "--dask", "scheduler", metavar="SCHEDULER", help="Grade on the Dask cluster of this scheduler, tcp://host:8786."
)
def batch_command(paths: Sequence[str], servers: int | None, scheduler: str | None, **options: Any) -> int:
    """Grade what a whole class handed in: files, folders, patterns, or zip archives as systems export them.

    Each submission gets a report in DIR as soon as it is graded. A batch that was ended goes on where it was when it is
    started again; what has changed is graded again.

    Exit status: 0 all are graded; 2 the command line, the assignment or DIR is unusable; 3 the grader itself failed, at
    one submission or more; 130 ended by Ctrl-C.
    """
    from grader.batch.workers import LocalWorkers, usable_cores
    from grader.course import find_course
    from grader.sandbox.levels import Machine, choose

    tell = telling(options["language"])
    asked, allow_weak = options.pop("isolation"), options.pop("allow_weak_isolation")
    level = choose(Machine.here(), asked, allow_weak=allow_weak)
    root = find_course(options.pop("course"))
    workers: Workers
    if scheduler:
        from grader.batch.dask_workers import DaskWorkers

        workers = DaskWorkers(scheduler, tell)
    else:
        workers = LocalWorkers(level, [root / "assignments"], servers or usable_cores(), tell)
    status = INTERRUPTED
    try:
        locked_in = {"isolation": asked, "allow_weak_isolation": allow_weak}
        status = _grade_batch(workers, level, root, locked_in, paths=paths, **options)
    finally:
        workers.close(abandon=status not in (GRADED, FAULT))
    return status


@dataclass(frozen=True)
class _Run:
    """What is the same for all assignments of one batch."""

    intake: Intake
    workers: Workers
    level: Isolation
    known: Sequence[Assignment]
    limits: tuple[float | None, int | None]
    seed: str | None
    regrade: Sequence[str]
    mains: Sequence[PurePath]
    given: Mapping[str, Any]
    """What is needed to grade a hand-in of this batch once more."""
    language: str


def _grade_batch(
    workers: Workers,
    level: Isolation,
    root: Path,
    locked_in: Mapping[str, Any],
    *,
    paths: Sequence[str],
    out: Path,
    assignment: str | None,
    seed: str | None,
    limit_seconds: float | None,
    limit_memory: int | None,
    regrade: Sequence[str],
    each: str | None,
    mains: Sequence[PurePath],
    language: str,
) -> int:
    from grader.assignment import load, slugs
    from grader.errors import ToldError
    from grader.intake.choosing import is_whole
    from grader.intake.finding import Intake
    from grader.intake.splitting import split
    from grader.report_folder import ReportFolder, places
    from grader.wire.facts import Fact
    from grader.words import Words

    words = Words(language)
    known = [load(root, slug) for slug in ([assignment] if assignment else slugs(root))]
    intake = Intake(paths, out, is_whole=partial(is_whole, known), each=each or "")
    for fact in intake.ignored:
        notify(words.say(fact))
    if not any(True for _ in intake.hand_ins()):
        raise ToldError(Fact("batch: nothing-there", {"paths": tuple(paths)}))
    parts = split(known, intake.hand_ins())
    folders = places(out, [one.slug for one in parts.assignments], first_is_main=parts.has_a_majority)
    given = {
        "paths": list(paths),
        "from": str(Path.cwd()),
        "each": each,
        "assignment": assignment,
        "course": str(root),
        "limit_seconds": limit_seconds,
        "limit_memory": limit_memory,
        **locked_in,
    }
    limits = limit_seconds, limit_memory
    run = _Run(intake, workers, level, known, limits, seed, regrade, mains, given, language)
    _tell_of_the_split(parts, intake, folders, words)
    ended = []
    for one in parts.assignments:
        ended.append(_grade_part(run, parts, one, ReportFolder(folders[one.slug])))
        if ended[-1].tally.interrupted:
            return INTERRUPTED
    for option, names in (
        ("regrade", [set(batch.nothing_for) for batch in ended]),
        ("main", [set(batch.not_chosen) for batch in ended]),
    ):
        for name in sorted(set.intersection(*names)):
            notify(words("batch: not-there", option=option, name=name, is_file=option == "main"))
    return FAULT if any(batch.tally.outcomes["fault-of-the-grader"] for batch in ended) else GRADED


def _tell_of_the_split(parts: Split, intake: Intake, folders: Mapping[str, Path], words: Words) -> None:
    """Who is graded under what, where a class handed in several assignments."""
    for one in parts.assignments if len(parts.assignments) > 1 else ():
        names = tuple(hand_in.student.key for hand_in in parts.of(one, intake.hand_ins()))
        notify(words("batch: part", slug=one.slug, n=len(names), names=names, folder=str(folders[one.slug])))


def _grade_part(run: _Run, parts: Split, assignment: Assignment, folder: ReportFolder) -> Batch:
    """Grade what was handed in for one assignment, and print how it went."""
    from grader import gradebook
    from grader.batch import Batch
    from grader.batch.workers import Bench
    from grader.grading import Limits
    from grader.intake.systems import system_of_most
    from grader.key import answer_key
    from grader.key.obtaining import obtain_key
    from grader.report_folder.promise import promised, seed_of
    from grader.reports import batch_summary
    from grader.words import Words

    words = Words(run.language)
    place = str(folder.path)
    systems = Counter(hand_in.system for hand_in in parts.of(assignment, run.intake.hand_ins()))
    count = systems.total()
    with folder.claimed(assignment.slug, assignment.specification.title):
        about = folder.about()
        key = obtain_key(
            assignment, seed_of(about, run.seed, place) or answer_key.default_seed(), telling(run.language)
        )
        folder.keep(
            promised(about, assignment, key, place) | {"given": dict(run.given), "system": system_of_most(systems)}
        )
        bench = Bench(assignment, key, Limits.of(assignment, *run.limits), run.level)
        with batch_summary.progress(console(stderr=True), count, run.language) as tell:
            run.workers.start(bench)
            batch = Batch(bench, folder, run.workers, run.regrade, tell, run.known, run.mains)
            batch.run(parts.of(assignment, run.intake.hand_ins()))
        if not batch.tally.interrupted:
            for problem in gradebook.write(folder)[1]:
                notify(words.say(problem))
            bring_up_to_date(folder, words)
    _print_end(batch.tally, count, place, run.language)
    return batch


def _print_end(tally: Tally, expected: int, place: str, language: str) -> None:
    """One screen on how it went, and what comes next."""
    from rich.text import Text

    from grader.decisions.lateness import late_rule
    from grader.report_folder import ReportFolder
    from grader.reports import batch_summary
    from grader.reports.next_steps import next_steps

    console().print(batch_summary.render(tally, expected, place, language))
    if not tally.interrupted:
        installed = [part for part, module in _PARTS.items() if find_spec(module)]
        folder = ReportFolder(Path(place))
        late = 0 if late_rule(folder.standing()) else tally.late
        steps = next_steps(place, installed, tally.attention, late, language, folder.about()["system"])
        console().print(Text(steps), soft_wrap=True)
