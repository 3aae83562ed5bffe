"""The command line: the one place that prints and exits."""

from __future__ import annotations

import io
import math
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Abort

if TYPE_CHECKING:
    from rich.console import Console

GRADED, BELOW, UNUSABLE, FAULT = 0, 1, 2, 3


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


@grade.command("file", short_help="Grade one submission; `grade FILE` does the same.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--assignment", metavar="SLUG", help="The assignment, where the file does not tell.")
@click.option("--json", "json_file", metavar="FILE|-", help="Also write the report as JSON; - is standard output.")
@click.option("--seed", metavar="TEXT", help="Draws the probes; by default one that is drawn once and kept for you.")
@click.option("--fail-under", type=_Number(0, 100), metavar="PERCENT", help="Exit with 1 below this score.")
@click.option(
    "--course", type=click.Path(path_type=Path), metavar="DIR", help="Another folder with assignments/ and reference/."
)
@click.option(
    "--limit-seconds",
    type=_Number(0, 3600, min_open=True),
    metavar="S",
    help="Wall-clock time that the submission may take.",
)
@click.option("--limit-memory", type=click.IntRange(32, 1 << 20), metavar="MB", help="Memory that it may use.")
@click.option("--isolation", metavar="LEVEL", help="Grade at this level; by default the strictest that can be had.")
@click.option("--allow-weak-isolation", is_flag=True, help="Also grade where files and network cannot be closed off.")
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
    if json_file:
        _write(json_file, json_report.as_json(report))
    if json_file != "-":
        titles = {probe.name: probe.title for probe in key.probes}
        ascii_only = console.options.ascii_only
        full = terminal.render(report, titles, every_probe=verbose, ascii_only=ascii_only)
        console.print(terminal.summary(report) if quiet else full)
    below = fail_under is not None and report.score < fail_under / 100 * report.out_of
    return BELOW if below else GRADED


@grade.command("report", short_help="Write reports as pages.")
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="REPORT.json...")
@click.option("--html", "target", required=True, type=click.Path(path_type=Path), metavar="FILE.html|DIR")
@click.option(
    "--audience",
    type=click.Choice(["instructor", "student"]),
    default="instructor",
    help="Who reads the pages: a student is not told the seed nor the numbers of hidden trials.",
)
def report_command(reports: tuple[Path, ...], target: Path, audience: str) -> int:
    """Write JSON reports as pages that need no other file: into a file, or each into DIR under the name of its report.

    Exit status: 0 all are written; 2 the command line or one of the reports is unusable, or a page cannot be written.
    """
    from grader.errors import GraderError
    from grader.reports import reading
    from grader.reports.html.writing import page_files, write_page

    status = GRADED
    for path, page in zip(reports, page_files(reports, target), strict=True):
        try:
            write_page(reading.read(path), page, for_students=audience == "student")
        except GraderError as error:
            _notify(str(error))
            status = UNUSABLE
    return status


@grade.command("class", short_help="Write one page on the reports of a class.")
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="REPORTS...")
@click.option("--html", "page", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html")
def class_command(reports: tuple[Path, ...], page: Path) -> int:
    """Write one page on a class: its scores, what each check cost, which mistakes, whose.

    REPORTS are JSON reports, or folders of them. Names link to pages that `grade report` has written next to the page,
    or into a folder `pages` there. The page is for instructors.

    Exit status: 0 all reports are on the page; 2 the command line or one of the reports is unusable; what is usable is
    on the page.
    """
    from grader.errors import GraderError
    from grader.reports import reading
    from grader.reports.html.writing import write_class_page

    status, files, read = GRADED, [], []
    for path in (file for given in reports for file in _report_files(given)):
        try:
            read.append(reading.read(path))
            files.append(path)
        except GraderError as error:
            _notify(str(error))
            status = UNUSABLE
    if not read:
        raise GraderError("there is no report to make a page of")
    write_class_page(files, read, page)
    return status


def _report_files(given: Path) -> list[Path]:
    """The JSON reports of a folder, which `grade batch` keeps in a folder `json`; or the file itself."""
    if not given.is_dir():
        return [given]
    folder = given / "json" if (given / "json").is_dir() else given
    return sorted(file for file in folder.glob("*.json") if not file.name.startswith("."))


@grade.command("list", short_help="Show the assignments.")
@click.option(
    "--course", type=click.Path(path_type=Path), metavar="DIR", help="Another folder with assignments/ and reference/."
)
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
        status = 130
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
