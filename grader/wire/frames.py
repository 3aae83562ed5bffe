"""Frames that a submission's process sends up: bounded, binary, and decoded without trusting a single byte.

A frame is a fixed header, `kind u8, slot u16, dtype u8, ndim u8, length u32, 9 dimensions u32`, and `length` bytes:

    ARRAY    slot = one expected quantity of one probe    the entries, little endian, C order
    NOTE     slot = the same                              a fact: what was stored instead of an array
    OUTCOME  slot = number of a probe, READING, LOADING   one byte: index in OUTCOMES; then perhaps a fact about it
    END      slot = 0                                     nothing: the process got to its end

Facts are encoded by `told`. Used by both sides; imports nothing else of the program.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.wire import told
from grader.wire.facts import Fact

MAX_DIMENSIONS = 9
"""Axes of what is sent: the calls, and at most eight of a quantity."""
HEADER = struct.Struct(f"<BHBBI{MAX_DIMENSIONS}I")
_HEADER_SIZE = HEADER.size
DTYPES = ("<f8", "<f4", "<i8", "<i4", "|b1")
_NUMBERS = {np.dtype(name): number for number, name in enumerate(DTYPES)}
_SIZES = [np.dtype(name).itemsize for name in DTYPES]
_AS_SENT = [np.dtype("u1" if name == "|b1" else name) for name in DTYPES]
_TRUTH = DTYPES.index("|b1")
OUTCOMES = ("returned", "raised", "out-of-memory", "unreadable", "not-attempted", "not-run")
_PADDING = (0,) * MAX_DIMENSIONS
LOADING = 0xFFFF
"""The slot of an OUTCOME that concerns loading the submission, before any probe."""
READING = 0xFFFE
"""The slot of the first OUTCOME of all, sent before anything of the submission runs: it alone can be `unreadable`."""


def largest_array(expected: int) -> int:
    """The number of entries that may be sent where `expected` are wanted: enough to tell a wrong shape."""
    return 4 * expected + 64


class Kind(IntEnum):
    """What a frame carries."""

    ARRAY = 1
    NOTE = 2
    OUTCOME = 3
    END = 4


class ProtocolViolation(Exception):
    """The bytes are not what an honest process sends. The one exception that decoding raises."""


class Frame(NamedTuple):
    """A decoded frame: `array` for ARRAY, `outcome` and perhaps `fact` for OUTCOME, `fact` for NOTE."""

    kind: Kind
    slot: int
    array: NDArray[Any] | None = None
    fact: Fact | None = None
    outcome: str = ""


def encode_calls(slot: int, dtype: np.dtype[Any], shape: tuple[int, ...], calls: Sequence[bytes]) -> list[bytes]:
    """An ARRAY frame, in parts, from the entries of each call; `shape` has the number of calls in front.

    Raises:
        ValueError: there are more than 9 axes, or the dtype is not one of the five.
    """
    if dtype not in _NUMBERS or not 1 <= len(shape) <= MAX_DIMENSIONS:
        raise ValueError(f"an array of {dtype} with {len(shape)} dimensions cannot be sent")
    padding = _PADDING[: MAX_DIMENSIONS - len(shape)]
    length = sum(map(len, calls))
    return [HEADER.pack(Kind.ARRAY, slot, _NUMBERS[dtype], len(shape), length, *shape, *padding), *calls]


def encode_note(slot: int, fact: Fact) -> bytes:
    """A NOTE frame; what is long in it is cut."""
    return _encode_fact(Kind.NOTE, slot, b"", fact)


def encode_outcome(slot: int, outcome: str, fact: Fact | None = None) -> bytes:
    """An OUTCOME frame; what is long in it is cut."""
    return _encode_fact(Kind.OUTCOME, slot, bytes([OUTCOMES.index(outcome)]), fact)


def encode_end() -> bytes:
    """The END frame."""
    return HEADER.pack(Kind.END, 0, 0, 0, 0, *_PADDING)


def _encode_fact(kind: Kind, slot: int, prefix: bytes, fact: Fact | None) -> bytes:
    body = prefix + (told.encode(fact) if fact else b"")
    return HEADER.pack(kind, slot, 0, 0, len(body), *_PADDING) + body


@lru_cache(4096)
def _array(header: bytes, expected: int) -> tuple[int, tuple[int, ...], int]:
    """The dtype, shape and length that the header of an array tells, remembered: honest processes tell the same.

    Args:
        expected: the number of entries that the array should have; -1 where there is no such slot.
    """
    _, slot, dtype, ndim, length, *shape = HEADER.unpack(header)
    if expected < 0 or dtype >= len(DTYPES) or not 1 <= ndim <= MAX_DIMENSIONS:
        raise ProtocolViolation(f"an array frame with slot {slot}, dtype {dtype}, {ndim} dimensions")
    entries, limit = math.prod(shape[:ndim]), largest_array(expected)
    if any(shape[ndim:]) or max(shape) > limit or entries > limit:
        raise ProtocolViolation(f"an array of shape {shape} where {expected} entries are expected")
    if length != entries * _SIZES[dtype]:
        raise ProtocolViolation("the length of an array frame is not that of its entries")
    return dtype, tuple(shape[:ndim]), length


class Decoder:
    """Decodes a stream of frames as its bytes arrive; keeps at most one incomplete frame.

    Args:
        expected: the number of entries that the array of each slot should have.
        probes: the number of probes.
    """

    def __init__(self, expected: Sequence[int], probes: int) -> None:
        self._expected = expected
        self._limits: dict[int, int] = {Kind.NOTE: len(expected), Kind.OUTCOME: probes, Kind.END: 1}
        self._rest = bytearray()
        self._enough = 0
        self._seen: set[tuple[bool, int]] = set()
        self.ended = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes.

        Raises:
            ProtocolViolation: at the first byte that an honest process would not send.
        """
        if self._rest:
            self._rest += data
            if len(self._rest) < self._enough:
                return  # so that a frame that comes in a thousand pieces is not copied a thousand times
            data = bytes(self._rest)
        start, size, self._enough = 0, len(data), _HEADER_SIZE
        try:
            while size - start >= _HEADER_SIZE:
                kind, slot, dtype, shape, length = self._header(data[start : start + _HEADER_SIZE])
                body = start + _HEADER_SIZE
                if size < body + length:
                    self._enough = _HEADER_SIZE + length
                    return
                start = body + length
                yield self._frame(kind, slot, dtype, shape, data[body:start])
        finally:
            self._rest = bytearray(data[start:])
        if self.ended and self._rest:
            raise ProtocolViolation("data after the end")

    def _header(self, header: bytes) -> tuple[int, int, int, tuple[int, ...], int]:
        """Judge a header before its body is waited for, so that no forged size is ever reserved.

        Returns:
            Kind, slot, dtype, shape, and length.
        """
        if self.ended:
            raise ProtocolViolation("data after the end")
        if header[0] == Kind.ARRAY:
            slot = header[1] | header[2] << 8
            return Kind.ARRAY, slot, *_array(header, self._expected[slot] if slot < len(self._expected) else -1)
        kind, slot, dtype, ndim, length, *shape = HEADER.unpack(header)
        if dtype or ndim or any(shape):
            raise ProtocolViolation("a frame about a fact with a shape")
        if not (slot < self._limits.get(kind, 0) or (kind == Kind.OUTCOME and slot in (LOADING, READING))):
            raise ProtocolViolation(f"a frame of kind {kind} with slot {slot}")
        if length > (0 if kind == Kind.END else told.MAX_BYTES) or (kind == Kind.OUTCOME and length == 0):
            raise ProtocolViolation(f"a frame about a fact of {length} bytes")
        return kind, slot, 0, (), length

    def _frame(self, kind: int, slot: int, dtype: int, shape: Sequence[int], body: bytes) -> Frame:
        if kind == Kind.END:
            self.ended = True
            return Frame(Kind.END, slot)
        key = (kind == Kind.OUTCOME, slot)
        if key in self._seen:
            raise ProtocolViolation(f"slot {slot} is filled twice")
        self._seen.add(key)
        if kind == Kind.ARRAY:
            values = np.frombuffer(body, _AS_SENT[dtype]).reshape(shape)
            return Frame(Kind.ARRAY, slot, values != 0 if dtype == _TRUTH else values)
        if kind == Kind.NOTE:
            return Frame(Kind.NOTE, slot, fact=_fact(body))
        if body[0] >= len(OUTCOMES):
            raise ProtocolViolation(f"an unknown outcome {body[0]}")
        outcome = OUTCOMES[body[0]]
        if (slot == READING and outcome not in ("returned", "unreadable")) or (
            slot != READING and outcome == "unreadable"
        ):
            raise ProtocolViolation(f"the outcome {outcome} with slot {slot}")
        return Frame(Kind.OUTCOME, slot, fact=_fact(body[1:]) if len(body) > 1 else None, outcome=outcome)


def _fact(data: bytes) -> Fact:
    try:
        return told.decode(data)
    except told.Malformed as error:
        raise ProtocolViolation(str(error)) from error
