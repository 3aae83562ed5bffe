"""What is wrong with the contents of a YAML file, in words that say what to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Location = tuple[str | int, ...]


def told(errors: Sequence[Any], known: Callable[[Sequence[str | int]], list[str]]) -> Iterator[tuple[Location, str]]:
    """Where each problem is, and what it is.

    Args:
        errors: as pydantic lists them.
        known: the keys of the section that a path of keys leads to.
    """
    for error in errors:
        if not _follows(error, errors):
            yield error["loc"], _problem(error, known)


def _follows(error: Any, others: Sequence[Any]) -> bool:
    """Whether a list is only empty because nothing in it can be used."""
    own = error["loc"]
    return error["type"] == "too_short" and any(e["loc"][: len(own)] == own and e["loc"] != own for e in others)


def _problem(error: Any, known: Callable[[Sequence[str | int]], list[str]]) -> str:
    *section, key = error["loc"] or ("the file",)
    where = f"in `{'.'.join(str(part) for part in section)}`" if section else "at the top level"
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key `{key}` {where}; known are {', '.join(known(section))}"
        case "missing":
            return f"key `{key}` is missing {where}"
        case "value_error":
            return str(error["ctx"]["error"])
    name = ".".join(str(part) for part in error["loc"]) or "the file"
    match error["type"], error["input"]:
        case "string_type", dict() | list():
            return f"`{name}`: put it in quotes; without them YAML reads the `:` or `,` in it as a table or list"
        case "tuple_type", given:
            return f"`{name}`: write a list, `[{given}]`, or a line for each with `- ` before it"
        case "too_short", _:
            return f"`{name}` is empty; write one at least"
    return f"`{name}`: {error['msg'][0].lower()}{error['msg'][1:]}, not {error['input']!r}"
