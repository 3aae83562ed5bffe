"""What is wrong with a command line, as a fact: click finds it, and has words in English alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import rich_click as click
from click.exceptions import BadOptionUsage, BadParameter, ClickException, MissingParameter, NoSuchOption, UsageError

from grader.wire.facts import Fact, Value


def misuse(error: ClickException) -> Fact:
    """What is wrong; in click's own words where it does not tell what kind of thing that is."""
    match error:
        case NoSuchOption():
            return Fact("usage: no-option", {"option": error.option_name, "near": tuple(error.possibilities or ())})
        case MissingParameter() if error.param:
            return Fact("usage: missing", {"name": _name(error.param)})
        case BadParameter() if error.param:
            return Fact("usage: bad", {"name": _name(error.param), "wanted": _wanted(error.param.type, error)})
        case BadOptionUsage():
            return Fact("usage: needs-value", {"option": error.option_name})
    if type(error) is UsageError:  # click raises it itself for this alone
        return Fact("usage: too-many-words", {"command": command_of(error)})
    return Fact("system-says", {"text": error.format_message()})


def command_of(error: ClickException) -> str:
    """The command whose line it is, without the program's name where that is unknown."""
    context = error.ctx if isinstance(error, UsageError) else None
    return context.command_path if context else "grade"


def language_of(arguments: Sequence[str], otherwise: str) -> str:
    """The language that a command line asks for, which may be too wrong to be taken apart."""
    asked = [value for name, value in pairwise(arguments) if name == "--language"]
    asked += [word.partition("=")[2] for word in arguments if word.startswith("--language=")]
    return asked[-1] if asked and asked[-1] in ("en", "fr") else otherwise


def _name(param: click.Parameter) -> str:
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.make_metavar(click.Context(_ANY))


_ANY = click.Command("grade")


def _wanted(kind: click.ParamType[Any], error: BadParameter) -> Fact:
    match kind:
        case click.Choice():
            return Fact("wanted: one-of", {"known": tuple(map(str, kind.choices))})
        case click.IntRange() | click.FloatRange():
            bounds: dict[str, Value] = {"least": _bound(kind.min), "most": _bound(kind.max)}
            return Fact("wanted: number", {**bounds, "whole": isinstance(kind, click.IntRange)})
    return Fact("system-says", {"text": error.message})


def _bound(number: float | None) -> str:
    return "" if number is None else f"{number:g}"
