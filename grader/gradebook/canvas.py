"""The table that Canvas imports: Grades, Import."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.errors import GraderError
from grader.gradebook.cells import defused, lines, number, read_table
from grader.gradebook.rows import Row
from grader.intake.naming import folded

_HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
_EXCUSED = "EX"


def table(
    title: str, rows: Iterable[Row], template: Path | None, problems: list[str], column: str = ""
) -> Iterator[str]:
    """The columns that identify a student, and one of this assignment.

    Args:
        template: a gradebook that Canvas exported; its students are kept, with the column of this title. Without it,
            students are told by their user ids, or by what the roster tells.
        column: of the template, where its title is another; with or without the number that Canvas adds.

    Raises:
        GraderError: the template is no gradebook, or does not have the column.
    """
    if template:
        return _filled(column or title, rows, template, problems)
    return lines(_made(title, rows, problems))


def _made(title: str, rows: Iterable[Row], problems: list[str]) -> Iterator[list[str]]:
    yield [*_HEAD, defused(title)]
    first = True
    for row in rows:
        if first:
            yield ["    Points Possible", "", "", "", "", number(row.data["out_of"])]
            first = False
        grade = _grade(row, problems)
        known = row.entry.known
        names = [row.student_id, known.get("sis_id", ""), known.get("login", "")]
        if not any(names):
            problems.append(f"{row.name}: neither a user id nor a login is known; left out (--roster tells them)")
        elif grade:
            yield [defused(cell) for cell in (row.student, *names, known.get("section", ""))] + [grade]


def _grade(row: Row, problems: list[str]) -> str:
    if row.entry.excused:
        return _EXCUSED
    if row.score is None:
        problems.append(f"{row.name}: {row.data['outcome']}, so there is no score; left out")
    return number(row.score)


def _filled(title: str, rows: Iterable[Row], template: Path, problems: list[str]) -> Iterator[str]:
    exported, delimiter = read_table(template)
    head = exported[0]
    if "Student" not in head or "Section" not in head or "ID" not in head:
        raise GraderError(f"{template}:1: is no gradebook from Canvas: the columns Student, ID and Section are needed")
    identity = list(range(head.index("Section") + 1))
    meant = _column(title, head, len(identity), template)
    by_name, by_id = _by_identity(rows, problems)
    used: set[str] = set()
    table = [[head[n] for n in identity] + [head[meant]]]
    absent = []
    for cells in exported[1:]:
        cells += [""] * (len(head) - len(cells))
        if cells[0].strip() == "Points Possible":
            table.append([cells[n] for n in identity] + [cells[meant]])
            continue
        row = by_id.get(cells[head.index("ID")]) or next(
            (by_name[folded(cells[n])] for n in reversed(identity[:-1]) if cells[n] and folded(cells[n]) in by_name),
            None,
        )
        if row is None:
            absent.append(next((cells[n] for n in identity if cells[n].strip()), ""))
            continue
        used.add(row.name)
        grade = _grade(row, problems)
        if grade:
            table.append(
                [defused(cells[n]) for n in identity] + [grade.replace(".", ",") if delimiter == ";" else grade]
            )
    missing = {row.name for row in [*by_id.values(), *by_name.values()]} - used
    problems += [f"not in {template}, so left out: {'; '.join(sorted(missing))}"] if missing else []
    absent = [name for name in absent if name]
    problems += [f"in {template}, but without a report: {'; '.join(absent)}"] if absent else []
    return lines(table, delimiter)


def _column(title: str, head: list[str], first: int, template: Path) -> int:
    """The place of the column of a title, from the `first` on; Canvas adds a number to titles.

    Raises:
        GraderError: there is none, or there are several.
    """
    places = range(first, len(head))
    matching = [n for n in places if head[n].strip() == title] or [
        n for n in places if re.fullmatch(rf"{re.escape(title)} \(\d+\)", head[n].strip())
    ]
    if len(matching) > 1:
        raise GraderError(f"{template}:1: several columns are named {title!r}")
    if not matching:
        known = ", ".join(f'"{head[n].strip()}"' for n in places if head[n].strip()) or "none of an assignment"
        raise GraderError(f'{template} has no column "{title}"; it has {known}; --column names the one that is meant')
    return matching[0]


def _by_identity(rows: Iterable[Row], problems: list[str]) -> tuple[dict[str, Row], dict[str, Row]]:
    """Rows by all that may name them. A name that two share names nobody."""
    by_name: dict[str, Row] = {}
    by_id: dict[str, Row] = {}
    shared = set()
    for row in rows:
        if row.student_id:
            by_id[row.student_id] = row
        known = row.entry.known
        names = {row.student, str(row.submission["student"]), *(known.get(c, "") for c in ("sis_id", "login", "email"))}
        for name in {folded(name) for name in names if name}:
            if by_name.setdefault(name, row) is not row:
                shared.add(name)
    for name in shared:
        problems.append(f"{name}: names several students; only their ids can tell them apart")
        del by_name[name]
    return by_name, by_id
