"""Write reports as pages: those on single submissions, and the one on a class."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from grader.errors import ToldError, not_written
from grader.private import opener
from grader.records import Report
from grader.reports.html.class_page import class_page
from grader.reports.html.page import student_page
from grader.wire.facts import Fact


def page_files(reports: Sequence[Path], target: Path) -> list[Path]:
    """Where the pages of some report files go: into one file if the target is called so, else into a folder.

    Raises:
        GraderError: several reports would go into one file.
    """
    if target.suffix.lower() in (".html", ".htm") and not target.is_dir():
        pages = [target] * len(reports)
    else:
        pages = [target / f"{report.stem}.html" for report in reports]
    for place, page in enumerate(pages):
        if page in pages[:place]:
            told = {"page": str(page), "one": str(reports[pages.index(page)]), "other": str(reports[place])}
            raise ToldError(Fact("pages: one-place", told))
    return pages


def write_page(report: Report, page: Path, *, for_students: bool, language: str = "en") -> None:
    """Write the page of one report, and make its folder.

    Raises:
        GraderError: it cannot be written.
    """
    write_text(page, student_page(report, for_students=for_students, language=language))


def write_class_page(
    files: Sequence[Path],
    reports: Sequence[Report],
    page: Path,
    *,
    language: str = "en",
    groups: Mapping[str, Sequence[Report]] | None = None,
    all_attempts: Sequence[Report] = (),
) -> None:
    """Write the page of a class. It links to pages of its reports that are next to it, or in a folder `pages` there.

    Args:
        files: of the reports, one for each; a page is known by the name of the file.
        groups: sections or terms that are to be compared, by their names.
        all_attempts: all reports on the same students, those that do not count too.

    Raises:
        GraderError: the reports are on several assignments, or the page cannot be written.
    """
    slugs = sorted({report.assignment for report in reports})
    if len(slugs) > 1:
        raise ToldError(Fact("class: several-assignments", {"slugs": tuple(slugs)}))
    order = sorted(range(len(files)), key=lambda i: (_shown_name(reports[i]).casefold(), files[i]))
    links = [_link(page, f"{files[i].stem}.html") for i in order]
    write_text(page, class_page([reports[i] for i in order], links, language, groups, all_attempts))


def _shown_name(report: Report) -> str:
    return report.submission.student or report.submission.name


def _link(page: Path, name: str) -> str:
    """The relative address of a page that is there; `./` keeps a name with a colon from being a scheme."""
    for folder in ("pages", ""):
        if (page.parent / folder / name).is_file() and (folder or name != page.name):
            return quote(f"./{folder}/{name}" if folder else f"./{name}", errors="surrogateescape")
    return ""


def write_text(page: Path, text: str) -> None:
    """Write a page that is ready.

    Raises:
        GraderError: it cannot be written.
    """
    part = page.with_name(f".{page.name}.part"[-255:])
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "w", encoding="utf-8", errors="replace", opener=opener) as file:
            file.write(text)
        os.replace(part, page)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise not_written(page, error) from error
