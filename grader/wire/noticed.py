"""What the untrusted side noticed about a file, as facts: which kinds there are, and how they cross the boundary.

A submission can forge them. So they are few, bounded, told as remarks, and never worth points.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from grader.wire.facts import Fact, Value

NOTICED = "noticed"
"""The name of the quantity that carries them."""
KINDS: Mapping[str, tuple[str, ...]] = {
    "refused": ("where", "line", "error"),
    "refused-newer": ("where", "line", "needs", "here"),
    "older-definition": ("name", "where", "line"),
    "stands-inside": ("name", "inside", "where", "line"),
    "stands-in-text": ("name", "where"),
    "stands-under-a-magic": ("name", "where", "magic"),
    "missing-module": ("module",),
    "data-served": ("loader", "rows", "columns"),
    "never-called": ("name", "where", "line"),
    "on-processor": (),
    "returned-in-another-order": ("call", "given", "wanted"),
    "wrong-on-batches": ("call", "names", "examples"),
    "reads-outside": ("call", "name", "parameters"),
    "given-is-changed": ("layer", "names"),
    "second-call-differs": ("layer", "names"),
}
"""Each kind, with the names of its values."""
_MOST, _LONGEST, _BYTES = 12, 200, 4000


def encode(facts: Iterable[Fact]) -> str:
    """Some facts as a text, as many as may be sent."""
    listed: list[Any] = []
    for fact in dict.fromkeys(map(_key, facts)):
        if len(listed) < _MOST and len(json.dumps([*listed, fact])) <= _BYTES:
            listed.append(fact)
    return json.dumps(listed)


def decode(text: str) -> tuple[Fact, ...]:
    """The facts of a text that anybody may have written; what is none is left out."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(_facts(listed)) if isinstance(listed, list) else ()


def _facts(listed: list[Any]) -> Iterator[Fact]:
    for item in listed[:_MOST]:
        kind, *values = item if isinstance(item, list) and item else [None]
        names = KINDS.get(kind) if isinstance(kind, str) else None
        if names is not None and len(names) == len(values) and all(isinstance(v, str | int) for v in values):
            yield Fact(str(kind), dict(zip(names, map(_bounded, values), strict=True)))


def _key(fact: Fact) -> tuple[Value, ...]:
    return (fact.kind, *(_bounded(fact.values[name]) for name in KINDS[fact.kind]))


def _bounded(value: Any) -> Value:
    if isinstance(value, int):
        return min(abs(value), 10**9)
    return " ".join("".join(c if c.isprintable() else " " for c in str(value)[:_LONGEST]).split())
