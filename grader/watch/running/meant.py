"""Of several classes that may be an entry point, the one that was meant: the one that does what is asked.

Names choose first. Where what they have chosen does not do all that is asked, the others are looked at. The exercise
tells how right each is: it knows the statement and no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from grader.watch.running.limits import EndOfTime, Waiting, alarm, patience
from grader.watch.running.silence import Silence

HowRight = Callable[[str, Mapping[str, Any], Any], float]
"""Of an entry point, by its name, what else was found, and a class that may be it: from 0, it fails, to 1."""

_SECONDS = 0.5
"""How long a class may compute, and how long it may wait, until it is given up."""
_MOST = 8


def nobody_knows(_: str, __: Mapping[str, Any], ___: Any) -> float:
    """How right anything is where the exercise does not tell: names alone choose."""
    return 0.0


def most_right(chosen: Any, others: Iterable[Callable[[], Any]], how_right: Callable[[Any], float]) -> Any:
    """What was chosen by its name, or the first of the others that does more of what is asked; None where none does.

    Args:
        others: each makes a class, or raises.
    """
    best, most = chosen, -1.0
    for _, make in zip(range(_MOST), others, strict=False):
        if most < 0:
            most = _rated(lambda: chosen, how_right)[1] if chosen is not None else 0.0
        if most >= 1:
            break
        value, rating = _rated(make, how_right)
        if rating > most:
            best, most = value, rating
    return best


def _rated(make: Callable[[], Any], how_right: Callable[[Any], float]) -> tuple[Any, float]:
    silence = Silence()
    try:
        with redirect_stdout(silence), redirect_stderr(silence), patience(_SECONDS, Waiting()), alarm(_SECONDS):
            value = make()
            return value, how_right(value)
    except MemoryError:
        raise
    except (Exception, SystemExit, EndOfTime):
        return None, 0.0
