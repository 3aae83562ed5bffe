"""The table for people and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.gradebook.cells import defused, lines, number
from grader.gradebook.rows import Row


def table(rows: Iterable[Row]) -> Iterator[str]:
    """One line for each student; the columns of the checks are named by their ids."""
    return lines(_cells(rows))


def _cells(rows: Iterable[Row]) -> Iterator[list[str]]:
    head: list[str] = []
    for row in rows:
        checks = {check["id"]: None if row.score is None else check["points"] for check in row.data["checks"]}
        if not head:
            head = list(checks)
            yield [
                *("student", "id", "file", "score", "out of", *head, "outcome", "mistakes", "policy"),
                *("attempt", "attempts", "late", "penalty", "measured", "comments"),
            ]
        diagnosis = row.data["diagnosis"]
        cells = [
            *(row.student, row.student_id, row.submission["file"], number(row.score), number(row.data["out_of"])),
            *(number(checks.get(id)) for id in head),  # noqa: A001
            row.data["outcome"],
            " ".join(mistake["id"] for mistake in diagnosis["mistakes"]),
            " ".join(f"{finding['rule']}:{finding['action']}" for finding in row.data["policy"]),
            *(str(row.submission["attempt"]), str(len(row.attempts))),
            *("late" if row.submission["late"] else "", number(row.entry.penalty) if row.entry.penalty else ""),
            number(row.measured) if row.is_decided else "",
            " | ".join(row.comments),
        ]
        yield [defused(str(cell)) for cell in cells]
