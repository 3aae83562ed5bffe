"""A report as HTML that a notebook shows below a cell: plain tables, no script, legible on light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from grader.records import WITHOUT_SCORE, CheckResult, Report, Verdict
from grader.reports.clean import clean
from grader.reports.hints import proviso
from grader.reports.html.heat_map import Cell, HeatMap
from grader.reports.places import CodeLine, lines_of, others_follow, proof, said_of, where
from grader.reports.sentences import failures, note
from grader.reports.terminal import points
from grader.words import Words

_STYLE = """<style>
.grade-check { max-width: 60rem; line-height: 1.45; }
.grade-check .head { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem;
  border-bottom: 2px solid; padding-bottom: .3rem; margin-bottom: .5rem; }
.grade-check .title { font-size: 1.15em; font-weight: 600; }
.grade-check .score { font-size: 1.3em; font-weight: 700; white-space: nowrap; }
.grade-check table { border-collapse: collapse; margin: .4rem 0 .8rem; color: inherit; font-size: inherit; }
.grade-check tr, .grade-check tr:nth-child(even), .grade-check tr:hover { background: transparent !important; }
.grade-check td, .grade-check th { border: 0; padding: .2rem .7rem .2rem 0; text-align: left !important; color: inherit;
  max-width: none; vertical-align: top; }
.grade-check td.points { text-align: right !important; white-space: nowrap; font-variant-numeric: tabular-nums; }
.grade-check .quiet { opacity: .75; }
.grade-check .right { color: #1a7f4b; } .grade-check .wrong { color: #cf3a2b; }
.grade-check h4 { margin: .9rem 0 .2rem; font-size: 1em; font-weight: 600; }
.grade-check p { margin: .2rem 0 .4rem; } .grade-check pre { white-space: pre-wrap; margin: .2rem 0 .6rem;
  padding: .5rem; background: rgba(128,128,128,.13) !important; color: inherit !important; }
.grade-check .hint { border-left: 3px solid #4a7fd6; padding-left: .8rem; margin: .5rem 0; }
.grade-check table.code code { white-space: pre-wrap; background: transparent; color: inherit; padding: 0; }
.grade-check mark { background: rgba(207,58,43,.22); color: inherit; border-bottom: 2px solid #cf3a2b; }
.grade-check .maps { display: flex; flex-wrap: wrap; gap: .3rem 2rem; }
.grade-check table.map { font-size: .82em; font-variant-numeric: tabular-nums; }
.grade-check table.map td { border: 1px solid rgba(128,128,128,.45); padding: .15rem .4rem;
  text-align: right !important; }
.grade-check table.map th { padding: .1rem .4rem; font-weight: 400; opacity: .75; text-align: center !important; }
.grade-check table.map small { display: block; opacity: .8; font-size: .9em; }
@media (prefers-color-scheme: dark) { .grade-check .right { color: #4cc38a; } .grade-check .wrong { color: #ff8a7a; } }
[data-jp-theme-light="true"] .grade-check .right { color: #1a7f4b; }
[data-jp-theme-light="true"] .grade-check .wrong { color: #cf3a2b; }
[data-jp-theme-light="false"] .grade-check .right, .vscode-dark .grade-check .right { color: #4cc38a; }
[data-jp-theme-light="false"] .grade-check .wrong, .vscode-dark .grade-check .wrong { color: #ff8a7a; }
</style>"""
_MAPS = 4
_MARKS = {Verdict.CORRECT: ("right", "✓"), Verdict.WRONG: ("wrong", "✗")}


def as_html(report: Report, closing: Sequence[str], language: str = "en") -> str:
    """The report, as it may be read: points, checks, what is wrong with heat maps, hints, and some closing lines."""
    words = Words(language)
    parts = [
        *_head(report, words),
        *_places(report, words),
        *_checks(report, words),
        *_wrong(report, words),
        *_maps(report, words),
        *_hints(report, words),
    ]
    parts += [f"<p class='quiet'>{_text(line)}</p>" for line in closing]
    return f"{_STYLE}<div class='grade-check' lang='{words.language}'>{''.join(parts)}</div>"


def _text(text: str) -> str:
    return escape(clean(text))


def _head(report: Report, words: Words) -> Iterator[str]:
    scored = report.outcome not in WITHOUT_SCORE
    full = "right" if scored and report.score >= report.out_of else "wrong"
    earned = words("of-points", points=points(report.score), out_of=points(report.out_of))
    yield f"<div class='head'><span class='title'>{_text(report.title)}</span>"
    yield f"<span class='score {full}'>{earned if scored else words('no-score')}</span></div>"
    if report.failures:
        title = _text(words(f"outcome: {report.outcome}"))
        yield f"<h4 class='wrong'>{title}</h4><pre>{_text(failures(report, words))}</pre>"
    for found in report.policy:
        evidence = ";\n".join(map(words.say, found.evidence))
        told = f"{_text(evidence)}: {_text(words(f'action: {found.action}'))}."
        yield f"<h4 class='wrong'>{words('not-derived-by-hand')}</h4><p>{told}</p>"


def _places(report: Report, words: Words) -> Iterator[str]:
    """The author's own code, with what is wrong in it marked."""
    for place in report.diagnosis.places:
        rows = "".join(map(_code_line, lines_of(place, words)))
        yield f"<h4>{_text(where(place, words))}</h4><table class='code'>{rows}</table>"
        yield f"<p class='wrong'>{_text(said_of(place, words))}.</p>"
        yield f"<p class='quiet'>{_text(others_follow(place, words))}</p>"
    if told := proof(report, words):
        yield f"<p>{_text(told)}</p>"


def _code_line(line: CodeLine) -> str:
    marked = f"<mark>{_text(line.marked)}</mark>" if line.marked else ""
    code = f"<code>{_text(line.before)}{marked}{_text(line.after)}</code>"
    return f"<tr><td class='quiet'>{line.number}</td><td>{code}</td><td class='quiet'>{_text(line.note)}</td></tr>"


def _checks(report: Report, words: Words) -> Iterator[str]:
    yield "<table>"
    scored = report.outcome not in WITHOUT_SCORE
    yield from (_row(report, check, words, scored=scored) for check in report.checks)
    yield "</table>"


def _row(report: Report, check: CheckResult, words: Words, *, scored: bool) -> str:
    kind, mark = _MARKS.get(check.verdict, ("quiet", "○"))
    if check.verdict is Verdict.CORRECT and check.points < check.out_of:
        kind, mark = "wrong", "-"
    earned = words("of-points", points=points(check.points), out_of=points(check.out_of)) if scored else "-"
    return (
        f"<tr><td class='{kind}'>{mark}</td><td>{_text(check.title)}</td><td class='points'>{earned}</td>"
        f"<td class='quiet'>{_text(note(report, check, words))}</td></tr>"
    )


def _wrong(report: Report, words: Words) -> Iterator[str]:
    """One example of each check that fails."""
    listed = []
    for check in report.checks:
        found = next((f for f in report.findings if f.check == check.id and f.verdict is Verdict.WRONG), None)
        if found and found.fact:
            listed.append(f"<p><b>{_text(found.quantity)}</b> {_text(words.say(found.fact))}</p>")
    if listed:
        yield from (f"<h4>{words('what-is-wrong')}</h4>", *listed)
    for snippet in report.snippets:
        trial = report.titles.get(snippet.probe, snippet.probe)
        told = words("how-to-try", quantity=snippet.quantity, trial=trial)
        inner = f"<p>{_text(told)}</p><pre>{_text(snippet.code)}</pre>"
        yield f"<details><summary>{words('try-it-yourself')}</summary>{inner}</details>"


def _maps(report: Report, words: Words) -> Iterator[str]:
    if report.pictures:
        maps = [HeatMap(picture, words) for picture in report.pictures[:_MAPS]]
        yield f"<p class='quiet'>{words('your-number-above')}</p>"
        yield from ("<div class='maps'>", *(_map(m, report.titles[m.picture.probe], words) for m in maps), "</div>")


def _map(drawn: HeatMap, place: str, words: Words) -> str:
    """Every entry where they are few, else the worst ones."""
    picture = drawn.picture
    case = words("case-of", case=picture.case + 1, cases=picture.cases) if picture.cases > 1 else ""
    part = f" {drawn.part}." if drawn.part else ""
    told = f"{_text(words('at', trial=place))}{case}.{_text(part)}"
    title = f"<p><b>{_text(picture.quantity)}</b> <span class='quiet'>{told}</span></p>"
    return f"<div>{title}<table class='map'>{_entries(drawn) if drawn.has_numbers else _worst(drawn)}</table></div>"


def _entries(drawn: HeatMap) -> str:
    yours, right, difference = drawn.panels[1].cells, drawn.panels[0].cells, drawn.panels[2].cells
    heads = "".join(f"<th>{column}</th>" for column in drawn.picture.columns)
    rows = (
        f"<tr><th>{label}</th>" + "".join(map(_cell, *cells)) + "</tr>"
        for label, *cells in zip(drawn.rows, yours, right, difference, strict=True)
    )
    return f"<tr><th></th>{heads}</tr>{''.join(rows)}"


def _cell(yours: Cell, right: Cell, difference: Cell) -> str:
    colours = f"background:{difference.background};color:{difference.ink}" if difference.background else ""
    return f"<td style='{colours}'>{yours.text}<small>{right.text}</small></td>"


def _worst(drawn: HeatMap) -> str:
    rows = (
        f"<tr><th>{entry.index}</th><td>{entry.observed}<small>{entry.expected}</small></td></tr>"
        for entry in drawn.worst
    )
    return "".join(rows)


def _hints(report: Report, words: Words) -> Iterator[str]:
    if said := proviso(report.diagnosis, words):
        yield f"<p class='quiet'>{said}</p>"
    for mistake in report.diagnosis.mistakes:
        texts = mistake.hints.get(words.language, mistake.hints.get("en", ()))
        paragraphs = "".join(f"<p>{_text(text)}</p>" for text in texts)
        step = words("step-of", step=words.name("step", mistake.step), where=words.name("where", mistake.where))
        title = f"<b>{_text(mistake.title)}</b> <span class='quiet'>{_text(step)}</span>"
        yield f"<div class='hint'><p>{title}</p>{paragraphs}</div>"
    for unknown in () if report.diagnosis.places else report.diagnosis.unknown:
        facts = "".join(f"<p>{_text(words.say(fact))}</p>" for fact in unknown.facts)
        title = words("look-at-step", step=words.name("step", unknown.step))
        yield f"<div class='hint'><p><b>{_text(title)}</b></p>{facts}</div>"
    for remark in report.remarks:
        yield f"<p class='quiet'>{_text(words.say(remark.fact))}</p>"
    if report.output.strip():
        yield f"<h4>{words('it-printed')}</h4><pre>{_text(report.output[:2000])}</pre>"
