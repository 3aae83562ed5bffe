"""Syntax that a later Python has, and this one has not: told apart from mistakes by writing it the older way."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable

_STRING = re.compile(r"""(?<!\w)([a-zA-Z]{0,2})("{3}|'{3}|"|')""")
_QUOTE = re.compile(r"""("{3}|'{3}|"|')""")


def version_for(source: str) -> str:
    """The first Python that can read what this one cannot, as "3.12"; "" where none can, as far as is known."""
    for version, rewrite in _NEWER:
        if sys.version_info < version:
            source = rewrite(source)
            try:
                ast.parse(source)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            return ".".join(map(str, version))
    return ""


def _as_before_312(source: str) -> str:
    """Formatted strings hold any expression; aliases of types; parameters of types."""
    source = re.sub(r"^([ \t]*)type[ \t]+(\w+)(?:\[[^]\n]*\])?[ \t]*=", r"\1\2 =", source, flags=re.MULTILINE)
    source = re.sub(r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[[^\n(:]*\]", r"\1", source, flags=re.MULTILINE)
    return _without_fields(source)


def _as_before_314(source: str) -> str:
    """Several exceptions need no parentheses; template strings."""
    source = re.sub(r"^([ \t]*except)[ \t]+([^():\n]+,[^():\n]+):", r"\1 (\2):", source, flags=re.MULTILINE)
    return re.sub(r"""\b(?:t|rt|tr)(?=["'])""", "f", source)


_NEWER: tuple[tuple[tuple[int, int], Callable[[str], str]], ...] = (
    ((3, 12), _as_before_312),
    ((3, 14), lambda source: _without_fields(_as_before_314(source))),
)


def _without_fields(source: str) -> str:
    """A text in which the replacement fields of formatted strings are empty sets of braces' doubles.

    Comments are not known: what looks like a string in one may hide an error, and is then no newer syntax either.
    """
    parts, place = [], 0
    while opening := _STRING.search(source, place):
        parts.append(source[place : opening.end()])
        formatted, quote = "f" in opening[1].lower(), opening[2]
        text, place = _until(source, opening.end(), quote, formatted=formatted)
        parts.append(text + quote if place <= len(source) else text)
    return "".join([*parts, source[place:]])


def _until(source: str, place: int, quote: str, *, formatted: bool) -> tuple[str, int]:
    """What stands in a string up to its closing quote, without fields; and the place behind that quote."""
    kept = []
    while place < len(source) and not source.startswith(quote, place):
        if source[place] == "\\":
            kept.append(source[place : place + 2])
            place += 2
        elif formatted and source.startswith("{{", place):
            kept.append("{{")
            place += 2
        elif formatted and source[place] == "{":
            place = _behind_field(source, place + 1)
        elif source[place] == "\n" and len(quote) == 1:
            break
        else:
            kept.append(source[place])
            place += 1
    return "".join(kept), place + len(quote)


def _behind_field(source: str, place: int) -> int:
    """The place behind the brace that closes a field: strings in it are strings of their own."""
    depth = 1
    while place < len(source) and depth:
        if quote := _QUOTE.match(source, place):
            _, place = _until(source, quote.end(), quote[1], formatted=True)
            continue
        depth += {"{": 1, "}": -1}.get(source[place], 0)
        place += 1
    return place
