"""What of a report is for whom: an instructor sees everything, a student what the assignment lets through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from grader.records import (
    Action,
    Diagnosis,
    Finding,
    Level,
    Mistake,
    PolicyFinding,
    Report,
    Verdict,
    Visibility,
)


def for_students(report: Report) -> Report:
    """The report without the seed, without the numbers of hidden trials, and with hints up to the level for students.

    A trial of which the report does not say that it is public is hidden. What the submission printed, and what it
    raised, may hold numbers of hidden trials, too. How a shortcut was noticed is for the instructor; that it costs the
    points is not.
    """
    level = report.student_level
    public = {trial.name for trial in report.trials if trial.visibility is Visibility.PUBLIC}
    hidden = {trial.title for trial in report.trials if trial.name not in public}
    all_public = bool(report.trials) and not hidden
    findings = tuple(f if f.probe in public else _veiled(f) for f in report.findings)
    if level is Level.NOTHING:
        findings = tuple(replace(f, message="", ratio=None) for f in findings)
    return replace(
        report,
        seed="",
        findings=findings,
        message=public_part(report.message, ((trial.title, trial.visibility) for trial in report.trials)),
        output=report.output if all_public else "",
        charts=tuple(chart for chart in report.charts if chart.probe in public),
        pictures=tuple(p for p in report.pictures if p.probe in public and level is not Level.NOTHING),
        policy=tuple(_without_evidence(found) for found in report.policy if found.action is Action.FORBID),
        remarks=tuple(_public_remark(remark, hidden) for remark in report.remarks),
        diagnosis=up_to(report.diagnosis, level),
    )


def public_part(message: str, trials: Iterable[tuple[str, str]]) -> str:
    """The message without what was raised in a hidden trial; each part begins with a line `at <title>:`.

    Args:
        trials: the title and the visibility of each trial.
    """
    public = {title for title, visibility in trials if visibility == Visibility.PUBLIC}
    kept, shown = [], True
    for line in message.splitlines():
        if line.startswith("at ") and line.endswith(":"):
            shown = line[3:-1] in public
            if not shown:
                kept.append("at a trial whose numbers are hidden")
        if shown:
            kept.append(line)
    return "\n".join(kept)


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
    return remark


def up_to(diagnosis: Diagnosis, level: Level) -> Diagnosis:
    """The diagnosis with hints up to a level, without the formulas and the ratios."""
    if level is Level.NOTHING:
        return Diagnosis()
    unknown = tuple(replace(u, facts=tuple(map(_without_ratios, u.facts))) for u in diagnosis.unknown)
    if level is Level.SYMPTOMS:
        return replace(diagnosis, mistakes=(), unknown=unknown)
    return replace(diagnosis, mistakes=tuple(_trimmed(m, level) for m in diagnosis.mistakes), unknown=unknown)


def _without_ratios(fact: str) -> str:
    """The fact without one number for each trial: where a trial expects a single number, that one gives it away."""
    head, sign, _ = fact.partition(" in each trial: ")
    return f"{head} in each trial" if sign else fact


def _trimmed(mistake: Mistake, level: Level) -> Mistake:
    count = (Level.NUDGE, Level.POINTER, Level.EXPLANATION).index(level) + 1
    return replace(mistake, used="", right="", hints={name: texts[:count] for name, texts in mistake.hints.items()})
