"""Charts as inline SVG, drawn by matplotlib: text stays text, and colours come from the style sheet of the page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.errors import ToldError
from grader.records import Chart
from grader.reports.html.heat_map import number
from grader.wire.facts import Fact
from grader.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK = "#010203"
_SERIES = ("#010300", "#010301", "#010302", "#010303", "#010304", "#010305")
"""Colours that nothing else has: they are replaced by variables of the style sheet."""
_HUGE = 1e30
_DECADES = 1e2


@dataclass(frozen=True)
class Numbers:
    """One line of a chart in numbers, for those who cannot see it."""

    name: str
    count: int
    first: str
    last: str
    smallest: str
    largest: str


def numbers(chart: Chart, words: Words) -> Iterator[Numbers]:
    """What each line or set of bars of a chart shows, observed and expected."""
    for series in chart.series:
        expected = words("series-expected", name=series.name)
        for name, values in ((series.name, series.observed), (expected, series.expected)):
            if values:
                known: list[float | None] = [value for value in values if value is not None] or [None]
                ends = (values[0], values[-1])
                extremes = (min(known, key=_key), max(known, key=_key))
                told = (number(value, 4, words) for value in (*ends, *extremes))
                yield Numbers(name, len(values), *told)


def _key(value: float | None) -> float:
    return 0.0 if value is None else value


def is_whole(chart: Chart) -> bool:
    """Whether every number of a chart can be drawn."""
    return all(value is not None and abs(value) < _HUGE for s in chart.series for value in (*s.observed, *s.expected))


def draw(chart: Chart, name: str, words: Words) -> str:
    """The chart as an SVG element.

    Args:
        name: begins every id in it; unique on the page.

    Raises:
        GraderError: matplotlib is not installed.
    """

    def plot(axes: Axes) -> None:
        count = len(chart.series)
        for place, series in enumerate(chart.series):
            colour = _SERIES[place % len(_SERIES)]
            _plot(axes, chart.kind, series.name, _floats(series.observed), colour, place, count)
            if series.expected:
                label = "" if any(earlier.expected for earlier in chart.series[:place]) else words("expected")
                _plot(axes, chart.kind, label, _floats(series.expected), colour, place, count, dashed=True)
        axes.set(xlabel=chart.x, ylabel=chart.y)
        shown = [v for s in chart.series for v in _floats(s.observed) + _floats(s.expected) if v == v]
        if chart.kind == "line" and shown and min(shown) > 0 and max(shown) > _DECADES * min(shown):
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("")

    return _drawn(plot, name, legend=len(chart.series) > 1 or any(series.expected for series in chart.series))


def draw_histogram(counts: Sequence[int], labels: Sequence[str], name: str, words: Words) -> str:
    """How many have each score, as an SVG element."""

    def plot(axes: Axes) -> None:
        axes.bar(range(len(counts)), counts, color=_SERIES[0], width=0.9)
        axes.set(xlabel=words("points"), ylabel=words("reports"), xticks=range(len(labels)))
        axes.set_xticklabels(labels, rotation=45, ha="right", rotation_mode="anchor")
        axes.locator_params(axis="y", integer=True)

    return _drawn(plot, name)


def _drawn(plot: Callable[[Axes], None], name: str, *, legend: bool = False) -> str:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ToldError(Fact("needs-part", {"what": "grade class", "module": "matplotlib", "part": "pages"})) from error
    coloured = ("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "text.color")
    style: dict[Any, Any] = dict.fromkeys(coloured, _INK) | {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.size": 11,
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "text.parse_math": False,
    }
    written = io.StringIO()
    with rc_context(style):
        figure = Figure(figsize=(4.8, 3.1), layout="constrained", frameon=False)
        axes = figure.add_subplot(frameon=True, facecolor="none")
        plot(axes)
        if legend:
            figure.legend(frameon=False, loc="outside upper left", ncols=2, fontsize=10)
        figure.savefig(written, format="svg", metadata={"Date": None}, transparent=True)
    return _inline(written.getvalue(), name)


def _plot(
    axes: Axes,
    kind: str,
    label: str,
    values: list[float],
    colour: str,
    place: int,
    of: int,
    *,
    dashed: bool = False,
) -> None:
    if kind == "bars":
        width = 0.8 / (2 * of)
        left = [i + 1 - 0.4 + width * (2 * place + dashed + 0.5) for i in range(len(values))]
        axes.bar(
            left, values, width, label=label, color="none" if dashed else colour, edgecolor=_INK if dashed else colour
        )
        axes.set_xticks(range(1, len(values) + 1))
    else:
        marker = "o" if len(values) == 1 else None
        axes.locator_params(axis="x", integer=True)
        look: dict[str, Any] = (
            {"color": _INK, "linestyle": "--", "linewidth": 1} if dashed else {"color": colour, "linewidth": 2.5}
        )
        axes.plot(values, label=label, marker=marker, **look)


def _floats(values: Sequence[float | None]) -> list[float]:
    """With gaps for what cannot be drawn."""
    return [value if value is not None and abs(value) < _HUGE else float("nan") for value in values]


def _inline(svg: str, name: str) -> str:
    """The file as an element of a page: ids that are its own, and looks that come from the style sheet."""
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true" focusable="false">', svg)
    svg = re.sub(r'\bid="', f'id="{name}-', svg).replace("url(#", f"url(#{name}-")
    svg = svg.replace('xlink:href="#', f'href="#{name}-')
    svg = re.sub(r"""(?<=style=")font: (?:[^;"]* )?([\d.]+px)[^;"]*""", r"font-size: \1", svg)
    svg = svg.replace(_INK, "currentColor")
    for place, colour in enumerate(_SERIES):
        svg = svg.replace(colour, f"var(--series-{place})")
    return svg
