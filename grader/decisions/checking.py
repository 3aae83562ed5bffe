"""What is wrong with decisions, seen with their reports. Each is told with file and line; none is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from grader.decisions.applying import is_on
from grader.decisions.log import Read
from grader.decisions.making import told
from grader.decisions.record import Decision, What
from grader.decisions.standing import Standing
from grader.wire.facts import Fact, Value

OF_DECISIONS = "decisions: "


def problems(
    path: Path, read: Read, standing: Standing, reports: Mapping[str, Mapping[str, Any]], names: Sequence[str]
) -> Iterator[Fact]:
    """A fact for each problem, of a kind that begins with `OF_DECISIONS`; its sentence tells where, and what to do.

    Args:
        path: of the decisions.
        reports: by name, those on which anything was decided, and one at least: of each, `submission` and `checks`.
        names: of all reports.
    """
    yield from read.problems
    line_of = {d.id: line for d, line in zip(read.decisions, read.lines, strict=True)}
    for decision in standing.holding:
        if what := _problem(decision, reports, names):
            yield Fact("decisions: at", {"place": f"{path}:{line_of[decision.id]}", "what": what})
    for undo in read.decisions:
        for gone in undo.replaces if undo.what is What.UNDO else ():
            if gone not in line_of:
                at = f"{path}:{line_of[undo.id]}"
                yield Fact("decisions: at", {"place": at, "what": Fact("decisions: nothing-undone", {"id": gone})})
    for holding in standing.contradictions:
        first, *others = sorted(holding, key=lambda decision: line_of[decision.id])
        values: dict[str, Value] = {
            "place": f"{path}:{line_of[first.id]}",
            "name": first.student,
            "lines": tuple(str(line_of[d.id]) for d in others),
            "said": tuple(Fact("decisions: by", {"who": d.who, "what": told(d)}) for d in (first, *others)),
        }
        yield Fact("decisions: contradict", values)


def _problem(decision: Decision, reports: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> Fact | None:
    if decision.what in (What.LATE_RULE, What.RELEASE):
        return None
    if decision.what is What.WORTH:
        checks = [check["id"] for data in list(reports.values())[:1] for check in data["checks"]]
        return None if not checks or decision.check in checks else _no_check(decision.check, checks)
    data = reports.get(decision.student)
    if data is None:
        near = get_close_matches(decision.student, names, 1)
        return Fact("decisions: no-report", {"name": decision.student, "near": near[0] if near else ""})
    checks = [check["id"] for check in data["checks"]]
    if decision.what is What.POINTS and decision.check not in checks:
        return _no_check(decision.check, checks)
    if decision.what in (What.POINTS, What.TOTAL) and not is_on(decision, data):
        return Fact("decisions: other-file", {"name": decision.student})
    return None


def _no_check(check: str, known: list[str]) -> Fact:
    return Fact("decisions: no-check", {"check": check, "known": tuple(known)})
