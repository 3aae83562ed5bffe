"""What the desk has graded: files that a person chose, one at a time, each in a process of its own.

It is the command of the terminal that is run, so what is decided, graded and refused is the same.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from grader import itself
from grader.errors import of_system
from grader.wire.facts import Fact
from grader.words import say


@dataclass(frozen=True)
class Choice:
    """Which file of a student's a person chose.

    Attributes:
        undone: the id of a choice that is taken back in place of that.
        refused: why nothing came of it, as the command told it; empty while it is carried out.
    """

    file: str = ""
    why: str = ""
    undone: str = ""
    refused: str = ""


class Grading:
    """Carries choices out in the order in which they were made, and remembers those that were refused."""

    def __init__(self, folder: Path, who: str, language: str) -> None:
        self._options = (f"--reports={folder.absolute()}", f"--as={who}", f"--language={language}")
        self._language = language
        self._worker = ThreadPoolExecutor(1)
        self._lock = Lock()
        self._choices: dict[str, Choice] = {}
        self._begun: set[str] = set()

    def of(self, report: str) -> Choice | None:
        """The choice on a report that is being carried out, or was refused."""
        return self._choices.get(report)

    def begin(self, report: str, mark: str, choice: Callable[[], Choice | None]) -> bool:
        """Have it carried out, but for one that was begun before; does not wait for it.

        Args:
            mark: the same for each sending of one form.
            choice: looks at how things stand, while nothing on this report is carried out; None where they stand
                otherwise than whoever chose had seen.

        Returns:
            Whether it, or the same before, was begun.
        """
        with self._lock:
            if mark in self._begun:
                return True
            before = self._choices.get(report)
            new = None if before and not before.refused else choice()
            if new is None:
                return False
            self._begun.add(mark)
            self._choices[report] = new
            self._worker.submit(self._carry_out, report, new)
            return True

    def close(self) -> None:
        """Wait for what is being carried out; what was not begun by then is not decided either."""
        self._worker.shutdown(cancel_futures=True)

    def _carry_out(self, report: str, choice: Choice) -> None:
        if choice.undone:
            arguments = ["undo", *self._options, "--", choice.undone]
        else:
            arguments = ["resolve", f"--main={choice.file}", f"--why={choice.why}", *self._options, "--", report]
        refused = _refusal(arguments, self._language)
        with self._lock:
            if refused:
                self._choices[report] = replace(choice, refused=refused)
            else:
                del self._choices[report]


def _refusal(arguments: Sequence[str], language: str) -> str:
    """Run the command; what it told where it did not succeed. What it notes otherwise is for the desk's terminal."""
    try:
        status, text = _run(itself.command("grader", *arguments))
    except OSError as error:
        return say(Fact("cannot-be-used", {"file": sys.executable, "why": of_system(error)}), language)
    if status:
        return text or say(Fact("desk: command-ended", {"status": status}), language)
    if text:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{text}\n")
    return ""


def _run(command: Sequence[str]) -> tuple[int, str]:
    """The status of a command, and its notes. It goes on whatever happens to this process, and has no pipe to break."""
    with tempfile.TemporaryFile() as notes:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=notes,
            env=itself.environment(PYTHONIOENCODING="utf-8"),
            start_new_session=True,
            check=False,
        )
        notes.seek(0)
        lines = notes.read().decode("utf-8", "replace").strip().split("\n")
        return done.returncode, "\n".join(line.removeprefix("grade: ") for line in lines)
