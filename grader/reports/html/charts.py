"""Charts as inline SVG, drawn by matplotlib: text stays text, and colours come from the style sheet of the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.errors import GraderError
from grader.records import Chart
from grader.reports.html.heat_map import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK = "#010203"
_SERIES = ("#010300", "#010301", "#010302", "#010303", "#010304", "#010305")
"""Colours that nothing else has: they are replaced by variables of the style sheet."""
_HUGE = 1e30
_DECADES = 1e3


@dataclass(frozen=True)
class Numbers:
    """One line of a chart in numbers, for those who cannot see it."""

    name: str
    count: int
    first: str
    last: str
    smallest: str
    largest: str


def numbers(chart: Chart) -> Iterator[Numbers]:
    """What each line or set of bars of a chart shows, observed and expected."""
    for series in chart.series:
        for suffix, values in (("", series.observed), (", expected", series.expected)):
            if values:
                known = [value for value in values if value is not None] or [None]
                ends = (values[0], values[-1])
                extremes = (min(known, key=_key), max(known, key=_key))
                yield Numbers(series.name + suffix, len(values), *(number(value) for value in (*ends, *extremes)))


def _key(value: float | None) -> float:
    return 0.0 if value is None else value


def draw(chart: Chart, name: str) -> str:
    """The chart as an SVG element.

    Args:
        name: begins every id in it; unique on the page.

    Raises:
        GraderError: matplotlib is not installed.
    """
    figure, axes = _figure()
    for place, series in enumerate(chart.series):
        colour = _SERIES[place % len(_SERIES)]
        _plot(axes, chart.kind, series.name, _floats(series.observed), colour, place, len(chart.series))
        if series.expected:
            expected = _floats(series.expected)
            _plot(axes, chart.kind, f"{series.name}, expected", expected, colour, place, len(chart.series), dashed=True)
    axes.set(xlabel=chart.x, ylabel=chart.y)
    shown = [v for s in chart.series for v in _floats(s.observed) + _floats(s.expected) if v == v]
    if chart.kind == "line" and shown and min(shown) > 0 and max(shown) > _DECADES * min(shown):
        axes.set_yscale("log")
    if len(chart.series) > 1 or any(series.expected for series in chart.series):
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, fontsize=9)
    return _svg(figure, name)


def draw_histogram(counts: Sequence[int], labels: Sequence[str], name: str) -> str:
    """How many have each score, as an SVG element."""
    figure, axes = _figure()
    axes.bar(range(len(counts)), counts, color=_SERIES[0], width=0.9)
    axes.set(xlabel="points", ylabel="reports", xticks=range(len(labels)))
    axes.set_xticklabels(labels, fontsize=8, rotation=45)
    axes.yaxis.get_major_locator().set_params(integer=True)
    return _svg(figure, name)


def _figure() -> tuple[Any, Axes]:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise GraderError("charts are drawn by matplotlib: pip install 'backprop-grader[pages]'") from error
    names = ("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "text.color")
    with rc_context({name: _INK for name in names} | {"text.parse_math": False, "font.size": 10}):
        figure = Figure(figsize=(6.4, 3.4), layout="constrained")
        axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    figure.patch.set_visible(False)
    axes.patch.set_visible(False)
    return figure, axes


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
        axes.bar(left, values, width, label=label, color="none" if dashed else colour, edgecolor=colour)
        axes.set_xticks(range(1, len(values) + 1))
    else:
        marker = "o" if len(values) == 1 else None
        axes.plot(values, label=label, color=colour, linestyle="--" if dashed else "-", linewidth=1.8, marker=marker)


def _floats(values: Sequence[float | None]) -> list[float]:
    """With gaps for what cannot be drawn."""
    return [value if value is not None and abs(value) < _HUGE else float("nan") for value in values]


def _svg(figure: Any, name: str) -> str:
    from matplotlib import rc_context

    written = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "text.parse_math": False}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    svg = re.sub(r"<metadata>.*?</metadata>", "", written.getvalue(), flags=re.DOTALL)
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = svg.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    svg = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true" focusable="false">', svg)
    svg = re.sub(r'style="font: [^;"]*;', 'style="', re.sub(r"font(-family)?: [^;\"]*('[^;\"]*)?", _font, svg))
    svg = svg.replace(_INK, "currentColor")
    for place, colour in enumerate(_SERIES):
        svg = svg.replace(colour, f"var(--series-{place})")
    return svg


def _font(style: re.Match[str]) -> str:
    """The size alone; the family is that of the page."""
    size = re.search(r"[\d.]+px", style[0])
    return f"font-size: {size[0]}" if size else ""
