"""The two tables that Moodle imports: grades for the gradebook, and the grading worksheet of an assignment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.errors import ToldError
from grader.gradebook.cells import defused, lines, number, read_table
from grader.gradebook.feedback import feedback
from grader.gradebook.rows import Row, without_score
from grader.wire.facts import Fact

_IDENTITIES = {"idnumber": "idnumber", "email": "email", "login": "username"}
"""Column of the roster -> column of Moodle. One is used for all: Moodle matches by one only."""
_IDENTIFIER, _GRADE, _MODIFIED = "Identifier", "Grade", "Last modified (grade)"
_MAXIMUM, _FEEDBACK, _CHANGEABLE = "Maximum Grade", "Feedback comments", "Grade can be changed"


def import_table(rows: Iterable[Row], problems: list[Fact], language: str) -> Iterator[str]:
    """Identity, grade and feedback. One line that Moodle cannot match ends its whole import, so such are left out."""
    graded = []
    for row in rows:
        if row.entry.excused or row.score is None:
            problems.append(without_score(row))
        else:
            graded.append((row.name, row.entry.known, number(row.score), feedback(row, language)))
    counts = {column: sum(bool(known.get(column)) for _, known, _, _ in graded) for column in _IDENTITIES}
    column = max(counts, key=lambda name: counts[name])
    if graded and not counts[column]:
        raise ToldError(Fact("template: moodle-needs-roster"))
    table = [[_IDENTITIES[column], "grade", "feedback"]]
    for name, known, score, told in graded:
        identity = known.get(column, "")
        if not identity or defused(identity) != identity:
            problems.append(Fact("left-out: no-identity", {"name": name, "column": column}))
        else:
            table.append([identity, score, defused(told)])
    return lines(table)


def worksheet(rows: Iterable[Row], template: Path, problems: list[Fact], language: str) -> Iterator[str]:
    """The worksheet that Moodle exported, with grades and feedback filled in. Participants are told by their numbers.

    Scores are scaled to the maximum grade that the worksheet names.

    Raises:
        GraderError: it is no worksheet, or one in another language than English.
    """
    table, delimiter = read_table(template)
    head = table[0]
    missing = [name for name in (_IDENTIFIER, _GRADE, _MODIFIED) if name not in head]
    if missing:
        raise ToldError(Fact("template: not-moodle", {"place": f"{template}:1", "name": missing[0]}))
    place = {name: number for number, name in enumerate(head)}
    lines_of = {}
    for line, cells in enumerate(table[1:], start=2):
        cells += [""] * (len(head) - len(cells))
        lines_of[cells[place[_IDENTIFIER]].rpartition(" ")[2]] = (line, cells)
    for row in rows:
        line, cells = lines_of.get(row.student_id, (0, []))
        if not cells:
            told = {"name": row.name, "number": row.student_id, "table": str(template)}
            problems.append(Fact("left-out: no-participant", told))
        elif row.entry.excused or row.score is None:
            problems.append(without_score(row))
        elif _CHANGEABLE in place and cells[place[_CHANGEABLE]].strip().lower() == "no":
            problems.append(Fact("left-out: fixed-grade", {"place": f"{template}:{line}", "name": row.name}))
        else:
            score = row.score
            if _MAXIMUM in place and cells[place[_MAXIMUM]]:
                score *= _maximum(cells[place[_MAXIMUM]], f"{template}:{line}") / row.data["out_of"]
            text = number(round(score, 2))
            cells[place[_GRADE]] = text.replace(".", ",") if delimiter == ";" else text
            if _FEEDBACK in place:
                cells[place[_FEEDBACK]] = defused(feedback(row, language))
    return lines([head, *([_kept(cell) for cell in cells] for cells in table[1:])], delimiter)


def _kept(cell: str) -> str:
    """A cell of the worksheet; `-` stands for nothing there, and is no formula."""
    return cell if cell == "-" else defused(cell)


def _maximum(text: str, place: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ToldError(Fact("template: no-points", {"place": f"{place}: {_MAXIMUM}", "text": text})) from None
