"""What comes after a batch: commands that can be pasted as they are."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from grader.reports import reading
from grader.wire.facts import Fact
from grader.words import Words


class ToLookAt(NamedTuple):
    """At what a person must look: whose, the report, whether that has a score, and why, a fact as data."""

    student: str
    report: str
    has_score: bool
    why: Mapping[str, Any]


_TAKES = {
    "Canvas": ("canvas", "canvas", "gradebook"),
    "Moodle": ("moodle-worksheet --template WORKSHEET.csv", "moodle", "worksheet"),
    "Gradescope": ("gradescope", "gradescope", "gradebook"),
    "": ("csv", "mail", "gradebook"),
}
"""For each system the table that it takes, the form in which pages go back, and what the table is called.

Moodle knows its participants by the numbers in its worksheet, as the names of their files do.
"""


def next_steps(
    place: str,
    installed: Sequence[str],
    attention: Sequence[ToLookAt] = (),
    late: int = 0,
    language: str = "en",
    system: str = "",
) -> str:
    """Commands that come next, of those that can be run here.

    Args:
        place: the folder of the reports.
        installed: which of the optional parts are: `desk`, `pages`.
        attention: those at which a person must look.
        late: how many were late, while no rule says what that costs.
        system: from which the class came; empty where that is none that is known. Some take no table of ours.
    """
    words = Words(language)
    folder = shlex.quote(place)
    steps = [step for one in attention for step in _settling(one, place)]
    if "desk" in installed:
        steps.append((f"grade desk {folder}", "desk"))
    if late:
        steps.append((f"grade late --reports {folder} --percent 10", "late"))
    if "pages" in installed:
        steps.append((f"grade class {folder} --html {folder}/class.html", "pages"))
    system = system if system in _TAKES else ""
    table, form, what = _TAKES[system]
    steps.append((f"grade gradebook {folder} --format {table}", what))
    steps.append((f"grade release --reports {folder} --for {form}", "release"))
    width = max(len(command) for command, _ in steps)
    shown = [f"  {command:<{width}}   {words(f'next: {what}', n=late, system=system)}" for command, what in steps]
    return "\n".join([words("next"), *shown])


def candidates(why: Mapping[str, Any]) -> list[str]:
    """Several files of which each may be the submission, where that is why there is no score."""
    match reading.fact(why):
        case Fact("not-clear", {"what": Fact("several-candidates", {"files": tuple(files)})}):
            return [*map(str, files)]
    return []


def _settling(one: ToLookAt, place: str) -> Iterator[tuple[str, str]]:
    """What settles one submission: one of its files, or points by hand; evidence is looked at."""
    whose = f"{shlex.quote(one.report)} --reports {shlex.quote(place)}"
    files = [f"grade resolve {whose} --main {shlex.quote(file)}" for file in candidates(one.why)]
    if one.has_score:
        yield f"grade show {whose}", "show"
    elif files:
        yield files[0], "file"
        yield from ((command, "other-file") for command in files[1:])
    else:
        yield f"grade resolve {whose} --score 0", "score"
