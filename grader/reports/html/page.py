"""The report on one submission as a page, and what all pages share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from grader.records import WITHOUT_SCORE, CheckResult, Finding, Level, Place, Report, Verdict, Visibility
from grader.reports import audience
from grader.reports.clean import clean, name
from grader.reports.hints import proviso
from grader.reports.html.charts import draw, is_whole, numbers
from grader.reports.html.flow import flow_picture
from grader.reports.html.heat_map import GRADIENT, HeatMap
from grader.reports.places import CodeLine, lines_of, others_follow, proof, said_of, where
from grader.reports.sentences import failures, note
from grader.reports.terminal import points
from grader.reports.titles import titled
from grader.words import Words

_COMMENT = "comment"
_MARKS: Mapping[Verdict, str] = {
    Verdict.CORRECT: "✓",
    Verdict.WRONG: "✗",
    Verdict.NOT_REPORTED: "○",
    Verdict.NOT_ATTEMPTED: "○",
    Verdict.NOT_RUN: "○",
    Verdict.FAULT_OF_THE_GRADER: "!",
}


@dataclass(frozen=True)
class WrongCheck:
    """A check that does not hold: in how many trials, and every quantity that is wrong in one of them."""

    title: str
    wrong: int
    trials: int
    not_run: int
    example: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Box:
    """A wrong expression in its author's own code: where, the lines around it, what is said of it and of others."""

    where: str
    lines: list[CodeLine]
    said: str
    others: str


@cache
def environment() -> Environment:
    """The templates. All that a submission can write is escaped, and cannot turn the text around it."""
    templates = Environment(
        loader=PackageLoader("grader.reports.html"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    templates.filters |= {"points": points, "mark": _mark, "sentence": _sentence, "name": name}
    style = files("grader.reports.html").joinpath("style.css").read_text(encoding="utf-8")
    templates.globals |= {"style": Markup(style), "gradient": GRADIENT}  # noqa: S704
    return templates


def student_page(report: Report, *, for_students: bool, language: str = "en") -> str:
    """The report as an HTML document that needs no other file.

    Args:
        for_students: leave out what a student must not read.
        language: of all that the program says, and of the hints that come first; those in others can be opened.

    Raises:
        GraderError: there are charts, and matplotlib is not installed.
    """
    shown = audience.for_students(report) if for_students else report
    words = Words(language)
    shown = titled(shown, words)
    return environment().get_template("report.html").render(
        report=shown,
        for_students=for_students,
        scored=shown.outcome not in WITHOUT_SCORE,
        titles=shown.titles,
        checks={check.id: check.title for check in shown.checks},
        graded={finding.probe for finding in shown.findings},
        hidden={trial.name for trial in shown.trials if trial.visibility is Visibility.HIDDEN},
        wrong=[] if for_students and report.student_level is Level.NOTHING else list(_what_is_wrong(shown)),
        places=[_box(place, words) for place in shown.diagnosis.places],
        proof=proof(shown, words),
        mistakes=[(mistake, _hints(mistake.hints, language)) for mistake in shown.diagnosis.mistakes],
        proviso=proviso(shown.diagnosis, words),
        w=words,
        hints_in=Words,
        failures=failures(shown, words),
        flow=flow_picture(shown.flow),
        head=_head,
        comments=[remark for remark in shown.remarks if remark.fact.kind == _COMMENT],
        remarks=[remark for remark in shown.remarks if remark.fact.kind != _COMMENT],
        notes={check.id: note(shown, check, words) for check in shown.checks},
        # Markup: matplotlib escapes every text in what it draws.
        charts=[
            (c, Markup(draw(c, f"chart{i}", words)), list(numbers(c, words)), is_whole(c))  # noqa: S704
            for i, c in enumerate(shown.charts)
        ],
        heat_maps=[HeatMap(picture, words) for picture in shown.pictures],
    )  # fmt: skip


def _box(place: Place, words: Words) -> Box:
    return Box(where(place, words), [*lines_of(place, words)], said_of(place, words), others_follow(place, words))


def _head(report: Report, words: Words) -> list[str]:
    """When it was graded, which attempt it is, and what was taken off."""
    told = [words("graded-on", date=report.date[:10])] if report.date else []
    if report.submission.attempt > 1:
        told.append(words("attempt-number", n=report.submission.attempt))
    if report.submission.late:
        told.append(words("handed-in-late"))
    penalties = (remark.fact.values["percent"] for remark in report.remarks if remark.fact.kind == "roster: penalty")
    return told + [words("penalty-of", percent=percent) for percent in penalties]


def _sentence(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _mark(of: CheckResult | Finding) -> tuple[str, str]:
    """A mark, and the name of the verdict."""
    if isinstance(of, CheckResult) and of.verdict is Verdict.CORRECT and of.points < of.out_of:
        return "✗", "withheld"
    return _MARKS[of.verdict], of.verdict


def _what_is_wrong(report: Report) -> Iterator[WrongCheck]:
    """With what is wrong in one trial as an example, one whose numbers are shown if there is one."""
    titles = report.titles
    for check in report.checks:
        findings = [finding for finding in report.findings if finding.check == check.id]
        wrong = [f for f in findings if f.verdict in (Verdict.WRONG, Verdict.NOT_REPORTED)]
        if not wrong:
            continue
        first = next((finding for finding in wrong if finding.ratio is not None), wrong[0]).probe
        failed = {finding.probe for finding in wrong}
        yield WrongCheck(
            title=check.title,
            wrong=len(failed),
            trials=len({finding.probe for finding in findings}),
            not_run=len({f.probe for f in findings if f.verdict is Verdict.NOT_RUN} - failed),
            example=titles.get(first, first),
            findings=tuple(finding for finding in wrong if finding.probe == first),
        )


def _hints(hints: Mapping[str, tuple[str, ...]], first: str) -> list[tuple[str, tuple[str, ...]]]:
    """For each language its hints, from a nudge to an explanation."""
    known = [(language, texts) for language, texts in hints.items() if texts]
    return sorted(known, key=lambda item: (item[0] != first, item[0]))
