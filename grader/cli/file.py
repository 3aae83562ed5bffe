"""`grade FILE`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rich_click as click

from grader.cli.cool_down import stay_ready
from grader.cli.options import AUDIENCE, KEEP_WARM, Number, grading_options, with_language
from grader.cli.output import console, keep_inputs, telling, write
from grader.cli.status import BELOW, GRADED


@click.command("file", short_help="Grade one submission; `grade FILE` does the same.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--main", metavar="FILE", type=click.Path(path_type=Path), help="Of several files, the submission.")
@grading_options
@KEEP_WARM
@click.option("--json", "json_file", metavar="FILE|-", help="Also write the report as JSON; - is standard output.")
@click.option("--fail-under", type=Number(0, 100), metavar="PERCENT", help="Exit with 1 below this score.")
@AUDIENCE
@with_language
@click.option("-q", "--quiet", is_flag=True, help="Print the score only.")
@click.option("-v", "--verbose", is_flag=True, help="List every quantity in every probe.")
def file_command(**options: Any) -> int:
    """Grade one submission: a Python file or a notebook, with other files that it imports, or a folder of them.

    Exit status: 0 graded; 1 graded, and below --fail-under; 2 the command line, the assignment or the file is unusable;
    3 the grader itself failed.
    """
    # The sandbox starts first: while it imports torch, everything else is imported and read.
    from grader.course import find_course
    from grader.sandbox.levels import Machine, choose

    keep_inputs({"--json": options["json_file"]}, options["files"])
    root = find_course(options.pop("course"))
    level = choose(Machine.here(), options.pop("isolation"), allow_weak=options.pop("allow_weak_isolation"))
    from grader.sandbox.kept import opened  # not before it is known that this is a system that has it

    keep_warm = options.pop("keep_warm") and level.level != "partial"
    with opened(level, [root / "assignments"]) as pool:
        status = _grade_file(pool, root, **options)
    if keep_warm:
        stay_ready(root)
    return status


def _grade_file(
    pool: Any,
    root: Path,
    *,
    files: Sequence[Path],
    main: Path | None,
    assignment: str | None,
    json_file: str | None,
    seed: str | None,
    fail_under: float | None,
    limit_seconds: float | None,
    limit_memory: int | None,
    audience: str,
    language: str,
    quiet: bool,
    verbose: bool,
) -> int:
    from grader import submission
    from grader.assignment import load, slugs
    from grader.errors import SubmissionError, ToldError
    from grader.grading import Limits, grade, setup
    from grader.key import answer_key
    from grader.key.obtaining import obtain_key
    from grader.records import Outcome
    from grader.reports import json_report, terminal
    from grader.submission.hand_in import hand_in, read_files
    from grader.wire.facts import Fact

    known = [load(root, slug) for slug in ([assignment] if assignment else slugs(root))]
    handed_in = hand_in(read_files(files), known, main)
    chosen = known[0] if assignment else submission.find_assignment(handed_in, known)
    if not chosen.can_be_graded:
        raise ToldError(Fact("no-reference", {"slug": chosen.slug, "file": str(files[0])}))
    chosen_seed = seed or answer_key.default_seed()
    key = obtain_key(chosen, chosen_seed, telling(language))
    pool.prepare(setup(chosen, key))
    screen = console()
    report = grade(
        handed_in,
        chosen,
        key,
        pool,
        Limits.of(chosen, limit_seconds, limit_memory),
        lambda other: obtain_key(chosen, other, telling(language)),
        annotate=verbose,
    )
    if report.outcome is Outcome.UNREADABLE:
        raise SubmissionError.of(handed_in.id.file, report.failures[0].fact)
    feedback = chosen.specification.feedback
    detail = feedback.student if audience == "student" else feedback.instructor
    if audience == "student":
        from grader.reports.audience import for_students

        report = for_students(report)
    if json_file:
        write(json_file, json_report.as_json(report))
    if json_file != "-":
        ascii_only = screen.options.ascii_only
        full = terminal.render(
            report, level=detail, language=language, every_probe=verbose, ascii_only=ascii_only,
            to_try=audience == "student",
        )  # fmt: skip
        screen.print(terminal.summary(report, language) if quiet else full)
    below = fail_under is not None and report.score < fail_under / 100 * report.out_of
    return BELOW if below else GRADED
