"""The titles of a report in the language of its reader."""

from __future__ import annotations

from dataclasses import replace

from grader.records import Report
from grader.words import Words


def titled(report: Report, words: Words) -> Report:
    """The report with the titles of its exercise, checks and known mistakes as this language has them."""
    diagnosis = report.diagnosis
    return replace(
        report,
        title=words.title(report.title),
        checks=tuple(replace(check, title=words.title(check.title)) for check in report.checks),
        diagnosis=replace(
            diagnosis, mistakes=tuple(replace(m, title=words.title(m.title)) for m in diagnosis.mistakes)
        ),
    )
