"""Whom a person means by a word: a name, a number, a login, a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from grader.decisions.applying import decided
from grader.errors import ToldError
from grader.gradebook.roster import Roster
from grader.gradebook.rows import Row, rows
from grader.intake.naming import folded
from grader.report_folder import ReportFolder
from grader.wire.facts import Fact


def the_one(folder: ReportFolder, roster: Roster, word: str) -> tuple[str, dict[str, Any]]:
    """The name of the report that is meant, and the report as it counts; of several attempts, that which counts.

    Raises:
        ToldError: nobody is meant, or several are; names them.
    """
    data = folder.load(word) if PurePath(word).name == word else None
    if data is not None:
        return word, decided(word, data, folder.standing())
    known = list(rows(folder, roster, []))
    wanted = folded(word)
    found = [row for row in known if wanted in map(folded, _names(row))]
    found = found or [row for row in known if any(wanted in folded(name) for name in _names(row))]
    if len(found) == 1:
        return found[0].name, found[0].data
    for name in folder.names() if not found else ():
        if wanted in folded(name) and folder.load(name) is None:
            raise ToldError(folder.why_not(name))
    if not found:
        near = _near(wanted, known)
        raise ToldError(Fact("whom: nobody", {"word": word, "folder": str(folder.path), "near": near}))
    raise ToldError(Fact("whom: several", {"word": word, "names": tuple(row.name for row in found)}))


def _names(row: Row) -> Iterator[str]:
    submission = row.submission
    yield from row.attempts
    told = (row.student, submission["student"], row.student_id, submission["name"], *row.entry.known.values())
    yield from (str(name) for name in told if name)


def _near(wanted: str, known: list[Row]) -> str:
    from difflib import get_close_matches

    names = {folded(name): row.name for row in known for name in _names(row)}
    close = get_close_matches(wanted, names, 1)
    return names[close[0]] if close else ""
