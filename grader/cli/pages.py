"""`grade report` and `grade class`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from grader.cli.options import AUDIENCE, with_language
from grader.cli.output import keep_inputs, notify
from grader.cli.status import GRADED, UNUSABLE

if TYPE_CHECKING:
    from grader.gradebook.applying import Agreements
    from grader.records import Report
    from grader.words import Words

_REPORTS = click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="REPORTS...")


@click.command("report", short_help="Write reports as pages.")
@_REPORTS
@click.option(
    "--html",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE.html|DIR",
    help="Where the pages go: one file for one report, or a folder.",
)
@AUDIENCE
@with_language
def report_command(reports: Sequence[Path], target: Path, audience: str, language: str) -> int:
    """Write JSON reports as pages that need no other file: one into a file, or each into DIR under its name.

    REPORTS are JSON reports, or folders of them.

    Exit status: 0 all are written; 2 the command line or one of the reports is unusable, or a page cannot be written.
    """
    from grader.errors import GraderError
    from grader.reports.html.writing import page_files, write_page
    from grader.words import Words

    words = Words(language)
    files = _files(reports)
    keep_inputs({"--html": target}, files)
    pages = dict(zip(files, page_files(files, target), strict=True))
    unusable = False
    for page in pages.values():
        keep_inputs({"--html": page}, files)
    agreed = _agreements(reports, words)
    for file, report in _readable(files, language):
        try:
            write_page(
                _as_agreed(agreed, file, report), pages[file], for_students=audience == "student", language=language
            )
        except GraderError as error:
            notify(error.told(language))
            unusable = True
        del pages[file]
    return UNUSABLE if unusable or pages else GRADED


@click.command("class", short_help="Write one page on the reports of a class.")
@_REPORTS
@click.option(
    "--html",
    "page",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Where the page goes.",
)
@with_language
def class_command(reports: Sequence[Path], page: Path, language: str) -> int:
    """Write one page on a class: its scores, what each check cost, which mistakes, whose.

    REPORTS are JSON reports, or folders of them; two sections or terms, each a folder, are compared. Names link to
    pages that `grade report` has written next to the page, or into a folder `pages` there. The page is for instructors.

    Exit status: 0 all reports are on the page; 2 the command line or one of the reports is unusable; what is usable is
    on the page.
    """
    from grader.errors import ToldError
    from grader.reports.html.writing import write_class_page
    from grader.wire.facts import Fact
    from grader.words import Words

    words = Words(language)
    files = _files(reports)
    keep_inputs({"--html": page}, files)
    agreed = _agreements(reports, words)
    read = dict(_readable(files, language, briefly=not any(each.weighs for each in agreed.values())))
    counting = {file: _as_agreed(agreed, file, report) for file, report in read.items() if _counts(agreed, file)}
    if not counting:
        raise ToldError(Fact("class: nothing"))
    if len(counting) < len(read):
        notify(words("class: do-not-count", n=len(read) - len(counting)))
    by_folder: dict[str, list[Report]] = {}
    for file, report in counting.items():
        folder = file.parent.parent if file.parent.name == "json" else file.parent
        by_folder.setdefault(str(folder), []).append(report)
    write_class_page(
        list(counting),
        list(counting.values()),
        page,
        language=language,
        groups=by_folder,
        all_attempts=list(read.values()),
    )
    return GRADED if len(read) == len(files) else UNUSABLE


def _agreements(given: Iterable[Path], words: Words) -> dict[Path, Agreements]:
    """What was decided on, and is agreed with, the students of each folder that `grade batch` wrote."""
    from grader.gradebook import remembered
    from grader.gradebook.applying import Agreements
    from grader.report_folder import ReportFolder

    folders = [ReportFolder(path) for path in given if path.is_dir()]
    agreed = {folder.json: Agreements(folder, remembered(folder)) for folder in folders if folder.json.is_dir()}
    for each in agreed.values():
        for problem in each.problems:
            notify(words.say(problem))
    return agreed


def _as_agreed(agreed: Mapping[Path, Agreements], file: Path, report: Report) -> Report:
    found = agreed.get(file.parent)
    return found.applied(file.stem, report) if found else report


def _counts(agreed: Mapping[Path, Agreements], file: Path) -> bool:
    found = agreed.get(file.parent)
    return found is None or found.counts(file.stem)


def _files(given: Iterable[Path]) -> list[Path]:
    """The files that are named, each once, and those in folders; `grade batch` keeps them in a folder `json` there."""
    files: dict[Path, None] = {}
    for path in given:
        if path.is_dir():
            folder = path / "json" if (path / "json").is_dir() else path
            files |= dict.fromkeys(sorted(f for f in folder.glob("*.json") if not f.name.startswith(".")))
        else:
            files[path] = None
    return list(files)


def _readable(files: Iterable[Path], language: str, *, briefly: bool = False) -> Iterable[tuple[Path, Report]]:
    """What can be read of some reports, or as much of it as a class needs; what cannot is told on standard error."""
    from grader.errors import GraderError
    from grader.reports import reading

    for file in files:
        try:
            yield file, (reading.read_briefly if briefly else reading.read)(file)
        except GraderError as error:
            notify(error.told(language))
