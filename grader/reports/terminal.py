"""The report as it is read in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.records import Action, CheckResult, Level, Outcome, Report, Verdict
from grader.reports.hints import proviso

_MARKS = {
    Verdict.CORRECT: ("✓", "green"),
    Verdict.WRONG: ("✗", "red"),
    Verdict.NOT_REPORTED: ("○", "yellow"),
    Verdict.NOT_ATTEMPTED: ("○", "yellow"),
    Verdict.NOT_RUN: ("○", "yellow"),
    Verdict.FAULT_OF_THE_GRADER: ("!", "magenta"),
}
_ASCII = {"✓": "+", "✗": "x", "○": "o"}
_WITHHELD = ("-", "red")
OUTCOMES: Mapping[str, str] = {
    Outcome.RETURNED: "It ran to its end",
    Outcome.RAISED: "It raised an error",
    Outcome.TIMED_OUT: "It took too long",
    Outcome.OUT_OF_MEMORY: "It used too much memory",
    Outcome.TOO_MUCH_OUTPUT: "It printed too much",
    Outcome.CRASHED: "It crashed",
    Outcome.REFUSED: "It did something that is not allowed",
    Outcome.PROTOCOL_VIOLATION: "It interfered with the grader",
    Outcome.UNREADABLE: "It cannot be read",
    Outcome.FAULT_OF_THE_GRADER: "The grader failed, not the submission",
    Outcome.NOT_RUN: "It was not run",
}
_CONSEQUENCES = {
    Action.FORBID: "this assignment forbids it, so no points are given",
    Action.WARN: "this assignment asks that a person looks at it",
    Action.ALLOW: "this assignment allows it",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def render(
    report: Report,
    *,
    level: Level = Level.EXPLANATION,
    language: str = "en",
    every_probe: bool = False,
    ascii_only: bool = False,
) -> RenderableType:
    """The whole report.

    Args:
        level: how much is said about what is wrong.
        language: of the hints, where they are known in it.
        ascii_only: use marks that every terminal can show.
        every_probe: list each quantity in each probe, not only one example of each that is wrong.
    """
    parts: list[RenderableType] = [_heading(report), Text(), _checks(report, ascii_only=ascii_only)]
    if report.outcome is not Outcome.RETURNED:
        parts += [Text(), _section(OUTCOMES[report.outcome]), _indented(report.message)]
    for finding in report.policy:
        consequence = _CONSEQUENCES[finding.action]
        parts += [Text(), _section("Not derived by hand?"), _indented(f"{finding.evidence}: {consequence}")]
    wrong = [] if level is Level.NOTHING else [*_what_is_wrong(report), *_diagnosis(report, level, language)]
    if wrong:
        parts += [Text(), _section("What is wrong"), *wrong]
    for remark in report.remarks:
        parts += [Text(), _section("Remark"), _indented(remark)]
    if report.output.strip():
        parts += [Text(), _section("It printed"), _indented(_beginning(report.output))]
    if every_probe:
        parts += [Text(), _all_findings(report, ascii_only=ascii_only)]
    return Group(*parts, Text(), _footer(report))


def clean(text: str) -> str:
    """Text of a submission without what could steer a terminal or turn its lines around."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def points(number: float) -> str:
    """2, 1.5 or 0.67."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def summary(report: Report) -> Text:
    """The report in one line."""
    text = Text(f"{clean(report.submission.name)}  ")
    text.append(f"{points(report.score)} / {points(report.out_of)}", style="bold")
    if report.outcome is not Outcome.RETURNED:
        text.append(f"  {report.outcome}", style="red")
    return text


def _heading(report: Report) -> Table:
    full = report.score >= report.out_of
    table = Table.grid(expand=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    score = Text(f"{points(report.score)} / {points(report.out_of)}", style="bold green" if full else "bold red")
    table.add_row(Text(clean(report.submission.name), style="bold"), score)
    table.add_row(Text(f"{report.title} ({report.assignment})", style="dim"), Text())
    return table


def _checks(report: Report, *, ascii_only: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("")
    table.add_column("check")
    table.add_column("points", justify="right")
    table.add_column("")
    for check in report.checks:
        mark, style = _mark(check.verdict, ascii_only=ascii_only)
        if check.verdict is Verdict.CORRECT and check.points < check.out_of:
            mark, style = _WITHHELD
        table.add_row(
            Text(mark, style=style),
            check.title,
            f"{points(check.points)} / {points(check.out_of)}",
            Text(note(check), style="dim"),
        )
    return table


def _mark(verdict: Verdict, *, ascii_only: bool) -> tuple[str, str]:
    mark, style = _MARKS[verdict]
    return (_ASCII.get(mark, mark) if ascii_only else mark), style


def note(check: CheckResult) -> str:
    """What stands beside a check: how much of it is right, or that there was nothing to judge."""
    match check.verdict:
        case Verdict.NOT_REPORTED:
            return "nothing stored" if not check.points else check.message
        case Verdict.NOT_ATTEMPTED:
            return "not attempted"
        case Verdict.NOT_RUN:
            return "not run" if not check.points else check.message
    return check.message


def _section(title: str) -> Text:
    return Text(title, style="bold")


def _indented(text: str) -> Padding:
    return Padding(Text(clean(text)), (0, 0, 0, 2), expand=False)


def _what_is_wrong(report: Report) -> Iterator[RenderableType]:
    """For each check that does not hold: in how many trials, and every quantity that is wrong in the first of them."""
    titles = report.titles
    nothing_stored = all(check.verdict is Verdict.NOT_REPORTED for check in report.checks)
    for check in report.checks:
        findings = [finding for finding in report.findings if finding.check == check.id]
        wrong = [f for f in findings if f.verdict in (Verdict.WRONG, Verdict.NOT_REPORTED)]
        if not wrong or nothing_stored:
            continue
        trials = {finding.probe for finding in findings}
        line = Text(f"  {check.title}", style="bold")
        line.append(f"  wrong in {len({f.probe for f in wrong})} of {len(trials)} trials", style="red")
        not_run = {f.probe for f in findings if f.verdict is Verdict.NOT_RUN} - {f.probe for f in wrong}
        if not_run:
            line.append(f", not run in {len(not_run)}", style="yellow")
        yield line
        for finding in wrong:
            if finding.probe == wrong[0].probe:
                text = f"{finding.quantity} at {titles[finding.probe]}: {finding.message}"
                yield Padding(Text(clean(text)), (0, 0, 0, 4), expand=False)


def _diagnosis(report: Report, level: Level, language: str) -> Iterator[RenderableType]:
    """The mistakes that are known, with hints up to a level, and what is true of the steps that nothing explains."""
    shown = (Level.NUDGE, Level.POINTER, Level.EXPLANATION)
    count = shown.index(level) + 1 if level in shown else 0
    if count and (words := proviso(report.diagnosis, language)):
        yield from (Text(), Text(f"  {words}", style="dim"))
    for mistake in report.diagnosis.mistakes if count else ():
        place = f", {mistake.where}" if mistake.where else ""
        title = Text(f"  Known mistake: {mistake.title}", style="bold")
        title.append(f"  (step: {mistake.step}{place})", style="dim")
        yield Text()
        yield title
        if mistake.used:
            formula = f"{mistake.used}   instead of   {mistake.right}" if mistake.right else mistake.used
            yield Padding(Text(formula, style="cyan"), (0, 0, 0, 4), expand=False)
        for hint in mistake.hints.get(language, mistake.hints.get("en", ()))[:count]:
            yield Padding(Text(hint), (0, 0, 0, 4), expand=False)
        if mistake.same_as:
            others = ", ".join(mistake.same_as)
            yield Padding(Text(f"These give the same numbers: {others}", style="dim"), (0, 0, 0, 4), expand=False)
    for unknown in report.diagnosis.unknown:
        yield Text()
        known = "Wrong in this step, in a way that is not in the catalogue"
        where = known if report.diagnosis.catalogue else "Look at this step"
        yield Text(f"  {where}: {unknown.step}", style="bold")
        for fact in unknown.facts:
            yield Padding(Text(clean(fact)), (0, 0, 0, 4), expand=False)


def _all_findings(report: Report, *, ascii_only: bool) -> Table:
    titles = report.titles
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title="Every quantity", title_justify="left")
    for column in ("", "trial", "quantity"):
        table.add_column(column, no_wrap=True)
    table.add_column("")
    for finding in report.findings:
        mark, style = _mark(finding.verdict, ascii_only=ascii_only)
        message = finding.message + (f" ({finding.ratio:.2g} x tolerance)" if finding.ratio is not None else "")
        table.add_row(Text(mark, style=style), titles[finding.probe], finding.quantity, Text(clean(message)))
    return table


def _beginning(output: str, lines: int = 12) -> str:
    kept = [line[:200] for line in output.strip().splitlines()]
    return "\n".join(kept[:lines] + ["... and more"] * (len(kept) > lines))


def _footer(report: Report) -> Text:
    seed = f"seed {report.seed}, " if report.seed else ""
    return Text(f"{report.seconds:.2f} s, {seed}isolation: {report.isolation.level}", style="dim")
