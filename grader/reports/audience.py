"""What of a report is for whom: an instructor sees everything, a student what the assignment lets through.

What is shown follows from data: which trial a fact is of, who may see the numbers of that trial, and that a float is a
number of a trial and text in quotes is a submission's, which knows all inputs.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from grader.records import (
    Action,
    Chart,
    Diagnosis,
    Failure,
    Finding,
    Level,
    Mistake,
    Place,
    PolicyFinding,
    Remark,
    Report,
    Verdict,
    Visibility,
)
from grader.reports.paths import without_folders
from grader.wire.facts import Fact, Value
from grader.wire.told import SIGNATURES, places_of

_DIGITS, _CHARACTERS, _PLACES = 3, 300, 4
"""How much of numbers, of errors and of places passes, where a submission was given inputs that are hidden."""
_RATIO_DIGITS = 2
_EXCEPTIONS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
"""Names of exceptions that nobody can make up."""


def for_students(report: Report) -> Report:
    """The report without the seed, without the numbers of hidden trials, and with hints up to the level for students.

    A trial of which the report does not say that it is public is hidden. What the submission printed, and what it
    raised, may hold numbers of hidden trials, too: all inputs are in its process from the beginning. So where any trial
    is hidden, even curves and errors of public trials are cut short. How a shortcut was noticed is for the instructor;
    that it costs the points is not.
    """
    level = report.student_level
    public = {trial.name for trial in report.trials if trial.visibility is Visibility.PUBLIC}
    all_public = bool(report.trials) and len(public) == len(report.trials)
    charts = tuple(chart for chart in report.charts if chart.probe in public)
    findings = tuple(f if f.probe in public else _veiled(f) for f in report.findings)
    if level is Level.NOTHING:
        findings = tuple(replace(f, fact=None, ratio=None) for f in findings)
    remarks = tuple(remark for remark in report.remarks if remark.for_students)
    failures = report.failures
    if not all_public:
        remarks = tuple(map(_cut_remark, remarks))
        failures = tuple(map(_cut_failure, failures))
    told = replace(
        report,
        seed="",
        findings=findings,
        failures=tuple(f if not f.trial or f.trial in public else _veiled_failure(f) for f in failures),
        output=report.output if all_public else "",
        charts=charts if all_public else tuple(coarse for chart in charts if (coarse := _coarse(chart)).series),
        pictures=tuple(p for p in report.pictures if p.probe in public and level is not Level.NOTHING),
        snippets=tuple(s for s in report.snippets if s.probe in public and level is not Level.NOTHING),
        policy=tuple(_without_evidence(found) for found in report.policy if found.action is Action.FORBID),
        remarks=tuple(r if not r.trial or r.trial in public else _veiled_remark(r, report.titles) for r in remarks),
        diagnosis=up_to(report.diagnosis, level, all_public=all_public),
        flow=report.flow if level in (Level.POINTER, Level.EXPLANATION) else (),
    )
    return without_folders(told)


def up_to(diagnosis: Diagnosis, level: Level, *, all_public: bool = True) -> Diagnosis:
    """The diagnosis with hints up to a level, without the formulas and one ratio for each trial.

    Args:
        all_public: whether no trial is hidden; else two digits of a ratio are told: where a trial expects a single
            number, all digits give it away.
    """
    if level is Level.NOTHING:
        return Diagnosis()
    unknown = tuple(replace(u, facts=tuple(map(_without_ratios, u.facts))) for u in diagnosis.unknown)
    if not all_public:
        unknown = tuple(replace(u, facts=tuple(_rounded_fact(fact) for fact in u.facts)) for u in unknown)
    if level is Level.SYMPTOMS:
        return replace(diagnosis, mistakes=(), unknown=unknown, places=(), annotations=())
    return replace(
        diagnosis,
        mistakes=tuple(_trimmed(m, level) for m in diagnosis.mistakes),
        unknown=unknown,
        places=tuple(place_up_to(place, level) for place in diagnosis.places),
        annotations=() if level is Level.NUDGE else diagnosis.annotations,
    )


def place_up_to(place: Place, level: Level) -> Place:
    """The line, from a nudge on; the expression and what it is, from a pointer on; what belongs there, in the end."""
    if level is Level.EXPLANATION:
        return place
    if level is Level.POINTER:
        return replace(place, should_be=None, relation=None)
    return replace(place, column=0, end_column=0, text="", is_=None, should_be=None, relation=None)


# ---- trials that are hidden


def _veiled(finding: Finding) -> Finding:
    return replace(finding, fact=None if finding.verdict is Verdict.CORRECT else Fact("not-right"), ratio=None)


def _veiled_remark(remark: Remark, titles: dict[str, str]) -> Remark:
    return replace(remark, fact=Fact("ungraded-and-hidden", {"trial": titles.get(remark.trial, remark.trial)}))


def _veiled_failure(failure: Failure) -> Failure:
    """What the grader says of it; of what the submission says, the type of an error and the line in its own file."""
    if not _is_quoted(failure.fact):
        return failure
    kind = str(failure.fact.values.get("type", ""))
    places = (failure.own_line,) if failure.own_line else ()
    values: dict[str, Value] = {"type": kind if kind in _EXCEPTIONS else "", "places": places}
    return replace(failure, fact=Fact("raised-and-hidden", values))


def _is_quoted(fact: Fact) -> bool:
    """Whether the submission's process says it, or some part of it."""
    inner = (value for value in fact.values.values() if isinstance(value, Fact))
    return fact.kind in SIGNATURES or any(map(_is_quoted, inner))


# ---- trials that are public, where others are not


def _cut_failure(failure: Failure) -> Failure:
    return replace(failure, fact=_cut(failure.fact))


def _cut_remark(remark: Remark) -> Remark:
    return replace(remark, fact=_cut(remark.fact))


def _cut(fact: Fact) -> Fact:
    """What a submission says, in few characters: of an error its last places, its type, and the end of its text."""
    values = {name: _cut_value(value) for name, value in fact.values.items()}
    text = values.get("text")
    if fact.kind in SIGNATURES and isinstance(text, str) and _length(fact) > _CHARACTERS:
        values["text"] = f"... {text[-_CHARACTERS:]}"
        if "places" in values:
            values["places"] = tuple((*place[:3], "") for place in places_of(fact)[-_PLACES:])
        values |= {"type": str(values["type"])[:40]} if "type" in values else {}
    return Fact(fact.kind, values)


def _cut_value(value: Value) -> Value:
    """A fact in a fact likewise; of several errors the first."""
    if isinstance(value, Fact):
        return _cut(value)
    if isinstance(value, tuple) and any(isinstance(item, Fact) for item in value):
        return tuple(_cut(item) for item in value[:1] if isinstance(item, Fact))
    return value


def _length(value: Value) -> int:
    """How many characters of text there are in a value."""
    if isinstance(value, Fact):
        return sum(map(_length, value.values.values()))
    return sum(map(_length, value)) if isinstance(value, tuple) else len(str(value))


def _coarse(chart: Chart) -> Chart:
    """The chart without series of more numbers than were expected, and without most digits of the others."""
    series = tuple(
        replace(one, observed=_rounded(one.observed), expected=_rounded(one.expected))
        for one in chart.series
        if not one.expected or len(one.observed) <= len(one.expected)
    )
    return replace(chart, series=series)


def _rounded(numbers: Sequence[float | None]) -> tuple[float | None, ...]:
    return tuple(None if number is None else float(f"{number:.{_DIGITS}g}") for number in numbers)


def _without_ratios(fact: Fact) -> Fact:
    """The fact without one number for each trial: where a trial expects a single number, that one gives it away."""
    if fact.kind != "factor-in-each-trial":
        return fact
    return Fact("some-factor-in-each-trial", {"name": fact.values["name"]})


def _rounded_fact(fact: Fact) -> Fact:
    """The fact with two digits of each number of a trial."""
    return Fact(fact.kind, {name: _rounded_value(value) for name, value in fact.values.items()})


def _rounded_value(value: Value) -> Value:
    match value:
        case Fact():
            return _rounded_fact(value)
        case float():
            return float(f"{value:.{_RATIO_DIGITS}g}")
        case tuple():
            return cast(Value, tuple(map(_rounded_value, value)))
    return value


# ---- hints and shortcuts


def _without_evidence(found: PolicyFinding) -> PolicyFinding:
    return replace(found, evidence=(Fact(f"signs-of: {found.rule}"),))


def _trimmed(mistake: Mistake, level: Level) -> Mistake:
    count = (Level.NUDGE, Level.POINTER, Level.EXPLANATION).index(level) + 1
    return replace(mistake, used="", right="", hints={name: texts[:count] for name, texts in mistake.hints.items()})
