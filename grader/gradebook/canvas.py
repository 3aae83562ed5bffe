"""The table that Canvas imports: Grades, Import."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.errors import ToldError
from grader.gradebook.cells import defused, lines, number, read_table
from grader.gradebook.matching import matched
from grader.gradebook.rows import Row, without_score
from grader.wire.facts import Fact

_HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
_EXCUSED = "EX"


def table(
    title: str, rows: Iterable[Row], template: Path | None, problems: list[Fact], column: str = ""
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


def _made(title: str, rows: Iterable[Row], problems: list[Fact]) -> Iterator[list[str]]:
    yield [*_HEAD, defused(title)]
    first = True
    for row in rows:
        if first:
            yield ["    Points Possible", "", "", "", "", number(row.data["out_of"])]
            first = False
        grade = _grade(row, problems)
        known = row.entry.known
        user = row.student_id if row.student_id.isdecimal() else ""
        names = [user, known.get("sis_id", ""), known.get("login", "")]
        if not any(names):
            problems.append(Fact("left-out: no-login", {"name": row.name}))
        elif grade:
            yield [defused(cell) for cell in (row.student, *names, known.get("section", ""))] + [grade]


def _grade(row: Row, problems: list[Fact], out_of: float | None = None) -> str:
    """What stands in the cell: points of `out_of`, where the column has others than the assignment."""
    if row.entry.excused:
        return _EXCUSED
    if row.score is None:
        problems.append(without_score(row))
        return ""
    return number(row.score if out_of is None else row.score * out_of / row.data["out_of"])


def _filled(title: str, rows: Iterable[Row], template: Path, problems: list[Fact]) -> Iterator[str]:
    exported, delimiter = read_table(template)
    head = exported[0]
    if "Student" not in head or "Section" not in head or "ID" not in head:
        raise ToldError(Fact("template: not-canvas", {"place": f"{template}:1"}))
    identity = list(range(head.index("Section") + 1))
    meant = _column(title, head, len(identity), template)
    body = [cells + [""] * (len(head) - len(cells)) for cells in exported[1:]]
    out_of = _points_possible(body, meant, template)
    known = list(rows)
    lines_of = {n: [cells[i] for i in identity] for n, cells in enumerate(body) if not _is_points(cells)}
    row_of = matched(lines_of, head.index("ID"), known, problems)
    table = [[head[n] for n in identity] + [head[meant]]]
    for place, cells in enumerate(body):
        if _is_points(cells):
            table.append([cells[n] for n in identity] + [cells[meant]])
        elif place in row_of and (grade := _grade(row_of[place], problems, out_of)):
            table.append(
                [defused(cells[n]) for n in identity] + [grade.replace(".", ",") if delimiter == ";" else grade]
            )
    used = {row.name for row in row_of.values()}
    missing = sorted(row.name for row in known if row.name not in used)
    problems += [Fact("table: not-in-it", {"table": str(template), "names": "; ".join(missing)})] if missing else []
    absent = [next((cell for cell in cells if cell.strip()), "") for n, cells in lines_of.items() if n not in row_of]
    absent = [name for name in absent if name]
    problems += [Fact("table: without-report", {"table": str(template), "names": "; ".join(absent)})] if absent else []
    return lines(table, delimiter)


def _is_points(cells: Sequence[str]) -> bool:
    return cells[0].strip() == "Points Possible"


def _points_possible(body: Iterable[Sequence[str]], meant: int, template: Path) -> float | None:
    """What the column is out of; None where the table does not tell.

    Raises:
        GraderError: it cannot be graded.
    """
    for line, cells in enumerate(body, start=2):
        if _is_points(cells) and cells[meant].strip():
            try:
                points = float(cells[meant].replace(",", "."))
            except ValueError:
                points = math.nan
            if not (math.isfinite(points) and points > 0):
                told = {"place": f"{template}:{line}: Points Possible", "text": cells[meant]}
                raise ToldError(Fact("template: no-points", told))
            return points
    return None


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
        raise ToldError(Fact("template: several-columns", {"place": f"{template}:1", "title": title}))
    if not matching:
        known = tuple(head[n].strip() for n in places if head[n].strip())
        raise ToldError(Fact("template: no-column", {"file": str(template), "title": title, "known": known}))
    return matching[0]
