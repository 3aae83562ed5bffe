"""The report as it is read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.records import WITHOUT_SCORE, Level, Outcome, Report, Verdict
from grader.reports.audience import place_up_to
from grader.reports.clean import clean, name
from grader.reports.hints import proviso
from grader.reports.places import drawn, others_follow, proof, said_of, where
from grader.reports.sentences import failures, note
from grader.reports.titles import titled
from grader.words import Words

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


def render(
    report: Report,
    *,
    level: Level = Level.EXPLANATION,
    language: str = "en",
    every_probe: bool = False,
    ascii_only: bool = False,
    to_try: bool = False,
) -> RenderableType:
    """The whole report.

    Args:
        level: how much is said about what is wrong.
        language: of all that the program says, and of the hints where they are known in it.
        ascii_only: use marks that every terminal can show.
        to_try: offer code by which a wrong number is seen again.
        every_probe: list each quantity in each probe, not only one example of each that is wrong.
    """
    words = Words(language)
    report = titled(_with_places_up_to(report, level), words)
    hints = [] if level is Level.NOTHING else [*_diagnosis(report, level, words)]
    marked = [*_places(report, words), *hints] if report.diagnosis.places else []
    parts: list[RenderableType] = [
        _heading(report, words),
        *marked,
        Text(),
        _checks(report, words, ascii_only=ascii_only),
    ]
    if report.failures:
        parts += [Text(), _section(words(f"outcome: {report.outcome}")), _indented(failures(report, words))]
    for finding in report.policy:
        evidence = ";\n".join(map(words.say, finding.evidence))
        told = f"{evidence}: {words(f'action: {finding.action}')}"
        parts += [Text(), _section(words("not-derived-by-hand")), _indented(told)]
    wrong = [] if level is Level.NOTHING else [*_what_is_wrong(report, words), *([] if marked else hints)]
    if wrong:
        parts += [Text(), _section(words("what-is-wrong")), *wrong]
    for snippet in report.snippets if to_try else ():
        told = words("how-to-try", quantity=snippet.quantity, trial=report.titles.get(snippet.probe, snippet.probe))
        parts += [Text(), _section(words("try-it-yourself")), _indented(told), Text(clean(snippet.code.rstrip()))]
    for remark in report.remarks:
        parts += [
            Text(),
            _section(words("comment-to-student" if remark.fact.kind == "comment" else "remark")),
            _indented(words.say(remark.fact)),
        ]
    if report.output.strip():
        parts += [Text(), _section(words("it-printed")), _indented(_beginning(report.output, words))]
    if every_probe:
        parts += _annotated(report, words)
        parts += [Text(), _all_findings(report, words, ascii_only=ascii_only)]
    return Group(*parts, Text(), _footer(report, words))


def points(number: float) -> str:
    """2, 1.5 or 0.67."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def summary(report: Report, language: str = "en") -> Text:
    """The report in one line."""
    text = Text(f"{name(report.submission.name)}  ")
    words = Words(language)
    text.append(_score(report, words), style="bold")
    if report.outcome is not Outcome.RETURNED:
        text.append(f"  {words(f'ended: {report.outcome}')}", style="red")
    return text


def _score(report: Report, words: Words) -> str:
    if report.outcome in WITHOUT_SCORE:
        return words("no-score")
    return words("of-points", points=points(report.score), out_of=points(report.out_of))


def _with_places_up_to(report: Report, level: Level) -> Report:
    shown = level in (Level.NUDGE, Level.POINTER, Level.EXPLANATION)
    places = tuple(place_up_to(place, level) for place in report.diagnosis.places) if shown else ()
    annotations = report.diagnosis.annotations if level in (Level.POINTER, Level.EXPLANATION) else ()
    return replace(report, diagnosis=replace(report.diagnosis, places=places, annotations=annotations))


def _places(report: Report, words: Words) -> Iterator[RenderableType]:
    """The author's own code, with what is wrong in it marked."""
    for place in report.diagnosis.places:
        yield from (Text(), Text(f"  {clean(where(place, words))}", style="bold"))
        for line in drawn(place, words):
            style = "red" if set(line) <= {" ", "|", "^"} and "^" in line else ""
            yield Text(f"  {clean(line)}", style=style, no_wrap=True, overflow="ellipsis")
        yield Padding(Text(clean(said_of(place, words)), style="red"), (0, 0, 0, 7), expand=False)
        if others := others_follow(place, words):
            yield Padding(Text(others, style="dim"), (0, 0, 0, 7), expand=False)
    yield from (Text(), Text(f"  {proof(report, words)}", style="bold"))


def _annotated(report: Report, words: Words) -> list[RenderableType]:
    """What each line of the code holds."""
    if not report.diagnosis.annotations:
        return []
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title=words("your-code"), title_justify="left")
    table.add_column(words("line"), justify="right")
    table.add_column(words("code"))
    table.add_column(words("what-it-holds"))
    for each in report.diagnosis.annotations:
        place = f"{each.cell}:{each.line}" if each.cell else str(each.line)
        table.add_row(place, Text(clean(each.text)), Text(clean(words.say(each.is_))))
    return [Text(), table]


def _heading(report: Report, words: Words) -> Table:
    full = report.score >= report.out_of and report.outcome not in WITHOUT_SCORE
    table = Table.grid(expand=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    score = Text(_score(report, words), style="bold green" if full else "bold red")
    table.add_row(Text(name(report.submission.name), style="bold"), score)
    table.add_row(Text(f"{report.title} ({report.assignment})", style="dim"), Text())
    return table


def _checks(report: Report, words: Words, *, ascii_only: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("")
    table.add_column(words("check"))
    table.add_column(words("points"), justify="right")
    table.add_column("")
    for check in report.checks:
        mark, style = _mark(check.verdict, ascii_only=ascii_only)
        if check.verdict is Verdict.CORRECT and check.points < check.out_of:
            mark, style = _WITHHELD
        earned = words("of-points", points=points(check.points), out_of=points(check.out_of))
        table.add_row(
            Text(mark, style=style),
            check.title,
            earned if report.outcome not in WITHOUT_SCORE else "-",
            Text(note(report, check, words), style="dim"),
        )
    return table


def _mark(verdict: Verdict, *, ascii_only: bool) -> tuple[str, str]:
    mark, style = _MARKS[verdict]
    return (_ASCII.get(mark, mark) if ascii_only else mark), style


def _section(title: str) -> Text:
    return Text(title, style="bold")


def _indented(text: str) -> Padding:
    return Padding(Text(clean(text)), (0, 0, 0, 2), expand=False)


def _what_is_wrong(report: Report, words: Words) -> Iterator[RenderableType]:
    """For each check that does not hold: in how many trials, and every quantity that is wrong in the first of them."""
    titles = report.titles
    nothing_stored = all(check.verdict is Verdict.NOT_REPORTED for check in report.checks)
    for check in report.checks:
        findings = [finding for finding in report.findings if finding.check == check.id]
        wrong = [f for f in findings if f.verdict in (Verdict.WRONG, Verdict.NOT_REPORTED)]
        if not wrong or nothing_stored:
            continue
        count = words("wrong-in-trials", wrong=len({f.probe for f in wrong}), of=len({f.probe for f in findings}))
        line = Text(f"  {check.title}", style="bold")
        line.append(f"  {count}", style="red")
        not_run = {f.probe for f in findings if f.verdict is Verdict.NOT_RUN} - {f.probe for f in wrong}
        if not_run:
            line.append(words("not-run-in", n=len(not_run)), style="yellow")
        yield line
        for finding in wrong:
            if finding.probe == wrong[0].probe:
                trial = titles[finding.probe]
                text = words("at-place", quantity=finding.quantity, trial=trial, what=words.say(finding.fact))
                yield Padding(Text(clean(text)), (0, 0, 0, 4), expand=False)


def _diagnosis(report: Report, level: Level, words: Words) -> Iterator[RenderableType]:
    """The mistakes that are known, with hints up to a level, and what is true of the steps that nothing explains."""
    shown = (Level.NUDGE, Level.POINTER, Level.EXPLANATION)
    count = shown.index(level) + 1 if level in shown else 0
    if count and (said := proviso(report.diagnosis, words)):
        yield from (Text(), Text(f"  {said}", style="dim"))
    for mistake in report.diagnosis.mistakes if count else ():
        title = Text(f"  {words('known-mistake', title=mistake.title)}", style="bold")
        step = words("step-of", step=words.name("step", mistake.step), where=words.name("where", mistake.where))
        title.append(f"  {step}", style="dim")
        yield Text()
        yield title
        if mistake.used:
            formula = words("instead-of", used=mistake.used, right=mistake.right) if mistake.right else mistake.used
            yield Padding(Text(formula, style="cyan"), (0, 0, 0, 4), expand=False)
        for hint in mistake.hints.get(words.language, mistake.hints.get("en", ()))[:count]:
            yield Padding(Text(hint), (0, 0, 0, 4), expand=False)
        if mistake.same_as:
            others = words("same-numbers", others=", ".join(mistake.same_as))
            yield Padding(Text(others, style="dim"), (0, 0, 0, 4), expand=False)
    for unknown in () if report.diagnosis.places else report.diagnosis.unknown:
        kind = "unknown-in-step" if report.diagnosis.catalogue else "look-at-step"
        yield Text()
        yield Text(f"  {words(kind, step=words.name('step', unknown.step))}", style="bold")
        for fact in unknown.facts:
            yield Padding(Text(clean(words.say(fact))), (0, 0, 0, 4), expand=False)


def _all_findings(report: Report, words: Words, *, ascii_only: bool) -> Table:
    titles = report.titles
    title = words("every-quantity")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title=title, title_justify="left")
    for column in ("", words("trial"), words("quantity")):
        table.add_column(column, no_wrap=True)
    table.add_column("")
    for finding in report.findings:
        mark, style = _mark(finding.verdict, ascii_only=ascii_only)
        ratio = "" if finding.ratio is None else words("times-tolerance", ratio=finding.ratio)
        message = " ".join(filter(None, (words.say(finding.fact), ratio)))
        table.add_row(Text(mark, style=style), titles[finding.probe], finding.quantity, Text(clean(message)))
    return table


def _beginning(output: str, words: Words, lines: int = 12) -> str:
    kept = [line[:200] for line in output.strip().splitlines()]
    return "\n".join(kept[:lines] + [words("and-more")] * (len(kept) > lines))


def _footer(report: Report, words: Words) -> Text:
    return Text(words("footer", seconds=report.seconds, seed=report.seed, level=report.isolation.level), style="dim")
