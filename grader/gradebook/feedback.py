"""What a student reads in the table of a learning management system: the diagnosis in two sentences, and comments."""

from __future__ import annotations

from collections.abc import Iterator

from grader.gradebook.rows import Row
from grader.records import Action, Outcome, Report
from grader.reports import reading
from grader.reports.audience import for_students
from grader.reports.clean import clean, first_line
from grader.reports.sentences import failures, sentence
from grader.reports.titles import titled
from grader.words import Words

_COMMENT = "comment"


def feedback(row: Row, language: str = "en") -> str:
    """The penalty, what is wrong and where to look, and what a person wrote; on one line."""
    words = Words(language)
    report = titled(for_students(reading.from_data(row.data)), words)
    return " ".join(clean(" ".join(_parts(row, report, words))).split())


def _parts(row: Row, report: Report, words: Words) -> Iterator[str]:
    if row.score is None:
        yield words("feedback: no-score", why=first_line(failures(report, words)))
    else:
        if row.entry.penalty:
            yield words("feedback: penalty", percent=row.entry.penalty)
        if report.outcome is Outcome.DECIDED:
            yield words("feedback: ended", how=words(f"outcome: {report.outcome}"))
        else:
            yield from _what_is_wrong(report, words)
    yield from (words.say(remark.fact) for remark in report.remarks if remark.fact.kind == _COMMENT)


def _what_is_wrong(report: Report, words: Words) -> Iterator[str]:
    if report.outcome is not Outcome.RETURNED:
        yield words("feedback: ended", how=words(f"outcome: {report.outcome}"))
    if any(found.action is Action.FORBID for found in report.policy):
        yield words("feedback: not-by-hand")
    else:
        yield from diagnosis_in_short(report, words)


def diagnosis_in_short(report: Report, words: Words) -> Iterator[str]:
    """At most two sentences: what is wrong, and the first hint; of a report as it is for its reader."""
    lost = [check.title for check in report.checks if check.points < check.out_of]
    if not lost:
        yield words("feedback: all-right")
    elif report.diagnosis.mistakes:
        first, *others = report.diagnosis.mistakes
        more = len(others) + len(report.diagnosis.unknown)
        title = sentence(first.title)
        yield (
            words("feedback: mistake-and-more", title=title, more=more)
            if more
            else words("feedback: mistake", title=title)
        )
        hints = first.hints.get(words.language) or first.hints.get("en") or ()
        yield from hints[:1]
    elif report.diagnosis.unknown:
        yield words("feedback: step", step=words.name("step", report.diagnosis.unknown[0].step))
        yield words("feedback: not-right", titles=tuple(lost))
    else:
        yield words("feedback: not-right", titles=tuple(lost))
