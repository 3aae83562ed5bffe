"""Submissions that make known mistakes: those that the author wrote for the purpose, and those of the test corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.key.exercises import load_module
from grader.validation.cases import cases_in
from grader.validation.finding import Location
from grader.validation.places import line_with

WRONG = "wrong.py"


@dataclass(frozen=True)
class Wrong:
    """A submission, the ids of the mistakes that it makes, the name it goes by, and where it is written."""

    ids: frozenset[str]
    file: Path
    data: bytes
    place: Location


def wrong_submissions(assignment: Assignment) -> list[Wrong]:
    """All that can be found, those of `wrong.py` first.

    Raises:
        AssignmentError: `wrong.py`, or an edit among the tests, cannot be used.
    """
    return [*_written(assignment.reference / WRONG), *_corpus(assignment)]


def edited(text: str, *edits: tuple[str, str]) -> str:
    """A text in which each first part of an edit is replaced by the second.

    Raises:
        AssignmentError: there is no such part.
    """
    for old, new in edits:
        if old not in text:
            what = f"there is no {old!r} to be replaced: solution.py has changed"
            raise AssignmentError(what, remedy="write a passage that is in it")
        text = text.replace(old, new)
    return text


def _written(path: Path) -> Iterator[Wrong]:
    """`WRONG` of `wrong.py`: pairs of ids, with spaces between, and the text of a submission."""
    if not path.is_file():
        return
    told: Sequence[tuple[str, str]] = getattr(load_module(path), "WRONG", ())
    if not told:
        raise AssignmentError(
            "defines no `WRONG`", file=path, remedy="write pairs of the id of a mistake and wrong code"
        )
    for ids, text in told:
        place = line_with(path, f'"{ids}"')
        yield Wrong(frozenset(ids.split()), path, text.encode(), place)


def _corpus(assignment: Assignment) -> Iterator[Wrong]:
    """The wrong submissions among the tests of a course that say in a header which mistake they make."""
    folder = assignment.folder.parent.parent / "tests" / "submissions" / assignment.slug / "wrong"
    for case in cases_in(folder):
        ids = case.header("mistake")
        if ids:
            yield Wrong(
                frozenset(ids.split()), case.file.with_name(case.name), case.data, line_with(case.file, "# mistake:")
            )
