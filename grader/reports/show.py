"""What `grade show` adds to a report: the code, the attempts, what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.records import WITHOUT_SCORE
from grader.reports.clean import clean, name
from grader.reports.terminal import points
from grader.watch.reading.cells import UnreadableError, decode, notebook_sources
from grader.words import Words

_LONGEST = 400


def source(kept: tuple[bytes, bool] | None) -> list[str]:
    """The lines of a file that was kept, or of the code cells of a notebook; none where it cannot be read."""
    if kept is None:
        return []
    data, is_notebook = kept
    try:
        text = decode(data)
        if is_notebook:
            text = "\n\n".join(f"# In [{number}]\n{cell}" for number, (_, cell) in enumerate(notebook_sources(text), 1))
    except UnreadableError:
        return []
    return clean(text).splitlines()


def code(kept: tuple[bytes, bool] | None, language: str) -> RenderableType:
    """The code with numbers of lines."""
    words = Words(language)
    lines = source(kept)
    if not lines:
        return Text(words("show: no-code"), style="dim")
    width = len(str(len(lines)))
    shown = Text()
    for number, line in enumerate(lines[:_LONGEST], 1):
        shown.append(f"{number:>{width}}  ", style="dim")
        shown.append(f"{line}\n")
    if len(lines) > _LONGEST:
        shown.append(words("and-more"), style="dim")
    return shown


def history(
    attempts: Iterable[tuple[str, Mapping[str, Any]]],
    shown: str,
    decisions: Iterable[tuple[str, str, str, str, str]],
    language: str,
) -> RenderableType:
    """All attempts, and all that was decided on them.

    Args:
        attempts: name and report of each.
        decisions: when, who, what was said, how it stands, and the id of each.
    """
    words = Words(language)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title=words("attempts"), title_justify="left")
    for title in ("", words("report"), words("points"), words("file"), words("outcome")):
        table.add_column(title)
    for one, data in attempts:
        score = "-" if data["outcome"] in WITHOUT_SCORE else points(data["score"])
        own = data["submission"]
        table.add_row(
            ">" if one == shown else "",
            Text(name(one)),
            score,
            Text(name(own["file"])),
            words(f"outcome: {data['outcome']}"),
        )
    parts: list[RenderableType] = [Text(), table]
    listed = [
        Text(f"  {when[:16].replace('T', ' ')}  {name(who)}: {clean(what)}  ({words(f'state: {state}')}, {mark})")
        for when, who, what, state, mark in decisions
    ]
    if listed:
        parts += [Text(), Text(words("decided"), style="bold"), *listed]
    return Group(*parts)
