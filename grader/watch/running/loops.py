"""End the loops of a script that have trained for long enough, as if their bounds had been smaller."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

EACH, BEGIN = "__grader_each__", "__grader_begin__"
"""What a rewritten script calls: `for x in EACH(xs)`, and `BEGIN()` before a `while`."""


class Loop:
    """One execution of one loop, asked before each iteration whether to go on."""

    def __init__(self, watch: LoopWatch) -> None:
        self._watch = watch
        self._before: object = None
        self._last: object = None
        watch.stack.append(self)

    def goes_on(self) -> bool:
        """False once two iterations in a row trained the same parameters, and these have had enough of it."""
        before, self._before, self._watch.trained = self._before, self._watch.trained, None
        self._last = self._before or self._last
        return self._before is None or self._before is not before or not self._watch.enough(self._before)

    def end(self) -> None:
        """The loop is left; what was trained within it was trained within the loop around it."""
        if self in self._watch.stack:
            del self._watch.stack[self._watch.stack.index(self) :]
        self._watch.trained = self._watch.trained or self._last


class LoopWatch:
    """The loops that are being run, outermost first; `trained` is what was trained since a loop last asked."""

    def __init__(self, enough: Callable[[Any], bool]) -> None:
        self.enough = enough
        self.stack: list[Loop] = []
        self.trained: object = None

    def begin(self) -> Loop:
        """A `while` starts."""
        return Loop(self)

    def each(self, values: Iterable[Any]) -> Iterator[Any]:
        """A `for` over `values`."""
        iterator, loop = iter(values), Loop(self)
        try:
            while loop.goes_on():
                try:
                    value = next(iterator)
                except StopIteration:
                    return
                yield value
        finally:
            loop.end()
