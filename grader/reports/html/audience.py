"""What of a report a student may read, told from the report alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.records import Diagnosis, Finding, Mistake, Report, Verdict, Visibility


def for_student(report: Report) -> Report:
    """The report without the seed, the formulas of mistakes, and the numbers of hidden trials.

    A trial of which the report does not say that it is public is hidden. What a submission prints, the curves that it
    draws and the error that it raises may hold numbers of hidden trials, so that they are shown only where all are
    public; of an error, what is told of a public trial is kept.
    """
    public = {trial.name for trial in report.trials if trial.visibility is Visibility.PUBLIC}
    hidden = {trial.title for trial in report.trials if trial.name not in public}
    all_public = bool(report.trials) and not hidden
    return replace(
        report,
        seed="",
        findings=tuple(f if f.probe in public else _veiled(f) for f in report.findings),
        pictures=tuple(picture for picture in report.pictures if picture.probe in public),
        charts=report.charts if all_public else (),
        message=report.message if all_public else _public_part(report.message, hidden),
        output=report.output if all_public else "",
        remarks=report.remarks if all_public else tuple(_without_numbers(remark) for remark in report.remarks),
        diagnosis=Diagnosis(tuple(_without_formulas(m) for m in report.diagnosis.mistakes), report.diagnosis.unknown),
    )


def _veiled(finding: Finding) -> Finding:
    words = "" if finding.verdict is Verdict.CORRECT else "is not right; the numbers of this trial are hidden"
    return replace(finding, message=words, ratio=None)


def _public_part(message: str, hidden: set[str]) -> str:
    """The message without what happened in a hidden trial; what happened in one begins with a line `at <title>:`."""
    kept, shown = [], True
    for line in message.splitlines():
        if line.startswith("at ") and line.endswith(":"):
            shown = line[3:-1] not in hidden
            if not shown:
                kept.append("at a trial whose numbers are hidden")
        if shown:
            kept.append(line)
    return "\n".join(kept)


def _without_numbers(remark: str) -> str:
    """A remark on a trial quotes what was wrong there after a colon."""
    return "\n".join(line.partition(": ")[0] if " instead of " in line else line for line in remark.splitlines())


def _without_formulas(mistake: Mistake) -> Mistake:
    known: dict[str, Any] = {name: "" for name in ("used", "right") if hasattr(mistake, name)}
    return replace(mistake, **known)
