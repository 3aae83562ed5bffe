"""Which line of an exported table is whose. One line, one student: what names two names nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.gradebook.rows import Row
from grader.intake.naming import folded
from grader.wire.facts import Fact


def matched(
    lines: Mapping[int, Sequence[str]], number: int, rows: Sequence[Row], problems: list[Fact]
) -> dict[int, Row]:
    """The row for each line: by the number of the student, or else by anything that names one.

    Args:
        lines: the cells of each that may name a student.
        number: the place of the number among them.
    """
    by_number: dict[str, list[Row]] = {}
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        if row.student_id:
            by_number.setdefault(row.student_id, []).append(row)
        for name in _names(row):
            by_name.setdefault(name, []).append(row)
    found = {line: by_number[cells[number]] for line, cells in lines.items() if cells[number] in by_number}
    numbered = {id(row) for row_list in found.values() for row in row_list}
    for line, cells in lines.items():
        if line not in found:
            named = [row for cell in cells if cell.strip() for row in by_name.get(folded(cell), ())]
            found[line] = list({id(row): row for row in named if id(row) not in numbered}.values())
    return _unique(lines, found, problems)


def _unique(lines: Mapping[int, Sequence[str]], found: Mapping[int, list[Row]], problems: list[Fact]) -> dict[int, Row]:
    claimed: dict[int, list[int]] = {}
    for line, rows in found.items():
        for row in rows:
            claimed.setdefault(id(row), []).append(line)
    unique = {}
    for line, rows in found.items():
        if len(rows) == 1 and len(claimed[id(rows[0])]) == 1:
            unique[line] = rows[0]
        elif rows:
            who = next((cell for cell in lines[line] if cell.strip()), "")
            names = tuple(row.name for row in rows)
            problems.append(Fact("left-out: several", {"who": who, "names": names}))
    return unique


def _names(row: Row) -> set[str]:
    known = row.entry.known
    names = {row.student, str(row.submission["student"]), *(known.get(c, "") for c in ("sis_id", "login", "email"))}
    return {folded(name) for name in names if name}
