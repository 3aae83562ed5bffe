"""Frames that a submission's process sends up: bounded, binary, and decoded without trusting a single byte.

A frame is a fixed header, `kind u8, slot u16, dtype u8, ndim u8, length u32, 4 dimensions u32`, and `length` bytes:

    ARRAY    slot = one expected quantity of one probe    the entries, little endian, C order
    NOTE     slot = the same                              what was stored instead of an array, UTF-8
    OUTCOME  slot = number of a probe, or LOADING         one byte: index in OUTCOMES; then a message, UTF-8
    END      slot = 0                                     nothing: the process got to its end

Used by both sides; imports nothing else of the program.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = struct.Struct("<BHBBI4I")
DTYPES = ("<f8", "<f4", "<i8", "<i4", "|b1")
OUTCOMES = ("returned", "raised", "out-of-memory", "unreadable", "not-attempted", "not-run")
MAX_DIMENSIONS = 4
MAX_TEXT = 8192
LOADING = 0xFFFF
"""The slot of an OUTCOME that concerns reading and loading the submission, before any probe."""


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


@dataclass(frozen=True)
class Frame:
    """A decoded frame: `array` for ARRAY, `outcome` and `text` for OUTCOME, `text` for NOTE."""

    kind: Kind
    slot: int
    array: NDArray[Any] | None = None
    text: str = ""
    outcome: str = ""


def encode_array(slot: int, array: NDArray[Any]) -> bytes:
    """An ARRAY frame; the first axis of the array are the calls.

    Raises:
        ValueError: the array has no axis or more than 4, or a dtype that is not one of the five.
    """
    wanted = array.dtype.newbyteorder("<").str
    if wanted not in DTYPES or not 1 <= array.ndim <= MAX_DIMENSIONS:
        raise ValueError(f"an array of {array.dtype} with {array.ndim} dimensions cannot be sent")
    body = np.ascontiguousarray(array, dtype=wanted).tobytes()
    shape = (*array.shape, *(0,) * (MAX_DIMENSIONS - array.ndim))
    return HEADER.pack(Kind.ARRAY, slot, DTYPES.index(wanted), array.ndim, len(body), *shape) + body


def encode_note(slot: int, text: str) -> bytes:
    """A NOTE frame; a long text is cut."""
    return _encode_text(Kind.NOTE, slot, b"", text)


def encode_outcome(slot: int, outcome: str, message: str = "") -> bytes:
    """An OUTCOME frame; a long message is cut."""
    return _encode_text(Kind.OUTCOME, slot, bytes([OUTCOMES.index(outcome)]), message)


def encode_end() -> bytes:
    """The END frame."""
    return HEADER.pack(Kind.END, 0, 0, 0, 0, 0, 0, 0, 0)


def _encode_text(kind: Kind, slot: int, prefix: bytes, text: str) -> bytes:
    body = prefix + text.encode("utf-8", "replace")[: MAX_TEXT - len(prefix)]
    return HEADER.pack(kind, slot, 0, 0, len(body), 0, 0, 0, 0) + body


class Decoder:
    """Decodes a stream of frames as its bytes arrive; keeps at most one incomplete frame.

    Args:
        expected: the number of entries that the array of each slot should have.
        probes: the number of probes.
    """

    def __init__(self, expected: Sequence[int], probes: int) -> None:
        self._expected = expected
        self._probes = probes
        self._buffer = bytearray()
        self._seen: set[tuple[bool, int]] = set()
        self.ended = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes.

        Raises:
            ProtocolViolation: at the first byte that an honest process would not send.
        """
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            fields = HEADER.unpack_from(self._buffer)
            kind, slot, dtype, ndim, length = fields[:5]
            self._admit(kind, slot, dtype, ndim, length, fields[5:])
            if len(self._buffer) < HEADER.size + length:
                return
            body = bytes(self._buffer[HEADER.size : HEADER.size + length])
            del self._buffer[: HEADER.size + length]
            yield self._frame(Kind(kind), slot, dtype, fields[5 : 5 + ndim], body)
        if self.ended and self._buffer:
            raise ProtocolViolation("data after the end")

    def _admit(self, kind: int, slot: int, dtype: int, ndim: int, length: int, shape: tuple[int, ...]) -> None:
        """Judge a header before its body is waited for, so that no forged size is ever reserved."""
        if self.ended:
            raise ProtocolViolation("data after the end")
        if kind == Kind.ARRAY:
            if slot >= len(self._expected) or dtype >= len(DTYPES) or not 1 <= ndim <= MAX_DIMENSIONS:
                raise ProtocolViolation(f"an array frame with slot {slot}, dtype {dtype}, {ndim} dimensions")
            entries, limit = math.prod(shape[:ndim]), largest_array(self._expected[slot])
            if any(shape[ndim:]) or any(n > limit for n in shape) or entries > limit:
                raise ProtocolViolation(f"an array of shape {shape} where {self._expected[slot]} entries are expected")
            if length != entries * np.dtype(DTYPES[dtype]).itemsize:
                raise ProtocolViolation("the length of an array frame is not that of its entries")
            return
        if dtype or ndim or any(shape):
            raise ProtocolViolation("a text frame with a shape")
        limits = {Kind.NOTE: len(self._expected), Kind.OUTCOME: self._probes, Kind.END: 1}
        if kind not in limits or not (slot < limits[Kind(kind)] or (kind == Kind.OUTCOME and slot == LOADING)):
            raise ProtocolViolation(f"a frame of kind {kind} with slot {slot}")
        if length > (0 if kind == Kind.END else MAX_TEXT) or (kind == Kind.OUTCOME and length == 0):
            raise ProtocolViolation(f"a text frame of {length} bytes")

    def _frame(self, kind: Kind, slot: int, dtype: int, shape: tuple[int, ...], body: bytes) -> Frame:
        if kind == Kind.END:
            self.ended = True
            return Frame(kind, slot)
        key = (kind == Kind.OUTCOME, slot)
        if key in self._seen:
            raise ProtocolViolation(f"slot {slot} is filled twice")
        self._seen.add(key)
        if kind == Kind.ARRAY:
            values = np.frombuffer(body, np.uint8 if DTYPES[dtype] == "|b1" else DTYPES[dtype])
            array = values != 0 if DTYPES[dtype] == "|b1" else values
            return Frame(kind, slot, array=array.reshape(shape))
        if kind == Kind.NOTE:
            return Frame(kind, slot, text=body.decode("utf-8", "replace"))
        if body[0] >= len(OUTCOMES):
            raise ProtocolViolation(f"an unknown outcome {body[0]}")
        return Frame(kind, slot, text=body[1:].decode("utf-8", "replace"), outcome=OUTCOMES[body[0]])
