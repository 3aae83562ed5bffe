"""A report as people decided: what was measured stays in it, beside what counts. Pure: data in, data out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.decisions.record import Decision, What
from grader.decisions.standing import Standing
from grader.records import WITHOUT_SCORE, Action, Outcome, Remark, Verdict
from grader.reports.json_report import plain
from grader.wire.facts import Fact

Data = dict[str, Any]


def decided(name: str, data: Data, standing: Standing) -> Data:
    """The report of this name as it counts, before penalties; the same object where nobody decided anything on it."""
    own = standing.of(name)
    worth = {w.check: w for d in standing.of_class(What.WORTH) if (w := standing.on(d.subject))}
    if not own and not (worth and any(_is_worth_other(check, worth) for check in data["checks"])):
        return data
    checks = [_weighed(check, data, worth) for check in data["checks"]]
    remarks: list[Remark] = []
    settled = 0
    for place, check in enumerate(checks):
        points = standing.on((What.POINTS, name, check["id"]))
        if points and is_on(points, data):
            checks[place] = _with_points(check, points)
            remarks.append(_why(check["title"], check["points"], checks[place]["points"], points))
            settled += 1
    out_of = sum(check["out_of"] for check in checks)
    score, outcome = round(sum(check["points"] for check in checks), 2), data["outcome"]
    if settled == len(checks) and outcome in WITHOUT_SCORE:
        outcome = Outcome.DECIDED.value
    total = standing.on((What.TOTAL, name, ""))
    if total and is_on(total, data):
        before, score = score, _scaled(total, out_of)
        told = {"points": _number(score), "measured": "" if outcome in WITHOUT_SCORE else _number(before)}
        remarks += [Remark(Fact("decided-total", told)), _why("", before, score, total)]
        outcome = Outcome.DECIDED.value if outcome in WITHOUT_SCORE else outcome
    remarks += [Remark(Fact("comment", {"text": d.text})) for d in own if d.what is What.COMMENT]
    called = standing.on((What.NAME, name, ""))
    submission = data["submission"] | ({"student": called.text} if called else {})
    return data | {
        "submission": submission,
        "outcome": outcome,
        "checks": checks,
        "score": score,
        "out_of": out_of,
        "remarks": [*data["remarks"], *map(plain, remarks)],
    }


def is_on(decision: Decision, data: Mapping[str, Any]) -> bool:
    """Whether points were decided for the file that this report is on."""
    return bool(decision.file == data["submission"]["sha256"])


def _is_worth_other(check: Data, worth: Mapping[str, Decision]) -> bool:
    return check["id"] in worth and worth[check["id"]].points != check["out_of"]


def _weighed(check: Data, data: Data, worth: Mapping[str, Decision]) -> Data:
    """A check with what it is worth now: the share of it that was found right, of other points."""
    if not _is_worth_other(check, worth):
        return check
    out_of = worth[check["id"]].points or 0.0
    forbidden = any(finding["action"] == Action.FORBID for finding in data["policy"])
    points = 0.0 if forbidden else round(out_of * _share(check, data, out_of), 2)
    return check | {"points": points, "out_of": out_of}


def _share(check: Data, data: Data, out_of: float) -> float:
    """The share of the trials in which all of a check is right, as `grader.judging.scoring` counts it."""
    graded = {trial["name"] for trial in data["trials"] if trial["graded"] or not out_of}
    right: dict[str, bool] = {}
    for finding in data["findings"]:
        if finding["check"] == check["id"] and finding["probe"] in graded:
            holds = finding["verdict"] == Verdict.CORRECT or finding["follows"]
            right[finding["probe"]] = right.get(finding["probe"], True) and holds
    return sum(right.values()) / len(right) if right else 0.0


def _with_points(check: Data, points: Decision) -> Data:
    measured = _number(check["points"])
    fact = Fact("decided-points", {"measured": measured, "above": points.above})
    return check | {"points": _scaled(points, check["out_of"]), "fact": plain(fact)}


def _scaled(decision: Decision, out_of: float) -> float:
    """The points that were decided, of what there is to have now: 1.5 of 2 is 3 of 4."""
    points = decision.points or 0.0
    return round(points * out_of / decision.out_of, 2) if decision.out_of else points


def _why(title: str, measured: float, points: float, by: Decision) -> Remark:
    """Who decided and why, for instructors."""
    values = {"title": title, "measured": _number(measured), "points": _number(points)}
    return Remark(Fact("decided-why", {**values, "who": by.who, "when": by.when[:10], "why": by.why}), "", False)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
