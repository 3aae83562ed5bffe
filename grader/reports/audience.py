"""What of a report is for whom: an instructor sees everything, a student what the assignment lets through."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from grader.records import (
    NOT_DIAGNOSED,
    Action,
    Chart,
    Diagnosis,
    Finding,
    Level,
    Mistake,
    PolicyFinding,
    Report,
    Verdict,
    Visibility,
)
from grader.reports.paths import without_folders

_DIGITS, _CHARACTERS, _PLACES = 3, 300, 4
"""How much of numbers, of errors and of places passes, where a submission was given inputs that are hidden."""
_PLACE = re.compile(r".{1,60}, line \d{1,6}(, in [\w.<>]{1,40})?")
_TYPE = re.compile(r"[\w.]{1,40}(?=:)")
_RATIO = re.compile(r"(?<= is )\S+(?= times what it should be)")
_ENDS = ": the call ends with: "


def for_students(report: Report) -> Report:
    """The report without the seed, without the numbers of hidden trials, and with hints up to the level for students.

    A trial of which the report does not say that it is public is hidden. What the submission printed, and what it
    raised, may hold numbers of hidden trials, too: all inputs are in its process from the beginning. So where any trial
    is hidden, even curves and errors of public trials are cut short. How a shortcut was noticed is for the instructor;
    that it costs the points is not.
    """
    level = report.student_level
    public = {trial.name for trial in report.trials if trial.visibility is Visibility.PUBLIC}
    hidden = {trial.title for trial in report.trials if trial.name not in public}
    all_public = bool(report.trials) and not hidden
    charts = tuple(chart for chart in report.charts if chart.probe in public)
    findings = tuple(f if f.probe in public else _veiled(f) for f in report.findings)
    if level is Level.NOTHING:
        findings = tuple(replace(f, message="", ratio=None) for f in findings)
    told = replace(
        report,
        seed="",
        findings=findings,
        message=public_part(report.message, ((trial.title, trial.visibility) for trial in report.trials)),
        output=report.output if all_public else "",
        charts=charts if all_public else tuple(coarse for chart in charts if (coarse := _coarse(chart)).series),
        pictures=tuple(p for p in report.pictures if p.probe in public and level is not Level.NOTHING),
        policy=tuple(_without_evidence(found) for found in report.policy if found.action is Action.FORBID),
        remarks=tuple(_public_remark(r, hidden) for r in report.remarks if not r.startswith(NOT_DIAGNOSED)),
        diagnosis=up_to(report.diagnosis, level, all_public=all_public),
    )
    return without_folders(told)


def public_part(message: str, trials: Iterable[tuple[str, str]]) -> str:
    """The message without what was raised in a hidden trial; each part begins with a line `at <title>:`.

    Args:
        trials: the title and the visibility of each trial.
    """
    seen = list(trials)
    public = {title for title, visibility in seen if visibility == Visibility.PUBLIC}
    parts: list[list[str]] = [[]]
    for line in message.splitlines():
        if line.startswith("at ") and line.endswith(":"):
            parts.append([line])
        else:
            parts[-1].append(line)
    kept = list(parts[0] if len(public) == len(seen) else _shortened(parts[0]))
    for place, *lines in parts[1:]:
        if place[3:-1] not in public:
            kept.append("at a trial whose numbers are hidden")
        else:
            kept += [place, *(lines if len(public) == len(seen) else _shortened(lines))]
    return "\n".join(kept)


def _shortened(lines: list[str]) -> list[str]:
    """An error in few characters: its last places, its type, and the end of its words."""
    if sum(map(len, lines)) <= _CHARACTERS:
        return lines
    last = max((number for number, line in enumerate(lines) if _PLACE.fullmatch(line)), default=-1)
    places = [line for line in lines if _PLACE.fullmatch(line)][-_PLACES:]
    words = lines[last + 1 :]
    kind = next((found[0] for line in words if (found := _TYPE.match(line))), "")
    return [*places, f"{kind}: ... {' '.join(words)[-_CHARACTERS:]}"]


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


def _veiled(finding: Finding) -> Finding:
    words = "" if finding.verdict is Verdict.CORRECT else "is not right"
    return replace(finding, message=words, ratio=None)


def _without_evidence(found: PolicyFinding) -> PolicyFinding:
    return replace(found, evidence=f"there are signs of {found.rule}")


def _public_remark(remark: str, hidden: Collection[str]) -> str:
    """The remark without what was found in a hidden trial; such a one begins with its title."""
    for title in hidden:
        if remark.startswith(f"{title}: "):
            return f"{title}: is not right\n{remark.splitlines()[-1]}"
    title, sign, raised = remark.partition(_ENDS)
    if hidden and sign:
        *error, cost = raised.splitlines()
        return "\n".join((f"{title}{sign}{_shortened(error)[0]}", *_shortened(error)[1:], cost))
    return remark


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
        unknown = tuple(replace(u, facts=tuple(map(_with_coarse_ratio, u.facts))) for u in unknown)
    if level is Level.SYMPTOMS:
        return replace(diagnosis, mistakes=(), unknown=unknown)
    return replace(diagnosis, mistakes=tuple(_trimmed(m, level) for m in diagnosis.mistakes), unknown=unknown)


def _without_ratios(fact: str) -> str:
    """The fact without one number for each trial: where a trial expects a single number, that one gives it away."""
    head, sign, _ = fact.partition(" in each trial: ")
    return f"{head} in each trial" if sign else fact


def _with_coarse_ratio(fact: str) -> str:
    return _RATIO.sub(lambda found: f"{float(found[0]):.2g}", fact)


def _trimmed(mistake: Mistake, level: Level) -> Mistake:
    count = (Level.NUDGE, Level.POINTER, Level.EXPLANATION).index(level) + 1
    return replace(mistake, used="", right="", hints={name: texts[:count] for name, texts in mistake.hints.items()})
