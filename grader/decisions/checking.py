"""What is wrong with decisions, seen with their reports. Each is told with file and line; none is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.decisions.applying import is_on
from grader.decisions.log import Read
from grader.decisions.record import Decision, What
from grader.decisions.standing import Standing


def problems(path: Path, read: Read, standing: Standing, reports: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """One line for each problem, `file:line: what; what to do`.

    Args:
        path: of the decisions.
        reports: by name, those on which anything was decided, and one at least: of each, `submission` and `checks`.
    """
    yield from read.problems
    line_of = {d.id: line for d, line in zip(read.decisions, read.lines, strict=True)}
    for decision in standing.holding:
        if what := _problem(decision, reports):
            yield f"{path}:{line_of[decision.id]}: {what}"
    for holding in standing.contradictions:
        first, *others = sorted(holding, key=lambda decision: line_of[decision.id])
        places = ", ".join(str(line_of[d.id]) for d in others)
        whose = f"{first.student}: " if first.student else ""
        told = " and ".join(f"{d.who}: {_said(d)}" for d in (first, *others))
        yield (
            f"{path}:{line_of[first.id]}: {whose}{first.what} {first.check}".rstrip()
            + f" is decided otherwise on line {places} ({told}); decide once more"
        )


def _problem(decision: Decision, reports: Mapping[str, Mapping[str, Any]]) -> str:
    if decision.what in (What.LATE_RULE, What.RELEASE):
        return ""
    if decision.what is What.WORTH:
        checks = [check["id"] for data in list(reports.values())[:1] for check in data["checks"]]
        return "" if not checks or decision.check in checks else _no_check(decision.check, checks)
    data = reports.get(decision.student)
    if data is None:
        return f"there is no report `{decision.student}`"
    checks = [check["id"] for check in data["checks"]]
    if decision.what is What.POINTS and decision.check not in checks:
        return _no_check(decision.check, checks)
    if decision.what in (What.POINTS, What.TOTAL) and not is_on(decision, data):
        return (
            f"{decision.student}: these points were given for another file than the one that is graded now, so they do "
            "not count; decide once more, or undo it"
        )
    return ""


def _no_check(check: str, known: list[str]) -> str:
    return f"there is no check `{check}`; there are {', '.join(known)}"


def _said(decision: Decision) -> str:
    if decision.text:
        return repr(decision.text)
    numbers = [decision.points, decision.hours, decision.percent]
    return next((f"{number:g}" for number in numbers if number is not None), decision.what.value)
