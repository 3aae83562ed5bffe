"""Pictures of wrong arrays: what was expected, what was submitted, and the difference, in colours and numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from grader.records import Picture
from grader.words import Words

_WITH_NUMBERS = 64
_WIDE = 8
_WORST = 8
_ROUNDING = 1e-12
_STOPS = ((33, 102, 172), (146, 197, 222), (247, 247, 247), (244, 165, 130), (178, 24, 43))
"""ColorBrewer's RdBu, from blue for the negative through white to red: told apart with any colour vision."""

GRADIENT = "linear-gradient(to right, " + ", ".join(f"rgb{stop}" for stop in _STOPS) + ")"
"""The colours of a scale, as CSS."""


@dataclass(frozen=True)
class Cell:
    """One entry: how it is written, and its colours. `background` is empty for what is not finite."""

    text: str
    background: str
    ink: str


@dataclass(frozen=True)
class Panel:
    """One of the three arrays, as rows of cells, and the size of a number that has the strongest colour."""

    title: str
    scale: str
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class WorstEntry:
    """One of the worst entries, in words."""

    index: str
    expected: str
    observed: str
    difference: str


class HeatMap:
    """A picture, ready to be drawn."""

    def __init__(self, picture: Picture, words: Words) -> None:
        self.picture, self._words = picture, words
        self.has_numbers = len(picture.expected) <= _WITH_NUMBERS and len(picture.columns) <= _WIDE
        self.size = words("entries-by", sizes=words("by").join(str(length) for length in picture.shape))

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """The three arrays; the first two share the scale of what was expected, so that they can be compared."""
        expected, observed = self.picture.expected, self.picture.observed
        scale = _largest(expected) or _largest(observed)
        return (
            self._panel("expected", expected, scale),
            self._panel("submitted", observed, scale),
            self._panel("difference", self._difference, _largest(self._difference), _ROUNDING * scale),
        )

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """How the rows are called; a vector has one without a name."""
        if len(self.picture.shape) == 1:
            return ("",)
        return tuple(", ".join(map(str, _index(row, self.picture.shape[:-1]))) for row in self.picture.rows)

    @cached_property
    def part(self) -> str:
        """Which part of the array is shown, in words; empty where it is all of it."""
        some_rows = len(self.picture.rows) < math.prod(self.picture.shape[:-1])
        some_columns = len(self.picture.columns) < self.picture.shape[-1]
        rows = {"n": len(self.rows), "rows": "; ".join(self.rows)}
        columns = {"m": len(self.picture.columns), "columns": "; ".join(map(str, self.picture.columns))}
        if some_rows and some_columns:
            return self._words("shown-both", **rows, **columns)
        if some_rows:
            return self._words("shown-rows", **rows)
        return self._words("shown-columns", **columns) if some_columns else ""

    @cached_property
    def worst(self) -> tuple[WorstEntry, ...]:
        """The entries that are furthest off, the worst first."""
        width = len(self.picture.columns)
        arrays = (self.picture.expected, self.picture.observed, self._difference)
        order = sorted(range(len(self._difference)), key=lambda i: -abs(_or_infinite(self._difference[i])))
        return tuple(
            WorstEntry(
                f"[{', '.join(filter(None, (self.rows[i // width], str(self.picture.columns[i % width]))))}]",
                *(number(array[i], 4, self._words) for array in arrays),
            )
            for i in order[:_WORST]
        )

    @cached_property
    def _difference(self) -> tuple[float | None, ...]:
        pairs = zip(self.picture.expected, self.picture.observed, strict=True)
        return tuple(None if right is None or yours is None else yours - right for right, yours in pairs)

    def _panel(self, name: str, values: Sequence[float | None], scale: float, nothing: float = 0) -> Panel:
        """The panel; of what is smaller than `nothing`, and not 0, only that is told."""
        width = len(self.picture.columns)
        cells = [_cell(value, scale, self._words) for value in values]
        cells = [
            replace(cell, text="\N{ALMOST EQUAL TO}0") if value is not None and 0 < abs(value) < nothing else cell
            for cell, value in zip(cells, values, strict=True)
        ]
        rows = tuple(tuple(cells[start : start + width]) for start in range(0, len(cells), width))
        return Panel(self._words(f"panel: {name}"), number(scale, 3, self._words), rows)


def number(value: float | None, digits: int, words: Words) -> str:
    """With some digits, and a minus sign that is as wide as a plus."""
    if value is None or not math.isfinite(value):
        return words("not-finite")
    return f"{value:.{digits}g}".replace("-", "\N{MINUS SIGN}")


def _largest(values: Sequence[float | None]) -> float:
    return max((abs(value) for value in values if value is not None and math.isfinite(value)), default=0.0)


def _or_infinite(value: float | None) -> float:
    return math.inf if value is None else value


def _index(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index: list[int] = []
    for length in reversed(shape):
        flat, here = divmod(flat, length)
        index.insert(0, here)
    return tuple(index)


def _cell(value: float | None, scale: float, words: Words) -> Cell:
    if value is None or not math.isfinite(value):
        return Cell(number(value, 3, words), "", "")
    share = max(-1.0, min(1.0, value / scale)) if scale else 0.0
    colour = _between((share + 1) / 2)
    return Cell(number(value, 3, words), f"rgb{colour}", "#000" if _luminance(colour) > 0.179 else "#fff")


def _between(share: float) -> tuple[int, ...]:
    """The colour at a share, 0 to 1, of the way along the scale."""
    place = share * (len(_STOPS) - 1)
    left, right = list(pairwise(_STOPS))[min(int(place), len(_STOPS) - 2)]
    part = place - min(int(place), len(_STOPS) - 2)
    return tuple(round(a + part * (b - a)) for a, b in zip(left, right, strict=True))


def _luminance(colour: Sequence[int]) -> float:
    """Relative luminance as WCAG defines it; above 0.179 black is easier to read on it than white."""
    linear: Callable[[float], float] = lambda c: c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4  # noqa: E731
    red, green, blue = (linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
