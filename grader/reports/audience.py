"""What of a report is for whom: an instructor sees everything, a student what the assignment lets through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from grader.records import (
    Action,
    AnswerKey,
    Diagnosis,
    Finding,
    Level,
    Mistake,
    PolicyFinding,
    Report,
    Verdict,
    Visibility,
)


def for_students(report: Report, key: AnswerKey, level: Level) -> Report:
    """The report without the seed, without the numbers of hidden probes, and with hints up to a level.

    What the submission printed, and what it raised, may hold numbers of hidden probes, too. How a shortcut was
    noticed is for the instructor; that it costs the points is not.
    """
    hidden = {probe.name: probe.title for probe in key.probes if probe.visibility is Visibility.HIDDEN}
    findings = tuple(_veiled(f) if f.probe in hidden else f for f in report.findings)
    if level is Level.NOTHING:
        findings = tuple(replace(f, message="", ratio=None) for f in findings)
    return replace(
        report,
        seed="",
        findings=findings,
        message=_public_part(report.message, set(hidden.values())),
        output="" if hidden else report.output,
        charts=() if hidden else report.charts,
        policy=tuple(_without_evidence(found) for found in report.policy if found.action is Action.FORBID),
        remarks=tuple(_public_remark(remark, hidden.values()) for remark in report.remarks),
        diagnosis=up_to(report.diagnosis, level),
    )


def _veiled(finding: Finding) -> Finding:
    words = "" if finding.verdict is Verdict.CORRECT else "is not right"
    return replace(finding, message=words, ratio=None)


def _without_evidence(found: PolicyFinding) -> PolicyFinding:
    return replace(found, evidence=f"there are signs of {found.rule}")


def _public_remark(remark: str, hidden: Iterable[str]) -> str:
    """The remark without what was found in a hidden probe; such a one begins with its title."""
    for title in hidden:
        if remark.startswith(f"{title}: "):
            return f"{title}: is not right\n{remark.splitlines()[-1]}"
    return remark


def _public_part(message: str, hidden: set[str]) -> str:
    """The message without what was raised in a hidden probe; each begins with a line `at <title>:`."""
    kept, shown = [], True
    for line in message.splitlines():
        if line.startswith("at ") and line.endswith(":"):
            shown = line[3:-1] not in hidden
            if not shown:
                kept.append("at a trial whose numbers are hidden")
        if shown:
            kept.append(line)
    return "\n".join(kept)


def up_to(diagnosis: Diagnosis, level: Level) -> Diagnosis:
    """The diagnosis with hints up to a level, and without the formulas."""
    if level is Level.NOTHING:
        return Diagnosis()
    if level is Level.SYMPTOMS:
        return Diagnosis(unknown=diagnosis.unknown)
    return Diagnosis(tuple(_trimmed(m, level) for m in diagnosis.mistakes), diagnosis.unknown)


def _trimmed(mistake: Mistake, level: Level) -> Mistake:
    count = (Level.NUDGE, Level.POINTER, Level.EXPLANATION).index(level) + 1
    return replace(mistake, used="", right="", hints={name: texts[:count] for name, texts in mistake.hints.items()})
