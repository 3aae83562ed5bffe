"""The command line: the one place that prints and exits."""

from __future__ import annotations

import io
import math
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Abort

if TYPE_CHECKING:
    from rich.console import Console

GRADED, BELOW, UNUSABLE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


class _Number(click.FloatRange):
    """A number within bounds; NaN, which is neither below nor above any bound, is not one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not a number", param, ctx)
        return number


class _Commands(click.RichGroup):
    """`grade FILE` is short for `grade file FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help", "--version"):
            args.insert(0, "file")
        return super().parse_args(ctx, args)


@click.group(
    cls=_Commands,
    subcommand_metavar="FILE | COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="backprop-grader", message="%(package)s %(version)s")
def grade() -> None:
    """Grade backpropagation that students wrote by hand.

    `grade submissions/alice.py` runs a submission in a process of its own, compares every gradient with three
    independent oracles, and prints a report; `grade file --help` tells its options.

    Exit status: 0 graded; 1 graded, and below --fail-under; 2 the command line, the assignment or the file is unusable;
    3 the grader itself failed.
    """


_COURSE = click.option(
    "--course", type=click.Path(path_type=Path), metavar="DIR", help="Another folder with assignments/ and reference/."
)
_GRADING = (
    click.option("--assignment", metavar="SLUG", help="The assignment, where the file does not tell."),
    click.option(
        "--seed", metavar="TEXT", help="Draws the probes; by default one that is drawn once and kept for you."
    ),
    _COURSE,
    click.option(
        "--limit-seconds",
        type=_Number(0, 3600, min_open=True),
        metavar="S",
        help="Wall-clock time that a submission may take.",
    ),
    click.option("--limit-memory", type=click.IntRange(32, 1 << 20), metavar="MB", help="Memory that it may use."),
    click.option("--isolation", metavar="LEVEL", help="Grade at this level; by default the strictest that can be had."),
    click.option(
        "--allow-weak-isolation", is_flag=True, help="Also grade where files and network cannot be closed off."
    ),
)


def _grading_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of every command that grades."""
    for option in reversed(_GRADING):
        command = option(command)
    return command


@grade.command("file", short_help="Grade one submission; `grade FILE` does the same.")
@click.argument("file", type=click.Path(path_type=Path))
@_grading_options
@click.option("--json", "json_file", metavar="FILE|-", help="Also write the report as JSON; - is standard output.")
@click.option("--fail-under", type=_Number(0, 100), metavar="PERCENT", help="Exit with 1 below this score.")
@click.option(
    "--audience",
    type=click.Choice(["instructor", "student"]),
    default="instructor",
    help="Who reads the report: a student is not told the seed nor the numbers of hidden trials.",
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", help="The language of the hints.")
@click.option("-q", "--quiet", is_flag=True, help="Print the score only.")
@click.option("-v", "--verbose", is_flag=True, help="List every quantity in every probe.")
def file_command(**options: Any) -> int:
    """Grade one submission: a Python file or a notebook."""
    # The sandbox starts first: while it imports torch, everything else is imported and read.
    from grader.course import find_course
    from grader.sandbox.levels import Machine, choose
    from grader.sandbox.pool import Pool

    level = choose(Machine.here(), options.pop("isolation"), allow_weak=options.pop("allow_weak_isolation"))
    root = find_course(options.pop("course"))
    with Pool(level, [root / "assignments"]) as pool:
        return _grade_file(pool, root, **options)


def _grade_file(
    pool: Any,
    root: Path,
    *,
    file: Path,
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
    from grader import answer_key, submission
    from grader.assignment import load, slugs
    from grader.errors import SubmissionError
    from grader.grading import Limits, grade, obtain_key, setup
    from grader.records import Outcome
    from grader.reports import json_report, terminal

    handed_in = submission.read(file)
    known = [load(root, slug) for slug in ([assignment] if assignment else slugs(root))]
    chosen = known[0] if assignment else submission.find_assignment(handed_in, known)
    chosen_seed = seed or answer_key.default_seed()
    key = obtain_key(chosen, chosen_seed, _notify)
    pool.prepare(setup(chosen, key))
    console = _console()
    report = grade(
        handed_in,
        chosen,
        key,
        pool,
        Limits.of(chosen, limit_seconds, limit_memory),
        lambda other: obtain_key(chosen, other, _notify),
    )
    if report.outcome is Outcome.UNREADABLE:
        raise SubmissionError(f"{file}: {report.message}")
    feedback = chosen.specification.feedback
    detail = feedback.student if audience == "student" else feedback.instructor
    if audience == "student":
        from grader.reports.audience import for_students

        report = for_students(report, key, detail)
    if json_file:
        _write(json_file, json_report.as_json(report))
    if json_file != "-":
        titles = {probe.name: probe.title for probe in key.probes}
        ascii_only = console.options.ascii_only
        full = terminal.render(
            report, titles, level=detail, language=language, every_probe=verbose, ascii_only=ascii_only
        )
        console.print(terminal.summary(report) if quiet else full)
    below = fail_under is not None and report.score < fail_under / 100 * report.out_of
    return BELOW if below else GRADED


@grade.command("batch", short_help="Grade what a whole class handed in.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where the reports go.")
@_grading_options
@click.option(
    "--regrade",
    multiple=True,
    metavar="NAME|OUTCOME|all",
    help="Grade again what has a report: of a student, of an outcome, or all.",
)
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

        workers = DaskWorkers(scheduler, _notify)
    else:
        workers = LocalWorkers(level, [root / "assignments"], servers or usable_cores(), _notify)
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
) -> int:
    from grader import answer_key, gradebook
    from grader.assignment import load, slugs
    from grader.batch import Batch, agree_on
    from grader.errors import GraderError
    from grader.grading import Limits, obtain_key
    from grader.intake.finding import Intake
    from grader.report_folder import ReportFolder
    from grader.reports import batch_summary
    from grader.workers import Bench

    intake = Intake(paths, without=out)
    for line in intake.ignored:
        _notify(line)
    count = sum(1 for _ in intake.hand_ins())
    if not count:
        raise GraderError(f"{', '.join(paths)}: no submissions there (.py, .ipynb, or folders with them)")
    known = [load(root, slug) for slug in ([assignment] if assignment else slugs(root))]
    chosen = agree_on(known, intake.hand_ins())
    folder = ReportFolder(out)
    with folder.claimed(chosen.slug, chosen.specification.title):
        key = obtain_key(chosen, seed or answer_key.default_seed(), _notify)
        bench = Bench(chosen, key, Limits.of(chosen, limit_seconds, limit_memory), level)
        with batch_summary.progress(_console(stderr=True), count) as tell:
            workers.start(bench)
            batch = Batch(bench, folder, workers, regrade, tell)
            tally = batch.run(intake)
        if not tally.interrupted:
            for name in batch.nothing_for:
                _notify(f"--regrade {name}: no such student, file or outcome")
            gradebook.write(folder)
    _console().print(batch_summary.render(tally, count, str(out)))
    if tally.interrupted:
        return INTERRUPTED
    return FAULT if tally.outcomes["fault-of-the-grader"] else GRADED


@grade.command("gradebook", short_help="Write a table of the reports of a class.")
@click.argument("reports", type=click.Path(path_type=Path), metavar="REPORTS")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "canvas", "moodle", "moodle-worksheet", "gradescope"]),
    default="csv",
    help="For whom; csv is for people and spreadsheets.",
)
@click.option("--roster", type=click.Path(path_type=Path), metavar="FILE", help="Who they are, penalties and attempts.")
@click.option("--template", type=click.Path(path_type=Path), metavar="FILE", help="The table that the system exported.")
def gradebook_command(reports: Path, form: str, roster: Path | None, template: Path | None) -> int:
    """Write a table of the reports that `grade batch` made, for people or for a learning management system.

    The table goes into the folder of the reports. What the system would not match is listed and left out.
    """
    from grader import gradebook
    from grader.report_folder import ReportFolder

    written, problems = gradebook.write(ReportFolder(reports), form, roster, template)
    for problem in problems:
        _notify(problem)
    print(written)
    return GRADED


@grade.command("list", short_help="Show the assignments.")
@_COURSE
def list_command(course: Path | None) -> int:
    """Show the assignments, and what a submission to each must define."""
    from rich import box
    from rich.table import Table

    from grader.assignment import load, slugs
    from grader.course import find_course
    from grader.reports.terminal import points
    from grader.submission import asked_for

    root = find_course(course)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("assignment", style="bold", no_wrap=True)
    table.add_column("title")
    table.add_column("points", justify="right")
    table.add_column("a submission defines")
    for slug in slugs(root):
        specification = (loaded := load(root, slug)).specification
        entries = "\n".join(asked_for(loaded))
        table.add_row(slug, specification.title, points(loaded.out_of), entries)
    _console().print(table)
    return GRADED


@grade.command("catalogue", short_help="Show the known mistakes.")
@click.argument("slug", required=False)
@click.option(
    "--course", type=click.Path(path_type=Path), metavar="DIR", help="Another folder with assignments/ and reference/."
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", help="The language of the hints.")
@click.option("--markdown", is_flag=True, help="Print docs/catalogue.md.")
def catalogue_command(slug: str | None, course: Path | None, language: str, markdown: bool) -> int:
    """Show the known mistakes of one assignment or of all: formula and hints."""
    from grader.assignment import find_course, load, slugs
    from grader.diagnosis.loading import load_catalogue
    from grader.reports.catalogue import as_markdown, as_text

    root = find_course(course)
    chosen = [load(root, name) for name in ([slug] if slug else slugs(root))]
    known = [(one.slug, catalogue) for one in chosen if (catalogue := load_catalogue(one.reference))]
    if markdown:
        print("# Known mistakes\n\nWritten by `grade catalogue --markdown`.\n")
    for name, catalogue in known:
        if markdown:
            print(as_markdown(name, catalogue))
        else:
            _console().print(as_text(name, catalogue, language))
    return GRADED


@grade.command("doctor", short_help="Show how well submissions can be locked in here.")
def doctor_command() -> int:
    """Show which isolation levels can be had on this machine, and what is missing for the others."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from grader.sandbox.levels import LEVELS, WEAKEST_BY_DEFAULT, Machine

    machine = Machine.here()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("level", style="bold", no_wrap=True)
    table.add_column("a submission ...")
    table.add_column("here")
    for level, meaning in LEVELS.items():
        missing = machine.lacks(level)
        table.add_row(level, meaning, Text("\n".join(missing), "yellow") if missing else Text("yes", "green"))
    console = _console()
    console.print(table)
    console.print(f"\nThe strictest level is used. Below {WEAKEST_BY_DEFAULT}, --allow-weak-isolation is needed.")
    return UNUSABLE if all(machine.lacks(level) for level in LEVELS) else GRADED


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without these letters is no reason to fail
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def _notify(line: str) -> None:
    print(f"grade: {line}", file=sys.stderr)


def _write(file: str, text: str) -> None:
    from grader.errors import GraderError

    if file == "-":
        print(text, end="")
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise GraderError(f"{file}: the report cannot be written: {error.strerror}") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    from grader.errors import GraderError, GraderFault

    try:
        status = grade.main(arguments, prog_name="grade", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = UNUSABLE
    except Abort:
        status = INTERRUPTED
    except GraderFault as fault:
        _notify(f"this is the grader's own fault: {fault}")
        status = FAULT
    except GraderError as error:
        _notify(str(error))
        status = UNUSABLE
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = GRADED
    except OSError as error:
        _notify(f"the report cannot be printed, or a file of the grader cannot be used: {error}")
        status = FAULT
    except Exception:
        _notify(f"this is the grader's own fault, please report it:\n{traceback.format_exc()}")
        status = FAULT
    sys.exit(status)
