"""What is wrong with the contents of a YAML file, in words that say what to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

Location = tuple[str | int, ...]
_NUMBER = "write a number"
_WORDS = {
    "dict_type": "write a table, `{out: 1, dx: 2}` or a line for each key",
    "model_type": "write a table, a line for each key",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "greater_than_equal": "write 0 or more",
    "bool_type": "write `true` or `false`",
    "bool_parsing": "write `true` or `false`",
    "string_pattern_mismatch": "names have letters, digits and `_` alone, and do not begin with a digit",
}
"""Kinds of problems -> what to write."""


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
            meant = [f"write `{each}`, if you mean that; " for each in get_close_matches(str(key), known(section), 1)]
            return f"unknown key `{key}` {where}; {''.join(meant)}known are {', '.join(known(section))}"
        case "missing":
            return f"key `{key}` is missing {where}; write `{key}: ...` there"
        case "value_error":
            return str(error["ctx"]["error"])
    name = ".".join(str(part) for part in error["loc"] if part != "[key]") or "the file"
    match error["type"], error["input"]:
        case "string_type", dict() | list():
            return f"`{name}`: put it in quotes; without them YAML reads the `:` or `,` in it as a table or list"
        case "tuple_type", given:
            return f"`{name}`: write a list, `[{given}]`, or a line for each with `- ` before it"
        case "too_short", _:
            return f"`{name}` is empty; write one at least"
    if error["type"] in _WORDS:
        given = "it is empty" if error["input"] is None else f"not {error['input']!r}"
        return f"`{name}`: {_WORDS[error['type']]}, {given}"
    return f"`{name}`: {error['msg'][0].lower()}{error['msg'][1:]}, not {error['input']!r}"
