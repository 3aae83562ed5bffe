"""The titles of a report in the language of its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.records import CheckResult, Diagnosis, Remark, Report
from grader.wire.facts import Fact
from grader.words import Words


def titled(report: Report, words: Words) -> Report:
    """The report with the titles of its exercise, checks and known mistakes as this language has them."""
    return all_titled([report], words)[0]


def all_titled(reports: Sequence[Report], words: Words) -> list[Report]:
    """Several reports likewise; what they have in common stays so."""
    checks: dict[int, tuple[CheckResult, ...]] = {}
    diagnoses: dict[int, Diagnosis] = {}
    titled = []
    for report in reports:
        whose = report.checks, report.diagnosis
        if id(whose[0]) not in checks:
            checks[id(whose[0])] = tuple(replace(check, title=words.title(check.title)) for check in whose[0])
        if id(whose[1]) not in diagnoses:
            mistakes = tuple(replace(mistake, title=words.title(mistake.title)) for mistake in whose[1].mistakes)
            diagnoses[id(whose[1])] = replace(whose[1], mistakes=mistakes)
        titled.append(
            replace(
                report,
                title=words.title(report.title),
                checks=checks[id(whose[0])],
                diagnosis=diagnoses[id(whose[1])],
                remarks=tuple(_titled(remark, words) for remark in report.remarks),
            )
        )
    return titled


def _titled(remark: Remark, words: Words) -> Remark:
    """A remark with the title of the check that it is on."""
    title = remark.fact.values.get("title")
    if not isinstance(title, str):
        return remark
    return replace(remark, fact=Fact(remark.fact.kind, {**remark.fact.values, "title": words.title(title)}))
