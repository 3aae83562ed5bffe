"""A report as Markdown: a table, and what is wrong. GitHub shows it as the summary of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.records import WITHOUT_SCORE, CheckResult, Report, Verdict
from grader.reports.clean import clean
from grader.reports.clean import markdown as escape
from grader.reports.hints import proviso
from grader.reports.places import drawn, others_follow, proof, said_of, where
from grader.reports.sentences import failures, note
from grader.reports.terminal import points
from grader.reports.titles import titled
from grader.words import Words

_OPEN = (Verdict.NOT_REPORTED, Verdict.NOT_ATTEMPTED, Verdict.NOT_RUN)


def as_markdown(report: Report, closing: Sequence[str], language: str = "en") -> str:
    """The report, ending with some lines of text.

    What comes from the submission is shown literally: it makes no links, pictures or tables.
    """
    words = Words(language)
    report = titled(report, words)
    return "\n".join([*_head(report, words), *_wrong(report, words), "", *map(escape, closing), ""])


def _head(report: Report, words: Words) -> Iterator[str]:
    scored = report.outcome not in WITHOUT_SCORE
    earned = words("of-points", points=points(report.score), out_of=points(report.out_of))
    yield f"## {escape(report.title)}: {earned if scored else words('no-score')}"
    yield ""
    if report.failures:
        yield f"**{escape(words(f'outcome: {report.outcome}'))}**"
        yield from ("", *_code(failures(report, words)), "")
    yield from _places(report, words)
    yield f"| | {words('check')} | {words('points')} | |"
    yield "|---|---|---:|---|"
    for check in report.checks:
        earned = words("of-points", points=points(check.points), out_of=points(check.out_of)) if scored else "-"
        yield f"| {_mark(check)} | {escape(check.title)} | {earned} | {escape(note(report, check, words))} |"


def _places(report: Report, words: Words) -> Iterator[str]:
    """The author's own code, with what is wrong in it marked."""
    for place in report.diagnosis.places:
        yield from (f"**{escape(where(place, words))}**", "", *_code("\n".join(drawn(place, words))), "")
        yield from (f"{escape(said_of(place, words))}. {others_follow(place, words)}".rstrip(), "")
    if told := proof(report, words):
        yield from (told, "")


def _mark(check: CheckResult) -> str:
    if check.verdict in _OPEN:
        return "○"
    return "✓" if check.verdict is Verdict.CORRECT and check.points >= check.out_of else "✗"


def _wrong(report: Report, words: Words) -> Iterator[str]:
    """One example of each check that fails, what the policy says, and the hints."""
    for check in report.checks:
        wrong = next((f for f in report.findings if f.check == check.id and f.verdict is Verdict.WRONG), None)
        if wrong and wrong.fact:
            yield from ("", f"**{escape(check.title)}**: {escape(wrong.quantity)} {escape(words.say(wrong.fact))}")
    for found in report.policy:
        evidence = ";\n".join(map(words.say, found.evidence))
        yield from ("", f"**{words('not-derived-by-hand')}** {escape(evidence)}")
    if said := proviso(report.diagnosis, words):
        yield from ("", said)
    for mistake in report.diagnosis.mistakes:
        yield from ("", f"**{escape(words('known-mistake', title=mistake.title))}**")
        for hint in mistake.hints.get(words.language, mistake.hints.get("en", ())):
            yield from ("", escape(hint))
    for unknown in () if report.diagnosis.places else report.diagnosis.unknown:
        yield from ("", f"**{escape(words('look-at-step', step=words.name('step', unknown.step)))}**")
        for fact in unknown.facts:
            yield from ("", escape(words.say(fact)))
    for remark in report.remarks:
        yield from ("", f"{words('remark')}: {escape(words.say(remark.fact))}")


def _code(text: str) -> list[str]:
    """Lines as they are; indented, so that nothing in them ends the block."""
    return [f"    {line}" for line in clean(text).splitlines()]
