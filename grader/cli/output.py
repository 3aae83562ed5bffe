"""What every command uses to print."""

from __future__ import annotations

import io
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from grader.report_folder import ReportFolder
    from grader.wire.facts import Fact
    from grader.words import Words


def replace_what_cannot_be_printed() -> None:
    """Letters that the screen lacks, and bytes in names that are no text, end no command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def console(*, stderr: bool = False) -> Console:
    """The screen."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def keep_inputs(outputs: Mapping[str, str | Path | None], inputs: Iterable[Path]) -> None:
    """See that no output goes over what is read, nor over anything that looks like somebody's work.

    Args:
        outputs: by the option that names each; `-` is the standard output.

    Raises:
        ToldError: one does.
    """
    from grader.errors import ToldError
    from grader.wire.facts import Fact

    read = [path for path in inputs if path.exists()]
    for option, output in outputs.items():
        path = Path(output or "-")
        if str(path) == "-" or not path.exists() or path.is_dir():
            continue
        if any(path.samefile(one) for one in read):
            raise ToldError(Fact("usage: is-read", {"option": option, "file": str(path)}))
        if path.suffix.lower() in (".py", ".ipynb"):
            raise ToldError(Fact("usage: is-code", {"option": option, "file": str(path)}))


def shortened(text: str) -> str:
    """The beginning and the end of what would fill the screen."""
    return text if len(text) <= 200 else f"{text[:150]}...{text[-40:]}"


def notify(line: str) -> None:
    """Tell something on the standard error; names in it may be anybody's."""
    from grader.reports.clean import told

    print(f"grade: {told(line)}", file=sys.stderr)


def telling(language: str) -> Callable[[Fact], None]:
    """Tells facts on the standard error, in a language."""
    from grader.words import say

    return lambda fact: notify(say(fact, language))


def bring_up_to_date(folder: ReportFolder, words: Words) -> None:
    """Write the table of a folder of reports anew, and name what else is older than its reports, roster or decisions.

    What was decided is kept whatever happens to the table.
    """
    from grader.errors import GraderError
    from grader.gradebook import renew
    from grader.report_folder import TABLE

    try:
        renew(folder)
    except GraderError as error:
        notify(error.told(words.language))
    names = folder.outdated()
    if names:
        command = f"grade gradebook {shlex.quote(str(folder.path))}" if TABLE in names else ""
        notify(words("outdated", folder=str(folder.path), names=tuple(names), command=command))


def write(file: str, text: str) -> None:
    """Write a report into a file that nobody else may read, or on the standard output if that is `-`.

    Raises:
        ToldError: the file cannot be written.
    """
    from grader.errors import not_written
    from grader.private import opener

    if file == "-":
        print(text, end="")
        return
    try:
        with open(file, "w", encoding="utf-8", opener=opener) as opened:
            opened.write(text)
    except OSError as error:
        raise not_written(file, error) from error
