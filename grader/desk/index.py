"""An index of a folder of reports: what lists and tables need of each, so that thousands are there at once.

It is a file of SQLite in the folder, made from the reports and nothing else: it may be deleted at any time. A report is
read again when its file is another one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import orjson

from grader.decisions import What
from grader.intake.naming import from_file_name
from grader.report_folder import ReportFolder

FILE = ".desk.sqlite"
_VERSION = 2
_MANY = 500
_TABLES = (
    "CREATE TABLE reports (name TEXT PRIMARY KEY, stamp TEXT, summary BLOB)",
    "CREATE TABLE findings (name TEXT PRIMARY KEY, findings BLOB)",
)


class IndexedReports(ReportFolder):
    """A folder of reports, of which `load` gives summaries: all of a report that lists and tables need.

    Whoever writes a report puts a new file in the place of the old one, so the time of the folder tells that there is
    something new.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._summaries: dict[str, dict[str, Any]] = {}
        self._names: list[str] = []
        self._seen: tuple[int, bool] | None = None

    def refresh(self) -> bool:
        """Read what is new; whether anything is.

        Raises:
            OSError: the folder cannot be read.
        """
        weighed = any(True for _ in self.standing().of_class(What.WORTH))
        stamp = (self.json.stat().st_mtime_ns, weighed)
        if stamp == self._seen:
            return False
        try:
            with closing(self._open()) as database:
                found = self._brought_up_to_date(database, weighed=weighed)
        except sqlite3.DatabaseError:  # it cannot be kept here: the disk is full, or can only be read
            with closing(_made(sqlite3.connect(":memory:"))) as database:
                found = self._brought_up_to_date(database, weighed=weighed)
        self._summaries = {name: _joined(summary, findings) for name, summary, findings in found}
        self._names = sorted(self._summaries, key=from_file_name)
        self._seen = stamp
        return True

    def _brought_up_to_date(
        self, database: sqlite3.Connection, *, weighed: bool
    ) -> list[tuple[str, bytes, bytes | None]]:
        """For each report its name, summary and, where checks are weighed anew, its findings."""
        with database:
            known = dict(database.execute("SELECT name, stamp FROM reports"))
            there = dict(self._stamps())
            for table in ("reports", "findings"):
                gone = [(name,) for name in known.keys() - there.keys()]
                database.executemany(f"DELETE FROM {table} WHERE name = ?", gone)  # noqa: S608  one of two texts
            changed = [name for name, stamp in there.items() if known.get(name) != stamp]
            for start in range(0, len(changed), _MANY):
                rows = [row for name in changed[start : start + _MANY] if (row := self._row(name, there[name]))]
                database.executemany("INSERT OR REPLACE INTO reports VALUES (?, ?, ?)", [row[:3] for row in rows])
                database.executemany("INSERT OR REPLACE INTO findings VALUES (?, ?)", [row[::3] for row in rows])
            both = "SELECT name, summary, findings FROM reports JOIN findings USING (name)"
            return database.execute(both if weighed else "SELECT name, summary, NULL FROM reports").fetchall()

    def names(self) -> list[str]:
        """The names of all reports that can be read."""
        return self._names

    def load(self, name: str) -> dict[str, Any] | None:
        """A report without what is large; None where there is none."""
        return self._summaries.get(name)

    def submission(self, name: str) -> dict[str, Any] | None:
        """Whose a report is, and on which file."""
        known = self.load(name)
        return known["submission"] if known else None

    def whole(self, name: str) -> dict[str, Any] | None:
        """All of a report."""
        return super().load(name)

    def _stamps(self) -> Iterator[tuple[str, str]]:
        with os.scandir(self.json) as entries:
            for entry in entries:
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    about = entry.stat()
                    yield entry.name[:-5], f"{about.st_mtime_ns} {about.st_size} {about.st_ino}"

    def _row(self, name: str, stamp: str) -> tuple[str, str, bytes, bytes] | None:
        data = super().load(name)
        if data is None:
            return None
        return name, stamp, orjson.dumps(_summary(data)), orjson.dumps(_findings(data))

    def _open(self) -> sqlite3.Connection:
        """The index; a new one where it is of another version, or broken; in memory where it cannot be kept."""
        path = self.path / FILE
        for _ in range(2):
            try:
                database = sqlite3.connect(path, timeout=30)
            except sqlite3.DatabaseError:  # nothing can be written here
                break
            try:
                with suppress(OSError):
                    path.chmod(0o600)
                if database.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
                    database.execute(
                        "SELECT name, stamp, summary, findings FROM reports JOIN findings USING (name) LIMIT 1"
                    )
                    return database
                if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    return _made(database)
            except sqlite3.DatabaseError:
                pass
            database.close()
            with suppress(OSError):
                path.unlink(missing_ok=True)
        return _made(sqlite3.connect(":memory:"))


def _made(database: sqlite3.Connection) -> sqlite3.Connection:
    for table in _TABLES:
        database.execute(table)
    database.execute(f"PRAGMA user_version = {_VERSION}")
    database.commit()
    return database


def _summary(data: dict[str, Any]) -> dict[str, Any]:
    diagnosis = data["diagnosis"]
    return {
        **{part: data[part] for part in ("submission", "outcome", "score", "out_of", "date")},
        "policy": [{"action": finding["action"]} for finding in data["policy"]],
        "checks": [{part: check[part] for part in ("id", "title", "points", "out_of")} for check in data["checks"]],
        "remarks": [],
        "diagnosis": {
            "mistakes": [{"id": m["id"], "title": m["title"], "where": m["where"]} for m in diagnosis["mistakes"]],
            "unknown": [{"step": unknown["step"]} for unknown in diagnosis["unknown"]],
            "places": [{part: place[part] for part in ("cell", "line", "text")} for place in diagnosis["places"]],
        },
    }


def _findings(data: dict[str, Any]) -> dict[str, Any]:
    """What is needed where checks are worth other points now."""
    kept = ("check", "probe", "verdict", "follows")
    return {
        "trials": [{"name": trial["name"], "graded": trial["graded"]} for trial in data["trials"]],
        "findings": [{part: finding[part] for part in kept} for finding in data["findings"]],
    }


def _joined(summary: bytes, findings: bytes | None) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(summary)
    return data | orjson.loads(findings) if findings else data
