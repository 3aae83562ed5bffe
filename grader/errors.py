"""Who is at fault decides the exception; the command line turns each into a message and an exit code."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Self

from grader.wire.facts import Fact
from grader.words import LANGUAGES, say


class GraderError(Exception):
    """Base of everything that this program raises on purpose; what is raised is of a kind that follows."""

    def told(self, language: str) -> str:  # noqa: ARG002  who writes exercises, or mends this program, reads English
        """What stands in the way, in a language where that is known."""
        return str(self)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message says all, the calls that led here say nothing."""
        return [str(self)]


class ToldError(GraderError):
    """What stands in the way is a fact: as text it is told in English, or in the `language` that is set.

    Args:
        why: what stands in the way.
    """

    def __init__(self, why: Fact) -> None:
        super().__init__(why)
        self.why, self.language = why, ""

    def __str__(self) -> str:
        return say(self.why, self.language or "en")

    def told(self, language: str) -> str:
        """What stands in the way, in a language."""
        return say(self.why, language)


class SubmissionError(ToldError):
    """The file handed in cannot be graded: the student or the caller must change it."""

    @classmethod
    def of(cls, file: object, why: Fact) -> SubmissionError:
        """What stands in the way of one file, for example `Fact("is-empty")`."""
        return SubmissionError(Fact("cannot-be-read", {"file": str(file), "why": why}))


class NotClear(SubmissionError):
    """Several files may be the submission: a person must choose.

    Args:
        what: the files may be.
        remedy: how the one is chosen where files are named one by one; a batch has another way.
    """

    def __init__(self, what: Fact, remedy: Fact) -> None:
        super().__init__(Fact("not-clear", {"what": what, "remedy": remedy}))

    def instead(self, remedy: Fact) -> Fact:
        """The same, with another way to choose."""
        return Fact(self.why.kind, {**self.why.values, "remedy": remedy})


@contextmanager
def told_in(language: str) -> Iterator[None]:
    """What stands in the way is told in a language, unless it is said further in which one it is."""
    try:
        yield
    except ToldError as error:
        error.language = error.language or language
        raise


def of_system(error: OSError) -> Fact:
    """Why the system refused something; in the system's own words where this program has none."""
    kind = f"system: {errno.errorcode.get(error.errno or 0, '')}"
    if kind in LANGUAGES["en"]:
        return Fact(kind)
    return Fact("system-says", {"text": error.strerror or str(error) or type(error).__name__})


def file_of(error: OSError, path: object) -> str:
    """The file that it is about, as people know it: one that this program hides is a part of `path`."""
    name = str(error.filename) if isinstance(error.filename, str | PurePath) else ""
    return str(path) if not name or Path(name).name.startswith(".") else name


def not_written(path: object, error: OSError) -> ToldError:
    """That a file, or the folder of one, cannot be written, and why."""
    return ToldError(Fact("cannot-be-written", {"file": file_of(error, path), "why": of_system(error)}))


def not_opened(path: object, error: OSError) -> ToldError:
    """That a file cannot be read, and why."""
    return ToldError(Fact("cannot-be-read", {"file": str(path), "why": of_system(error)}))


class About(StrEnum):
    """What an error in an assignment is about, where that tells who must be looked at."""

    NOTHING = ""
    PROBES = "probes"
    REFERENCE = "reference"
    GRAPH = "graph"
    """Autograd's: it does not lead back to an input."""


class AssignmentError(GraderError):
    """The assignment is unusable: its author must change it.

    Args:
        what: is wrong.
        file, line: where; 0 for the whole file.
        remedy: what to write instead.
        about: what it is about.
        probe: the name of the probe in which it was met.
    """

    def __init__(
        self,
        what: str,
        *,
        file: Path | str | None = None,
        line: int = 0,
        remedy: str = "",
        about: About = About.NOTHING,
        probe: str = "",
    ) -> None:
        place = "" if file is None else f"{file}:{line}: " if line else f"{file}: "
        super().__init__(f"{place}{what}{'; ' if remedy else ''}{remedy}")
        self.what, self.file, self.line = what, None if file is None else Path(file), line
        self.remedy, self.about, self.probe = remedy, about, probe

    def at_probe(self, name: str, example: int) -> Self:
        """The same, met at an example of a probe."""
        what = f"probe `{name}`, example {example}: {self.what}"
        return type(self)(what, file=self.file, line=self.line, remedy=self.remedy, about=self.about, probe=name)

    def at(self, file: Path, line: int, remedy: str = "") -> Self:
        """The same, with its place, and with a remedy where it has none."""
        told = self.remedy or remedy
        return type(self)(self.what, file=file, line=line, remedy=told, about=self.about, probe=self.probe)


class OracleDisagreement(AssignmentError):
    """The oracles contradict one another, so nobody may be judged by them."""


class IsolationUnavailable(ToldError):
    """Submissions cannot be locked in here as strictly as was asked for."""


class LibraryMissing(ToldError):
    """Something that submissions need is not installed here."""


class GraderFault(GraderError):
    """This program failed, or the machine under it."""
