"""What the desk knows of a folder, read anew when something in it has changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from grader.decisions import Standing, What
from grader.decisions.applying import decided
from grader.desk.filters import Filter, chosen, trouble, views
from grader.desk.hiding import FILE, without_names
from grader.desk.index import IndexedReports
from grader.gradebook import remembered
from grader.gradebook.applying import Agreements
from grader.gradebook.roster import Roster
from grader.gradebook.rows import Row, rows
from grader.intake.kinds import is_source
from grader.records import Report
from grader.reports import reading
from grader.reports.next_steps import candidates
from grader.wire.facts import Fact

_KEY = 12


class Desk:
    """The reports of one class, as they count now."""

    def __init__(self, path: Path, *, anonymous: bool = False) -> None:
        self.folder = IndexedReports(path)
        self.anonymous = anonymous
        self.title = str(self.folder.about()["title"])
        self.rows: list[Row] = []
        self.problems: list[Fact] = []
        self.standing = Standing()
        self.troubled: frozenset[str] = frozenset()
        self._roster = Roster()
        self._by_key: dict[str, Row] = {}
        self._stamp: tuple[object, ...] = ()
        self._lock = Lock()
        self.refresh()

    def refresh(self) -> None:
        """Look at the folder; cheap where nothing has changed.

        Raises:
            GraderError: something in it cannot be used.
        """
        with self._lock:
            new = self.folder.refresh()
            roster = self.folder.roster
            read = self.folder.log.read()
            stamp = (id(read), roster.stat().st_mtime_ns if roster else 0)
            if not new and stamp == self._stamp:
                return
            self._stamp = stamp
            self.standing = Standing(read.decisions)
            self._roster = remembered(self.folder)
            self.problems = []
            self.rows = list(rows(self.folder, self._roster, self.problems, self.standing))
            self.troubled = trouble(self.standing, self.rows)
            self._by_key = {key_of(name): row for row in self.rows for name in row.attempts}
            self._names = {key_of(name): name for row in self.rows for name in row.attempts}

    def row(self, key: str) -> tuple[str, Row] | None:
        """The report of a key, and the row of its student."""
        return (self._names[key], self._by_key[key]) if key in self._by_key else None

    def shown(self, row: Row) -> str:
        """What a student is called here."""
        if self.hides(row):
            return f"#{key_of(row.name)[:6]}"
        return row.student

    def hides(self, row: Row) -> bool:
        """Whether the name is hidden: in anonymous mode, until the student was shown the result."""
        return self.anonymous and not any(d.what is What.RELEASE for d in self.standing.of(row.name))

    def listed(self, asked: Filter) -> list[Row]:
        """The rows of a list."""
        return chosen(self.rows, asked, self.standing, self.shown, self.troubled)

    def count(self, view: str) -> int:
        """How many rows there are in a view."""
        tests = views(self.standing, self.troubled)
        return sum(map(tests[view], self.rows)) if view in tests else len(self.rows)

    def data(self, name: str) -> dict[str, Any] | None:
        """A whole report, as people decided on it."""
        data = self.folder.whole(name)
        return None if data is None else decided(name, data, self.standing)

    def report(self, name: str, row: Row) -> Report | None:
        """A whole report, as it counts, under the name that is shown here."""
        data = self.folder.whole(name)
        if data is None:
            return None
        agreed = Agreements.of_rows([row], self.standing)
        if not self.hides(row):
            return agreed.applied(name, reading.from_data(data))
        report = agreed.applied(name, reading.from_data(reading.of_file(data, FILE)))
        return without_names(report, self.shown(row))

    def files(self, name: str) -> dict[str, str]:
        """Files that may be the submission in place of what was graded, by their keys; none where names are hidden.

        They are those of which a person must choose; else the others that are told by a name that none of them shares.
        """
        data = self.folder.whole(name)
        if data is None or self.hides(self._by_key[key_of(name)]):
            return {}
        found = [file for failure in data["failures"] for file in candidates(failure["fact"])]
        if not found:
            also = Counter(_also_handed_in(data))
            found = [file for file, n in also.items() if n == 1 and file != data["submission"]["name"]]
        return {key_of(file): file for file in found}

    @property
    def mistakes(self) -> list[tuple[str, str, int]]:
        """Id and title of each known mistake, and how many have it, the most common first."""
        count: Counter[str] = Counter()
        titles: dict[str, str] = {}
        for row in self.rows:
            found = {mistake["id"]: mistake["title"] for mistake in row.data["diagnosis"]["mistakes"]}
            count.update(found.keys())
            titles |= found
        return [(mistake, titles[mistake], number) for mistake, number in count.most_common()]

    @property
    def checks(self) -> list[Mapping[str, Any]]:
        """The checks of the assignment."""
        return self.rows[0].data["checks"] if self.rows else []

    def saved_comments(self) -> Iterator[str]:
        """What was written before, what was written most first."""
        count = Counter(d.text for d in self.standing.of_class(What.COMMENT))
        return (text for text, _ in count.most_common(30))


def _also_handed_in(data: Mapping[str, Any]) -> Iterator[str]:
    for remark in reading.from_data(dict(data)).remarks:
        match remark.fact:
            case Fact("also-handed-in", {"files": tuple(files)}):
                for file in files:
                    match file:
                        case Fact("a-file", {"name": str(name)}) if is_source(name):
                            yield name


def key_of(name: str) -> str:
    """What stands for a report in addresses: it tells no name."""
    return hashlib.sha256(name.encode()).hexdigest()[:_KEY]
