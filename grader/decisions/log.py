"""The file of decisions: one line each, only ever added to, on disk before anybody is told that it is done.

Whoever adds holds a lock, so lines do not mix. A line that a crash cut short was never confirmed to anybody: the next
who adds makes a comment of it. Nothing here depends on the order of the lines, so two files are merged by adding to one
the lines of the other that it lacks.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.decisions.record import Decision, NotADecision, as_line, from_line, new_id, now
from grader.errors import ToldError, not_opened, of_system
from grader.wire.facts import Fact

FILE = "decisions.jsonl"
_LARGEST = 256 * 2**20


@dataclass(frozen=True)
class Read:
    """What a file of decisions holds, each decision with the number of its line; and what is wrong with other lines."""

    decisions: tuple[Decision, ...] = ()
    lines: tuple[int, ...] = ()
    problems: tuple[Fact, ...] = ()


class DecisionLog:
    """The decisions that are kept in a folder of reports."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._seen: tuple[tuple[int, int, int], Read] | None = None

    def read(self) -> Read:
        """All that is kept, in the order of the file.

        Raises:
            GraderError: it cannot be read.
        """
        try:
            about = self.path.stat()
        except FileNotFoundError:
            return Read()
        except OSError as error:
            raise not_opened(self.path, error) from error
        stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
        if self._seen is None or self._seen[0] != stamp:
            self._seen = stamp, _parsed(self.path)
        return self._seen[1]

    def add(self, decisions: Iterable[Decision]) -> list[Decision]:
        """Keep some decisions; those that were added, with their ids. One whose id is there already is not added twice.

        Raises:
            GraderError: they cannot be written; then those that are not whole in the file do not count.
        """
        try:
            with self._held():
                known = {decision.id for decision in self.read().decisions}
                complete = [_complete(decision) for decision in decisions]
                new = [decision for decision in complete if decision.id not in known]
                self._append("".join(map(as_line, new)))
        except OSError as error:
            raise ToldError(Fact("decisions: not-kept", {"file": str(self.path), "why": of_system(error)})) from error
        return new

    def merge(self, other: Path) -> list[Decision]:
        """Add what another file of decisions has and this one lacks.

        Raises:
            GraderError: a line of it cannot be read, which is told; then nothing is added. Or it cannot be written.
        """
        told = DecisionLog(other.parent) if other.name == FILE else None
        read = told.read() if told else _parsed(other)
        if read.problems:
            raise ToldError(Fact("several-errors", {"errors": read.problems}))
        return self.add(read.decisions)

    def _append(self, text: str) -> None:
        if not text:
            return
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _close_torn_line(descriptor)
        finally:
            os.close(descriptor)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            data = text.encode()
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.path.parent)

    @contextmanager
    def _held(self) -> Iterator[None]:
        lock = os.open(self.path.with_name(f".{FILE}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _complete(decision: Decision) -> Decision:
    return replace(decision, id=decision.id or new_id(), when=decision.when or now())


def _close_torn_line(descriptor: int) -> None:
    """End the last line. Where it is no whole decision, a comment is made of it: it was never confirmed."""
    size = os.fstat(descriptor).st_size
    if not size or os.pread(descriptor, 1, size - 1) == b"\n":
        return
    start = max(0, size - 2**20)
    tail = os.pread(descriptor, size - start, start)
    begin = tail.rfind(b"\n") + 1
    last = tail[begin:]
    try:
        from_line(last.decode())
        os.pwrite(descriptor, b"\n", size)
    except (NotADecision, UnicodeDecodeError):
        os.pwrite(descriptor, b"# cut short: " + last + b"\n", start + begin)
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(path: Path) -> Read:
    try:
        data = path.read_bytes() if path.stat().st_size <= _LARGEST else None
    except OSError as error:
        raise not_opened(path, error) from error
    if data is None:
        raise ToldError(Fact("too-large", {"file": str(path), "megabytes": _LARGEST >> 20}))
    decisions: dict[str, tuple[Decision, int]] = {}
    problems = []
    lines = data.split(b"\n")
    for number, raw in enumerate(lines, start=1):
        if not raw.strip() or raw.startswith(b"#"):
            continue
        try:
            decision = from_line(raw.decode("utf-8"))
        except (NotADecision, UnicodeDecodeError) as error:
            if number < len(lines):  # the last one is cut short: nobody was told that it is kept
                problems.append(_at(path, number, error.why if isinstance(error, NotADecision) else Fact("no-utf-8")))
            continue
        first = decisions.setdefault(decision.id, (decision, number))
        if first[0] != decision:
            problems.append(_at(path, number, Fact("line: same-id", {"line": first[1], "id": decision.id})))
    found = decisions.values()
    return Read(tuple(d for d, _ in found), tuple(line for _, line in found), tuple(problems))


def _at(path: Path, line: int, what: Fact) -> Fact:
    return Fact("decisions: at", {"place": f"{path}:{line}", "what": what})
