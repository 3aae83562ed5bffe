"""`check`: grade what a notebook has defined so far, on public trials, in a process of its own."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from grader.errors import SubmissionError, told_in
from grader.selfcheck.practice import Checked, Desk
from grader.selfcheck.sources import shell, source_of, there
from grader.selfcheck.state import as_found
from grader.wire.facts import Fact
from grader.words import say

_desks: list[Desk] = []
"""One, once something was checked: it stays warm. It ends with this process."""


@dataclass(frozen=True, repr=False)
class CheckResult:
    """What was found, as text, and as a table with hints and heat maps where a notebook shows it."""

    checked: Checked
    language: str

    @property
    def passed(self) -> bool:
        """Whether all that was tried is right."""
        return self.checked.passed

    def __repr__(self) -> str:
        from rich.console import Console

        from grader.reports import terminal
        from grader.reports.scope import scope

        report, buffer = self.checked.report, StringIO()
        console = Console(file=buffer, width=100, highlight=False, color_system=None, force_jupyter=False)
        console.print(terminal.render(report, level=report.student_level, language=self.language))
        for line in scope(report, self.checked.untried, self.checked.held_back, self.language):
            console.print(line)
        return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())

    def _repr_html_(self) -> str:
        from grader.reports.notebook import as_html
        from grader.reports.scope import scope

        checked = self.checked
        closing = scope(checked.report, checked.untried, checked.held_back, self.language)
        return as_html(checked.report, closing, self.language)


def check(
    what: str | Callable[..., Any], names: Mapping[str, Any] | None = None, *, language: str = "en"
) -> CheckResult:
    """Check a function, or all that an assignment asks for, as it will be graded: on the public trials.

    `check(backpropagation)`, or `check("functions", globals())`. The cells that were run are tried in a process of
    their own: nothing in this one changes, whatever they do, and what never ends is stopped.

    Args:
        what: a function or class that an assignment asks for, or the name of an assignment.
        names: `globals()`; needed where the code is neither in a notebook nor in the main script.
        language: of all that is said: `en` or `fr`.

    Returns:
        What was found; a notebook shows it where it is the last line of a cell. A script prints it.

    Raises:
        SubmissionError: the code cannot be found, or read, or no assignment asks for such a function.
        AssignmentError: there is no such assignment.
    """
    with as_found(), told_in(language):
        desk = _desk(language)
        if isinstance(what, str) and not desk.knows(what):
            what = there(names).get(what, what)  # the name of a function, in quotes
        slug = what if isinstance(what, str) else desk.assignment_with(*_names(what, names))
        handed_in = source_of(None if isinstance(what, str) else what, names)
        checked = desk.check(handed_in, slug)
        result = CheckResult(checked, language)
        if shell() is None:
            print(result)
    return result


def _names(function: object, names: Mapping[str, Any] | None) -> list[str]:
    """What a function is called: its own name, then those that the notebook has for it."""
    own = [getattr(function, "__name__", "")]
    own += [name for name, value in there(names).items() if value is function and not name.startswith("_")]
    told = list(filter(None, own))
    if not callable(function) or not told:
        raise SubmissionError(Fact("check-takes-a-function", {"type": type(function).__name__}))
    return told


def _desk(language: str) -> Desk:
    if not _desks:
        from grader.course import find_course
        from grader.sandbox.libraries import library_folders

        library_folders()
        _desks.append(Desk(find_course(), None, lambda fact: print(f"check: {say(fact, language)}")))
        atexit.register(_desks[0].close)
    return _desks[0]
