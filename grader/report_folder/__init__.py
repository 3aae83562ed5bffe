"""The folder of a batch: one report for each submission, written whole or not at all, by one batch at a time.

batch.json          which assignment the reports are on, on which numbers, and from which system the class came
roster.csv          who the students are, and what is agreed with each of them
json/STUDENT.json   the reports; STUDENT~2.json is a second attempt
code/SHA256.py      the files that they are on, each once
decisions.jsonl     what people decided
gradebook.csv, ...  tables of all of them
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import Any

import orjson

from grader.decisions import DecisionLog, Standing
from grader.errors import ToldError, file_of, not_opened, of_system
from grader.intake.naming import from_file_name
from grader.reports import json_report
from grader.wire.facts import Fact

_ANY_VERSION = "grader/batch/"
SCHEMA = f"{_ANY_VERSION}1"
_ABOUT, _ROSTER = "batch.json", "roster.csv"
_SUBMISSION = re.compile(rf'\{{\s*"schema"\s*:\s*"{json_report.SCHEMA}"\s*,\s*"submission"\s*:\s*(?=\{{)')
_DECODER = json.JSONDecoder()
TABLE = "gradebook.csv"
_TABLES = (TABLE, "canvas.csv", "moodle.csv", "moodle-worksheet.csv", "gradescope")
_WRITTEN = (*_TABLES, "*.html", "pages", "for-students")


class ReportFolder:
    """A folder of reports on one assignment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.json = path / "json"
        self.log = DecisionLog(path)
        self._about = path / _ABOUT
        self._code = path / "code"

    @contextmanager
    def claimed(self, slug: str, title: str) -> Iterator[None]:
        """Hold the folder for reports on this assignment, and make it where it is not there.

        Raises:
            GraderError: another batch uses it, it is on another assignment, has other things, or cannot be written.
        """
        with self._errors():
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ToldError(Fact("folder: in-use", {"folder": str(self.path)})) from None
            with self._errors():
                self._begin(slug, title)
            yield
        finally:
            os.close(lock)

    def about(self) -> dict[str, Any]:
        """What the reports are on: `assignment` and `title`.

        Raises:
            GraderError: it is not a folder of reports.
        """
        try:
            about = json.loads(self._about.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ToldError(Fact("folder: none", {"folder": str(self.path)})) from error
        except OSError as error:
            raise not_opened(self._about, error) from error
        except ValueError as error:
            raise ToldError(Fact("folder: broken", {"file": str(self._about)})) from error
        if not isinstance(about, dict) or about.get("schema") != SCHEMA:
            have = str(about.get("schema")) if isinstance(about, dict) else ""
            kind = "version" if have.startswith(_ANY_VERSION) else "strange"
            raise ToldError(Fact(f"batch.json: {kind}", {"file": str(self._about), "have": have, "want": SCHEMA}))
        return about

    @property
    def roster(self) -> Path | None:
        """The roster that was given last; None where there was none."""
        path = self.path / _ROSTER
        return path if path.is_file() else None

    def keep(self, about: dict[str, Any]) -> None:
        """Remember what the reports are on.

        Raises:
            GraderError: it cannot be written.
        """
        with self._errors():
            write_whole(self._about, json.dumps(about, indent=2, ensure_ascii=False) + "\n")

    def keep_roster(self, text: str) -> None:
        """Remember a roster.

        Raises:
            GraderError: it cannot be written.
        """
        with self._errors():
            write_whole(self.path / _ROSTER, text)

    def outdated(self) -> list[str]:
        """What was written from the reports, the roster or decisions, and is older than they are."""
        changed = self._last_changed()
        written = sorted(path for pattern in _WRITTEN for path in self.path.glob(pattern))
        return [path.name for path in written if _last_written(path) < changed]

    def may_be_outdated(self, name: str) -> bool:
        """Whether a file is not newer than what it is written from: times go in steps, of milliseconds and more."""
        path = self.path / name
        return path.exists() and _last_written(path) <= self._last_changed()

    def _last_changed(self) -> int:
        sources = (self.json, self.roster, self.log.path if self.log.path.exists() else None)
        return max(path.stat().st_mtime_ns for path in sources if path)

    def write(self, name: str, data: dict[str, Any]) -> None:
        """Write a report, in place of an older one, so that nobody ever sees a part of it.

        Raises:
            GraderError: it cannot be written; what was there is still there.
        """
        with self._errors():
            write_whole(self.json / f"{name}.json", json_report.dump(data))

    def load(self, name: str) -> dict[str, Any] | None:
        """A report as data; None where there is none, or none that is whole."""
        try:
            data = orjson.loads((self.json / f"{name}.json").read_bytes())
            return data if data["schema"] == json_report.SCHEMA and isinstance(data["submission"], dict) else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def why_not(self, name: str) -> Fact:
        """Why the file of a report cannot be loaded."""
        file = self.json / f"{name}.json"
        try:
            data = orjson.loads(file.read_bytes())
        except OSError as error:
            return Fact("cannot-be-read", {"file": str(file), "why": of_system(error)})
        except ValueError:
            data = None
        schema = str(data.get("schema", "")) if isinstance(data, dict) else ""
        if schema.startswith(json_report.ANY_VERSION) and schema != json_report.SCHEMA:
            return Fact("report: other-version", {"file": str(file), "have": schema, "want": json_report.SCHEMA})
        return Fact("rows: not-a-report", {"file": str(file)})

    def submission(self, name: str) -> dict[str, Any] | None:
        """Whose a report is, and on which file; as a rule this is the beginning of it, and all that is read."""
        try:
            text = (self.json / f"{name}.json").read_text(encoding="utf-8")
            if begins := _SUBMISSION.match(text):
                found: dict[str, Any] = _DECODER.raw_decode(text, begins.end())[0]
                return found
        except (OSError, ValueError):
            return None
        whole = self.load(name)
        return whole["submission"] if whole else None

    def standing(self) -> Standing:
        """What people decided, and holds.

        Raises:
            GraderError: it cannot be read.
        """
        return Standing(self.log.read().decisions)

    def keep_code(self, sha256: str, data: bytes, *, is_notebook: bool) -> None:
        """Keep a file that is graded, so that it can be shown beside its report.

        Raises:
            GraderError: it cannot be written.
        """
        path = self._code / f"{sha256}.{'ipynb' if is_notebook else 'py'}"
        if path.exists():
            return
        with self._errors():
            self._code.mkdir(mode=0o700, exist_ok=True)
            write_whole(path, data)

    def code(self, sha256: str) -> tuple[bytes, bool] | None:
        """A file that was graded, and whether it is a notebook; None where it was not kept."""
        for ending in ("py", "ipynb"):
            try:
                return (self._code / f"{PurePath(sha256).name}.{ending}").read_bytes(), ending == "ipynb"
            except OSError:
                continue
        return None

    def names(self) -> list[str]:
        """The names of all reports, attempts of a student together, in order."""
        with os.scandir(self.json) as entries:
            names = [e.name[:-5] for e in entries if e.name.endswith(".json") and not e.name.startswith(".")]
        return sorted(names, key=from_file_name)

    def _begin(self, slug: str, title: str) -> None:
        if self._about.exists():
            on = self.about().get("assignment")
            if on != slug:
                raise ToldError(
                    Fact("folder: other-assignment", {"folder": str(self.path), "on": str(on), "slug": slug})
                )
        elif any(path.name != ".lock" for path in self.path.iterdir()):
            raise ToldError(Fact("folder: other-things", {"folder": str(self.path)}))
        else:
            self.keep({"schema": SCHEMA, "assignment": slug, "title": title})
        self.json.mkdir(exist_ok=True)
        for left_over in self.json.glob(".*.part"):
            left_over.unlink()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            path = file_of(error, self.path)
            raise ToldError(Fact("folder: cannot-be-written", {"file": path, "why": of_system(error)})) from error


def places(out: Path, slugs: Sequence[str], *, first_is_main: bool) -> dict[str, Path]:
    """The folder of reports for each of the assignments that a class handed in, by slug.

    `out` itself for the first one where that is the main one, else a folder of its name in `out`; but where there are
    reports on an assignment, they stay.
    """
    in_out = slugs[0] if first_is_main else ""
    if (out / _ABOUT).exists():
        there = str(ReportFolder(out).about().get("assignment"))
        in_out = there if there in slugs else in_out
    below = {slug: out / slug for slug in slugs}
    return {slug: out if slug == in_out and not (at / _ABOUT).exists() else at for slug, at in below.items()}


def _last_written(path: Path) -> int:
    """When a file, or the newest file in a folder, was written."""
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else [path]
    return max((file.stat().st_mtime_ns for file in files), default=0)


def write_whole(path: Path, text: str | bytes | Iterable[str], encoding: str = "utf-8") -> None:
    """Write a file, of bytes, a text or its lines, of which others see all or nothing, and other users nothing.

    Raises:
        OSError: it cannot be written; an older one is still there.
    """
    part = path.with_name(f".{path.name}.part"[-255:])
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        if isinstance(text, bytes):
            with os.fdopen(descriptor, "wb") as raw:
                raw.write(text)
        else:
            with os.fdopen(descriptor, "w", encoding=encoding, errors="backslashreplace", newline="") as file:
                file.writelines([text] if isinstance(text, str) else text)
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        error.filename = str(path)
        raise
