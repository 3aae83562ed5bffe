"""What is seen of a batch: a bar while it runs, and one screen at its end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePath
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from grader.reports import clean, reading
from grader.reports.next_steps import ToLookAt
from grader.reports.terminal import points
from grader.wire.facts import Fact
from grader.words import Words

_BINS = 10
_MOST_MISSED = 5
_WIDEST = 160
_BARS = "▁▂▃▄▅▆▇█"
_BAR = 24
_SECONDS = 30
"""So often a line is printed where there is no terminal to draw a bar in."""


class Counts(Protocol):
    """What is told of a batch."""

    title: str
    out_of: float
    outcomes: Counter[str]
    scores: Counter[float]
    missed: Counter[str]
    graded: int
    kept: int
    same: int
    interrupted: bool
    need_attention: int
    attention: list[ToLookAt]


class _Rate(ProgressColumn):
    """Reports a second, of late."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


@contextmanager
def progress(console: Console, total: int, language: str = "en") -> Iterator[Callable[[Counts], None]]:
    """A bar in a terminal, else a line now and then; gives what is to be called after each report."""
    words = Words(language)
    columns = (BarColumn(_BAR), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        told = time.monotonic()

        def tell(counts: Counts) -> None:
            nonlocal told
            done = counts.outcomes.total()
            bar.update(task, completed=done, description=words("batch: look", n=counts.need_attention))
            if not console.is_terminal and time.monotonic() - told >= _SECONDS:
                told = time.monotonic()
                console.print(Text(words("batch: so-far", done=done, total=total)))

        yield tell


def render(counts: Counts, expected: int, place: str, language: str = "en") -> RenderableType:
    """The end of a batch, in one screen.

    Args:
        expected: how many submissions there are.
        place: the folder of the reports.
    """
    words = Words(language)
    done = counts.outcomes.total()
    lines: list[RenderableType] = [Text(words.title(counts.title), style="bold")]
    if counts.interrupted:
        lines.append(Text(words("batch: stopped", done=done, expected=expected), style="yellow"))
    outcomes = ", ".join(words(f"count: {outcome}", n=n) for outcome, n in counts.outcomes.most_common())
    lines.append(Text(words("batch: reports", n=done, outcomes=outcomes) if done else words("batch: none")))
    history = [("graded", counts.graded), ("kept", counts.kept), ("same", counts.same)]
    lines.append(Text(", ".join(words(f"history: {what}", n=n) for what, n in history if n), style="dim"))
    if counts.scores:
        lines += [Text(), *_distribution(counts, words)]
    if counts.missed:
        lines += [Text(), Text(words("batch: missed"), style="bold")]
        graded = counts.scores.total()
        lines += [
            Text(f"  {n / graded:4.0%}  {clean.clean(words.title(title))}")
            for title, n in counts.missed.most_common(_MOST_MISSED)
        ]
    if counts.need_attention:
        lines += [Text(), Text(words("batch: attention", n=counts.need_attention), style="yellow")]
        lines.append(_reasons(counts.attention, words))
        more = counts.need_attention - len(counts.attention)
        lines += [Text(f"  {words('batch: more', n=more)}")] if more else []
    lines += [Text(), Text(words("batch: where", place=place, table=not counts.interrupted))]
    return Group(*lines)


def _reasons(attention: Sequence[ToLookAt], words: Words) -> Table:
    """Who needs attention, and why: the first line of what is to be said, in two columns."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for student, _, _, data in attention:
        told = clean.first_line(words.say(_in_short(reading.fact(data))))
        told = told if len(told) <= _WIDEST else f"{told[: _WIDEST - 3]}..."
        table.add_row(Text(f"  {clean.name(student)}"), Text(told))
    return table


def _in_short(fact: Fact) -> Fact:
    """A fact without what the screen tells elsewhere: the folder of a file, and the command that settles it."""
    values = fact.values
    match fact.kind, values:
        case "not-clear", {"what": Fact() as what}:
            return what
        case "cannot-be-read", {"file": str(file)}:
            return replace(fact, values={**values, "file": PurePath(file).name})
        case "several-problems", {"problems": tuple(problems)}:
            short = tuple(_in_short(one) for one in problems if isinstance(one, Fact))
            return replace(fact, values={**values, "problems": short})
    return fact


def _distribution(counts: Counts, words: Words) -> Iterator[Text]:
    """Mean and median, and how many scores lie in each tenth."""
    total = counts.scores.total()
    mean = sum(score * number for score, number in counts.scores.items()) / total
    bins = [0] * (_BINS + 1)
    for score, number in counts.scores.items():
        bins[min(_BINS, int(_BINS * score / counts.out_of + 1e-9)) if counts.out_of else 0] += number
    high = max(bins)
    bars = "".join(_BARS[round((len(_BARS) - 1) * number / high)] if number else " " for number in bins)
    yield Text(
        words(
            "batch: scores",
            out_of=points(counts.out_of),
            mean=points(mean),
            median=points(_median(counts.scores)),
            full=bins[-1],
            nothing=counts.scores[0.0],
        )
    )
    yield Text(f"  0 {bars} {points(counts.out_of)}")


def _median(scores: Counter[float]) -> float:
    """The middle score; of two in the middle, the lower."""
    left = (scores.total() - 1) // 2
    for score in sorted(scores):
        left -= scores[score]
        if left < 0:
            return score
    return 0.0
