"""A report as Markdown: a table, and what is wrong. GitHub shows it as the summary of a job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.records import Outcome, Report, Verdict
from grader.reports.hints import proviso
from grader.reports.terminal import clean, note, points

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@-])")


def as_markdown(report: Report, closing: Sequence[str], language: str = "en") -> str:
    """The report, ending with some lines of text.

    What comes from the submission is shown literally: it makes no links, pictures or tables.
    """
    return "\n".join([*_head(report), *_wrong(report, language), "", *map(escape, closing), ""])


def escape(text: str) -> str:
    """Text of anybody on one line, so that Markdown and HTML mean nothing in it."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text).split()))


def _head(report: Report) -> Iterator[str]:
    yield f"## {escape(report.title)}: {points(report.score)} / {points(report.out_of)}"
    yield ""
    if report.outcome is not Outcome.RETURNED:
        yield f"It did not run to its end: {report.outcome}."
        yield from ("", *_code(report.message), "")
    yield "| | check | points | |"
    yield "|---|---|---:|---|"
    for check in report.checks:
        mark = "✓" if check.verdict is Verdict.CORRECT and check.points >= check.out_of else "✗"
        earned = f"{points(check.points)} / {points(check.out_of)}"
        yield f"| {mark} | {escape(check.title)} | {earned} | {escape(note(check))} |"


def _wrong(report: Report, language: str) -> Iterator[str]:
    """One example of each check that fails, what the policy says, and the hints."""
    for check in report.checks:
        wrong = next((f for f in report.findings if f.check == check.id and f.verdict is Verdict.WRONG), None)
        if wrong and wrong.message:
            yield from ("", f"**{escape(check.title)}**: {escape(wrong.quantity)} {escape(wrong.message)}")
    for found in report.policy:
        yield from ("", f"**Not derived by hand?** {escape(found.evidence)}")
    if words := proviso(report.diagnosis, language):
        yield from ("", words)
    for mistake in report.diagnosis.mistakes:
        yield from ("", f"**Known mistake: {escape(mistake.title)}**")
        for hint in mistake.hints.get(language, mistake.hints.get("en", ())):
            yield from ("", escape(hint))
    for unknown in report.diagnosis.unknown:
        yield from ("", f"**Look at this step: {escape(unknown.step)}**")
        for fact in unknown.facts:
            yield from ("", escape(fact))


def _code(text: str) -> list[str]:
    """Lines as they are; indented, so that nothing in them ends the block."""
    return [f"    {line}" for line in clean(text).splitlines()]
