"""`grade batch`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import Any

import rich_click as click

from grader.cli.options import EACH, LANGUAGE, grading_options
from grader.cli.output import console, notify, tell_what_is_outdated
from grader.cli.status import FAULT, GRADED, INTERRUPTED

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
@LANGUAGE
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
    from grader.course import find_course
    from grader.sandbox.levels import Machine, choose
    from grader.workers import LocalWorkers, Workers, usable_cores

    level = choose(Machine.here(), options.pop("isolation"), allow_weak=options.pop("allow_weak_isolation"))
    root = find_course(options.pop("course"))
    workers: Workers
    if scheduler:
        from grader.dask_workers import DaskWorkers

        workers = DaskWorkers(scheduler, notify)
    else:
        workers = LocalWorkers(level, [root / "assignments"], servers or usable_cores(), notify)
    status = INTERRUPTED
    try:
        status = _grade_batch(workers, level, root, paths=paths, **options)
    finally:
        workers.close(abandon=status not in (GRADED, FAULT))
    return status


def _grade_batch(
    workers: Any,
    level: Any,
    root: Path,
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
    from grader import answer_key, gradebook
    from grader.assignment import load, slugs
    from grader.batch import Batch
    from grader.errors import GraderError
    from grader.grading import Limits
    from grader.intake.choosing import agree_on, is_whole
    from grader.intake.finding import Intake
    from grader.keys import obtain_key
    from grader.promise import promised, seed_of
    from grader.report_folder import ReportFolder
    from grader.reports import batch_summary
    from grader.workers import Bench

    known = [load(root, slug) for slug in ([assignment] if assignment else slugs(root))]
    intake = Intake(paths, out, is_whole=partial(is_whole, known), each=each or "")
    for line in intake.ignored:
        notify(line)
    count = sum(1 for _ in intake.hand_ins())
    if not count:
        raise GraderError(f"{', '.join(paths)}: no submissions there (.py, .ipynb, or folders with them)")
    chosen = agree_on(known, intake.hand_ins())
    folder = ReportFolder(out)
    with folder.claimed(chosen.slug, chosen.specification.title):
        about = folder.about()
        key = obtain_key(chosen, seed_of(about, seed, str(out)) or answer_key.default_seed(), notify)
        given = {"paths": list(paths), "from": str(Path.cwd()), "each": each, "assignment": assignment}
        folder.keep(promised(about, chosen, key, str(out)) | {"given": {**given, "course": str(root)}})
        bench = Bench(chosen, key, Limits.of(chosen, limit_seconds, limit_memory), level)
        with batch_summary.progress(console(stderr=True), count, language) as tell:
            workers.start(bench)
            batch = Batch(bench, folder, workers, regrade, tell, known, mains)
            tally = batch.run(intake)
        if not tally.interrupted:
            for name in batch.nothing_for:
                notify(f"--regrade {name}: no such student, file or outcome")
            for name in batch.not_chosen:
                notify(f"--main {name}: nobody handed in such a file")
            for line in gradebook.write(folder)[1]:
                notify(line)
            tell_what_is_outdated(folder)
    console().print(batch_summary.render(tally, count, str(out), language))
    if tally.interrupted:
        return INTERRUPTED
    installed = [part for part, module in _PARTS.items() if find_spec(module)]
    console().print(batch_summary.next_steps(str(out), installed, language), soft_wrap=True)
    return FAULT if tally.outcomes["fault-of-the-grader"] else GRADED
