"""What is seen of a batch: a bar while it runs, and one screen at its end."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from grader.records import WITHOUT_SCORE
from grader.reports import clean
from grader.reports.terminal import points

_BINS = 10
_MOST_MISSED = 5
_WIDEST = 160
_BARS = "▁▂▃▄▅▆▇█"


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
    unscored: list[tuple[str, str]]


class _Rate(ProgressColumn):
    """Reports a second, of late."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


@contextmanager
def progress(console: Console, total: int) -> Iterator[Callable[[Counts], None]]:
    """A bar, where the output is a terminal; gives what is to be called after each report."""
    columns = (BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)

        def tell(counts: Counts) -> None:
            bar.update(task, completed=counts.outcomes.total(), description=_outcomes(counts))

        yield tell


def render(counts: Counts, expected: int, place: str) -> RenderableType:
    """The end of a batch, in one screen.

    Args:
        expected: how many submissions there are.
        place: the folder of the reports.
    """
    done = counts.outcomes.total()
    lines = [Text(counts.title, style="bold")]
    if counts.interrupted:
        lines.append(Text(f"Stopped: {done} of {expected} have a report. The same command goes on.", style="yellow"))
    lines.append(Text(f"{_number(done, 'report')}: {_outcomes(counts)}" if done else "no report yet"))
    history = [(counts.graded, "graded"), (counts.kept, "as they were"), (counts.same, "same bytes as another")]
    lines.append(Text(", ".join(f"{number} {what}" for number, what in history if number), style="dim"))
    if counts.scores:
        lines += [Text(), *_distribution(counts)]
    if counts.missed:
        lines += [Text(), Text("Missed most often", style="bold")]
        graded = counts.scores.total()
        lines += [
            Text(f"  {n / graded:4.0%}  {clean.clean(title)}") for title, n in counts.missed.most_common(_MOST_MISSED)
        ]
    look = [outcome for outcome in WITHOUT_SCORE if counts.outcomes[outcome]]
    if look:
        names = " and ".join(look)
        lines += [Text(), Text(f"No score is given where a person must look: {names}.", style="yellow")]
        lines += [Text(f"  {_reason(name, message)}") for name, message in counts.unscored]
        more = sum(counts.outcomes[outcome] for outcome in look) - len(counts.unscored)
        lines += [Text(f"  and {more} more")] if more else []
    lines += [Text(), Text(f"{place}/json has the reports, {place}/gradebook.csv will have the table of all of them.")]
    if not counts.interrupted:
        lines[-1] = Text(f"{place}/json has the reports, {place}/gradebook.csv the table of all of them.")
    return Group(*lines)


def pages(place: str) -> Text:
    """The commands that write pages; `grade class` links to pages that are there."""
    folder = shlex.quote(place)
    commands = (
        f"grade report {folder} --html {folder}/pages",
        f"grade class {folder} --html {folder}/class.html",
        f"grade report {folder} --html {folder}/for-students --audience student",
    )
    intro = "As pages: of each report, of the class, and of each report as its student may read it:"
    return Text("\n  ".join((intro, *commands)))


def _reason(name: str, message: str) -> str:
    """Why somebody has no score, in one line."""
    told = f"{clean.name(name)}: {clean.clean(message)}"
    return told if len(told) <= _WIDEST else f"{told[: _WIDEST - 3]}..."


def _outcomes(counts: Counts) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in counts.outcomes.most_common())


def _distribution(counts: Counts) -> Iterator[Text]:
    """Mean and median, and how many scores lie in each tenth."""
    total = counts.scores.total()
    mean = sum(score * number for score, number in counts.scores.items()) / total
    bins = [0] * (_BINS + 1)
    for score, number in counts.scores.items():
        bins[int(_BINS * score / counts.out_of + 1e-9) if counts.out_of else 0] += number
    high = max(bins)
    bars = "".join(_BARS[round((len(_BARS) - 1) * number / high)] if number else " " for number in bins)
    yield Text(
        f"Scores out of {points(counts.out_of)}: mean {points(mean)}, median {points(_median(counts.scores))}, "
        f"full marks {bins[-1]}, nothing {counts.scores[0.0]}"
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


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" + "s" * (count != 1)
