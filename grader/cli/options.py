"""Options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import rich_click as click
from click.types import StringParamType

from grader.cli.output import telling
from grader.errors import ToldError, told_in
from grader.wire.facts import Fact


class Number(click.FloatRange):
    """A number within bounds, with a point or a comma; NaN, which is neither below nor above any bound, is not one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number that `value` tells."""
        told: Any = value.replace(",", ".") if isinstance(value, str) else value
        number = super().convert(told, param, ctx)
        if math.isnan(number):
            raise ToldError(Fact("usage: number", {"option": _name(param), "text": str(value)}))
        return number


class Text(StringParamType):
    """Text; bytes that are none in UTF-8 are not taken for it."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, _: click.Context | None) -> str:
        """The text that `value` is."""
        text = str(value)
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ToldError(Fact("usage: text", {"option": _name(param)}))
        return text


def _name(param: click.Parameter | None) -> str:
    return max(param.opts, key=len) if param else ""


TEXT = Text()


def _see_that_it_is_long(_: click.Context, __: click.Parameter, seed: str | None) -> str | None:
    """Who has one report can try all short seeds until one draws the numbers in it, and then knows the hidden ones."""
    if seed and len(seed) < _LONG_ENOUGH:
        telling(of_the_locale())(Fact("seed: short", {"least": _LONG_ENOUGH}))
    return seed


_LONG_ENOUGH = 12

COURSE = click.option(
    "--course", type=click.Path(path_type=Path), metavar="DIR", help="Another folder with assignments/ and reference/."
)
AUDIENCE = click.option(
    "--audience",
    type=click.Choice(["instructor", "student"]),
    default="instructor",
    show_default=True,
    help="Who reads it: a student is told neither seed nor hidden numbers, and hints as far as the assignment allows.",
)


def of_the_locale() -> str:
    """The language of the user's locale, if there are words in it; else English."""
    told = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "fr" if told[:2].lower() == "fr" else "en"


_LANGUAGE = click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default=of_the_locale,
    show_default="that of your locale",
    help="The language of reports.",
)


def with_language(command: Callable[..., int]) -> Callable[..., int]:
    """The option `--language`, in which is told what stands in the way of the command, too."""

    @wraps(command)
    def told(*, language: str, **options: Any) -> int:
        with told_in(language):
            return command(language=language, **options)

    return _LANGUAGE(told)


EACH = click.option(
    "--each",
    type=click.Choice(["student", "class"]),
    help="What each PATH is: one student's, or a class; by default the majority of them decides.",
)
KEEP_WARM = click.option(
    "--keep-warm",
    is_flag=True,
    envvar="GRADE_KEEP_WARM",
    help="Leave a process behind that makes the next files quick; it ends after some minutes, or by `grade cool-down`.",
)
_GRADING = (
    click.option("--assignment", type=TEXT, metavar="SLUG", help="The assignment, where the file does not tell."),
    click.option(
        "--seed",
        type=TEXT,
        metavar="TEXT",
        callback=_see_that_it_is_long,
        help="Draws the probes; by default one that is drawn once and kept for you.",
    ),
    COURSE,
    click.option(
        "--limit-seconds",
        type=Number(0, 3600, min_open=True),
        metavar="S",
        help="Processor time that a submission may use.",
    ),
    click.option("--limit-memory", type=click.IntRange(32, 1 << 20), metavar="MB", help="Memory that it may use."),
    click.option(
        "--isolation", type=TEXT, metavar="LEVEL", help="Grade at this level; by default the strictest that can be had."
    ),
    click.option(
        "--allow-weak-isolation", is_flag=True, help="Also grade where files and network cannot be closed off."
    ),
)


def grading_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of every command that grades."""
    for option in reversed(_GRADING):
        command = option(command)
    return command
