"""The facts that a submission's process may tell, as bytes: a number for the kind, then its values, all bounded.

What the process says is a claim of its own. It may say no other kinds than these, and all text in them is shown as a
quotation. Used by both sides; imports nothing else of the program but `facts`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from grader.wire.facts import Fact, Value

NAME, TEXT, COUNT, SHAPE, SHAPES, PLACES, ERRORS = "name", "text", "count", "shape", "shapes", "places", "errors"
_WANTED = {"functions": TEXT, "bases": TEXT}
SIGNATURES: Mapping[str, Mapping[str, str]] = {
    "is-nested-too-deeply": {},
    "is-not-json": {"error": TEXT},
    "has-no-list-of-cells": {},
    "has-no-code-cells": {},
    "holds-no-statement": {},
    "defines-none": _WANTED | {"own": TEXT},
    "defines-none-but-derives": _WANTED | {"own": TEXT, "name": NAME, "base": NAME, "module": NAME},
    "defines-none-stands-inside": _WANTED | {"name": NAME, "inside": NAME, "where": NAME, "line": COUNT},
    "defines-none-stands-in-text": _WANTED | {"name": NAME, "where": NAME},
    "defines-none-stands-under-a-magic": _WANTED | {"name": NAME, "where": NAME, "magic": NAME},
    "defined-only-where-run": {"name": NAME},
    "is-no-function": {"name": NAME, "type": NAME},
    "is-a-network": {"name": NAME, "layer": NAME},
    "forward-returns-nothing": {},
    "not-defined": {"name": NAME},
    "several-errors": {"errors": ERRORS},
    "raised": {"type": NAME, "text": TEXT, "places": PLACES},
    "raised-by-the-sandbox": {"type": NAME, "text": TEXT, "places": PLACES},
    "holds-a": {"type": NAME},
    "holds-an-array-of-shape": {"shape": SHAPE},
    "holds-something-in-some-calls": {"calls": COUNT, "of": COUNT},
    "holds-arrays-of-several-shapes": {"shapes": SHAPES},
    "holds-no-real-numbers": {"type": NAME},
    "holds-what-cannot-be-read": {"type": NAME, "error": NAME},
    "call-gives-another-count": {"call": NAME, "have": COUNT, "want": COUNT, "names": NAME},
    "call-has-no-attribute": {"name": NAME, "attribute": NAME},
    "call-has-no-entry": {"name": NAME, "key": NAME},
    "call-gives-something-else": {"call": NAME, "type": NAME, "names": NAME},
    "called": {"text": TEXT},
    "noticed": {"text": TEXT},
    "too-slow": {"milliseconds": COUNT},
    "has-another-shape": {"have": SHAPE, "want": SHAPE},
    "nothing-was-added": {"name": NAME},
    "one-number-was-added": {"name": NAME},
    "no-gradient-computed": {},
    "is-none": {},
    "backward-not-implemented": {},
    "backward-gives-nothing": {},
    "backward-gives-fewer": {"have": COUNT, "want": COUNT},
    "changes-after-another-forward": {},
    "dictionary-replaced": {"place": NAME, "type": NAME},
    "stored-under-a-text": {"key": COUNT},
    "put-into-grad-of-the-weight": {"place": NAME},
    "put-into-grad-of-the-bias": {"place": NAME},
    "returned-and-not-stored": {"place": NAME},
    "is-no-tensor": {"type": NAME},
    "returned-no-tensor": {},
    "gradient-raised": {"type": NAME, "text": TEXT},
    "gradient-stops": {},
    "gradient-does-not-reach-layer": {},
    "gradient-does-not-come-back": {"name": NAME},
    "gradient-is-another": {"name": NAME},
    "module-gives-truth-values": {},
    "module-gives-whole-numbers": {},
    "module-has-backward": {},
    "no-function-in-file": {},
    "not-by-way-of-function": {},
    "printing-failed": {"type": NAME, "text": TEXT},
}
"""What a process may tell: its kinds, in an order that both sides know, and their values."""
MAX_BYTES = 16384
_NAME, _TEXT, _SOURCE, _AXES, _SHAPES, _PLACES = 120, 6000, 400, 16, 8, 8
_ERRORS, _TEXT_OF_EACH = 8, 800
_KINDS = tuple(SIGNATURES)
_U8, _U16, _U32 = struct.Struct("<B"), struct.Struct("<H"), struct.Struct("<I")
Place = tuple[str, int, str, str]
"""Where code of a submission was: file or cell, line, function, the line itself."""


class Malformed(Exception):
    """The bytes are no fact that an honest process tells."""


def encode(fact: Fact) -> bytes:
    """A fact of one of the kinds above; what is too long in it is cut.

    Raises:
        KeyError: it is of another kind, or lacks a value.
    """
    parts = [_U8.pack(_KINDS.index(fact.kind)) if fact.kind in SIGNATURES else b""]
    parts += [_WRITERS[form](fact.values[name]) for name, form in SIGNATURES[fact.kind].items()]
    return b"".join(parts)


def decode(data: bytes) -> Fact:
    """The fact in some bytes, of which there are no more than `MAX_BYTES`.

    Raises:
        Malformed: there is none, or something follows it.
    """
    reader = _Reader(data)
    number = reader.number(_U8)
    if number >= len(_KINDS):
        raise Malformed(f"an unknown kind of fact, {number}")
    kind = _KINDS[number]
    fact = Fact(kind, {name: _READERS[form](reader) for name, form in SIGNATURES[kind].items()})
    if reader.at != len(data):
        raise Malformed("something follows a fact")
    return fact


def traceback_of(fact: Fact | None) -> str:
    """Errors as Python prints them: own lines, the innermost last, then type and text; empty for any other fact."""
    if fact is not None and fact.kind == "several-errors":
        return "\n".join(map(traceback_of, errors_of(fact)))
    if fact is None or fact.kind not in ("raised", "raised-by-the-sandbox"):
        return ""
    lines = [
        f"{where}, line {line}{f', in {function}' if function else ''}\n    {source}"
        for where, line, function, source in places_of(fact)
    ]
    kind, text = fact.values["type"], fact.values["text"]
    return "\n".join([*lines, f"{kind}: {text}" if kind else str(text)])


def places_of(fact: Fact) -> tuple[Place, ...]:
    """The lines of the submission that an error went through."""
    places: Any = fact.values.get("places", ())
    return tuple(tuple(place) for place in places)


def errors_of(fact: Fact) -> tuple[Fact, ...]:
    """Each of several errors."""
    errors: Any = fact.values.get("errors", ())
    return tuple(errors)


class _Reader:
    """Bytes, and how far they have been read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def number(self, form: struct.Struct, most: int = 2**32 - 1) -> int:
        """The next whole number."""
        return _bounded(int.from_bytes(self._take(form.size), "little"), most)

    def text(self, form: struct.Struct, most: int) -> str:
        """The next text, in UTF-8."""
        return self._take(self.number(form, most)).decode("utf-8", "replace")

    def _take(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self._data):
            raise Malformed("a fact that is cut off")
        return self._data[self.at - count : self.at]


def _bounded(number: int, most: int) -> int:
    if number > most:
        raise Malformed("a fact that is too long")
    return number


def _text(form: struct.Struct, value: object, most: int) -> bytes:
    data = str(value).encode("utf-8", "replace")[:most]
    return form.pack(len(data)) + data


def _count(value: object) -> bytes:
    return _U32.pack(min(int(str(value)), 2**32 - 1))


def _shape(value: Any) -> bytes:
    return _U8.pack(len(value[:_AXES])) + b"".join(map(_count, value[:_AXES]))


def _places(value: Any) -> bytes:
    parts = [_U8.pack(len(value[-_PLACES:]))]
    for where, line, function, source in value[-_PLACES:]:
        parts += [_text(_U8, where, _NAME), _count(line), _text(_U8, function, _NAME), _text(_U16, source, _SOURCE)]
    return b"".join(parts)


def _errors(errors: tuple[Fact, ...]) -> bytes:
    """Each with the last of its places, so that many fit."""
    parts = [_U8.pack(len(errors[:_ERRORS]))]
    for error in errors[:_ERRORS]:
        parts += [_text(_U8, error.values["type"], _NAME), _text(_U16, error.values["text"], _TEXT_OF_EACH)]
        parts.append(_places(places_of(error)[-1:]))
    return b"".join(parts)


_WRITERS: Mapping[str, Callable[[Any], bytes]] = {
    NAME: lambda value: _text(_U8, value, _NAME),
    TEXT: lambda value: _text(_U16, value, _TEXT),
    COUNT: _count,
    SHAPE: _shape,
    SHAPES: lambda value: _U8.pack(len(value[:_SHAPES])) + b"".join(map(_shape, value[:_SHAPES])),
    PLACES: _places,
    ERRORS: _errors,
}


def _read_shape(reader: _Reader) -> tuple[int, ...]:
    return tuple(reader.number(_U32) for _ in range(reader.number(_U8, _AXES)))


def _read_place(reader: _Reader) -> Place:
    where, line = reader.text(_U8, _NAME), reader.number(_U32)
    return where, line, reader.text(_U8, _NAME), reader.text(_U16, _SOURCE)


def _read_error(reader: _Reader) -> Fact:
    kind, text = reader.text(_U8, _NAME), reader.text(_U16, _TEXT_OF_EACH)
    places = tuple(_read_place(reader) for _ in range(reader.number(_U8, 1)))
    return Fact("raised", {"type": kind, "text": text, "places": places})


_READERS: Mapping[str, Callable[[_Reader], Value]] = {
    NAME: lambda reader: reader.text(_U8, _NAME),
    TEXT: lambda reader: reader.text(_U16, _TEXT),
    COUNT: lambda reader: reader.number(_U32),
    SHAPE: _read_shape,
    SHAPES: lambda reader: tuple(_read_shape(reader) for _ in range(reader.number(_U8, _SHAPES))),
    PLACES: lambda reader: tuple(_read_place(reader) for _ in range(reader.number(_U8, _PLACES))),
    ERRORS: lambda reader: tuple(_read_error(reader) for _ in range(reader.number(_U8, _ERRORS))),
}
