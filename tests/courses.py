"""The submissions to exercises of declared layers: files, edits of files, and folders of several files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from grader.assignment import Assignment
from grader.submission import Submission, accept
from grader.submission.hand_in import hand_in, read_files
from grader.validation.cases import cases_in
from tests.corpus import CORPUS


@dataclass(frozen=True)
class HandIn:
    """What is handed in, by its name, and the ids of the checks that must lose points."""

    name: str
    submission: Submission
    expects: frozenset[str] = frozenset()


def hand_ins(assignment: Assignment, kind: str) -> Iterator[HandIn]:
    """The submissions of one kind to an exercise, `right` or `wrong`.

    A right one that lacks some of the names says in its header `# expects:` which checks nothing was attempted for.
    """
    folder = CORPUS / assignment.slug / kind
    for case in cases_in(folder):
        expected = frozenset((case.header("expects") or "").split())
        yield HandIn(case.name, accept(PurePath(case.name), case.data), expected)
    for package in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"):
        yield HandIn(package.name, hand_in(read_files([package]), [assignment]))
