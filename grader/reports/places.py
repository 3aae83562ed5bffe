"""The box that shows a wrong expression in its author's own code; each kind of report draws it in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.records import CheckResult, Place, Report, Verdict
from grader.wire.facts import Fact
from grader.words import Words


@dataclass(frozen=True)
class CodeLine:
    """A line of code: its number, its text before, in and after what is marked, and what is said beside it."""

    number: int
    before: str
    marked: str
    after: str
    note: str


def lines_of(place: Place, words: Words) -> Iterator[CodeLine]:
    """The lines around a place without the indentation that all of them have, and what is marked in them."""
    indent = min((len(text) - len(text.lstrip()) for _, text in place.lines if text.strip()), default=0)
    shown = [(number, text) for number, text in place.lines if text.strip()]
    for number, text in shown:
        start, end = len(text), len(text)
        if place.text and place.line <= number <= place.end_line:
            start = place.column if number == place.line else len(text) - len(text.lstrip())
            end = place.end_column if number == place.end_line else len(text)
        start, end = max(indent, start), max(indent, end)
        note = words("follows-from-line", line=place.line) if number in place.follows else ""
        yield CodeLine(number, text[indent:start], text[start:end], text[end:], note)


def drawn(place: Place, words: Words) -> Iterator[str]:
    """The lines with their numbers, and a line of carets below what is marked."""
    for line in lines_of(place, words):
        text = f"{line.number:>4} | {line.before}{line.marked}{line.after}"
        yield f"{text}    {line.note}" if line.note else text
        if line.marked.strip():
            yield f"     | {' ' * len(line.before)}{'^' * len(line.marked)}"


def said_of(place: Place, words: Words) -> str:
    """What is there and what belongs there, as far as the reader may know."""
    if place.is_ is None:
        return words("place-look")
    held = words.say(place.is_)
    if place.should_be is None:
        return words("place-is", held=held)
    relation = words.say(place.relation)
    return words("place-is-and-should-be", held=held, wanted=words.say(place.should_be), relation=relation)


def where(place: Place, words: Words) -> str:
    """The file, perhaps the cell, and the line."""
    return words("place-at", file=place.file, cell=place.cell, line=place.line)


def others_follow(place: Place, words: Words) -> str:
    """The lines that follow from it besides those that are shown; empty where there are none."""
    shown = {number for number, _ in place.lines}
    others = [number for number in place.follows if number not in shown]
    return words("lines-follow", n=len(others), lines=_ranges(others)) if others else ""


def _ranges(numbers: Sequence[int]) -> str:
    """As `7, 9-12`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)


def proof(report: Report, words: Words) -> str:
    """What was tried: that all comes right, or which outputs do."""
    places = report.diagnosis.places
    if not places:
        return ""
    if report.diagnosis.mended:
        begins = "" if all(place.begins_here for place in places) else f" {words('or-before')}"
        return words("tried", n=len(places)) + begins
    outputs = dict.fromkeys(name for place in places for name in place.mended)
    return words("tried-in-part", n=len(places), outputs=", ".join(outputs))


def origin(report: Report, check: CheckResult) -> Fact | None:
    """The line that a wrong check follows from, where all that is wrong with it comes right with one place."""
    if check.verdict is not Verdict.WRONG:
        return None
    wrong = {f.quantity for f in report.findings if f.check == check.id and f.verdict is Verdict.WRONG}
    for place in report.diagnosis.places:
        if wrong and wrong <= {*place.mended}:
            return Fact("follows-from-line" if place.follows else "see-line", {"line": place.line})
    return None
