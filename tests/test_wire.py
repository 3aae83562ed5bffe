"""The wire format: what an honest process sends arrives, and nothing else gets through or does harm."""

from __future__ import annotations

import random
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.wire import told
from grader.wire.facts import Fact
from grader.wire.frames import (
    DTYPES,
    HEADER,
    LOADING,
    OUTCOMES,
    READING,
    Decoder,
    Kind,
    ProtocolViolation,
    encode_calls,
    encode_end,
    encode_note,
    encode_outcome,
)

SLOTS = [6, 3, 1]


def said(text: str) -> Fact:
    return Fact("called", {"text": text})


texts, names, counts = st.text(max_size=900), st.text(max_size=30), st.integers(0, 2**32 - 1)
VALUES = {
    told.TEXT: texts, told.NAME: names, told.COUNT: counts, told.SHAPE: st.lists(counts, max_size=16).map(tuple),
    told.SHAPES: st.lists(st.lists(counts, max_size=4).map(tuple), max_size=8).map(tuple),
    told.PLACES: st.lists(st.tuples(names, counts, names, st.text(max_size=90)), max_size=8).map(tuple),
}  # fmt: skip
VALUES[told.ERRORS] = st.lists(
    st.fixed_dictionaries(
        {"type": names, "text": st.text(max_size=90), "places": VALUES[told.PLACES].map(lambda p: p[:1])}
    ),
    max_size=8,
).map(lambda listed: tuple(Fact("raised", values) for values in listed))
FACTS = st.sampled_from(list(told.SIGNATURES)).flatmap(
    lambda kind: st.fixed_dictionaries({name: VALUES[form] for name, form in told.SIGNATURES[kind].items()}).map(
        lambda values: Fact(kind, values)
    )
)


@given(fact=FACTS)
def test_a_fact_arrives_as_it_was_told(fact):
    (frame,) = Decoder(SLOTS, 1).feed(encode_note(0, fact))
    assert frame.fact == fact


@given(fact=FACTS, more=st.binary(min_size=1, max_size=9))
def test_what_is_cut_off_or_follows_a_fact_is_refused(fact, more):
    data = told.encode(fact)
    for damaged in (data[:-1], data + more):
        with pytest.raises(told.Malformed):
            told.decode(damaged)


LONG = Fact(
    "raised", {"type": "x" * 9999, "text": "é" * 99999, "places": (("f" * 999, 2**40, "g" * 999, "s" * 9999),) * 99}
)


def test_what_is_long_in_a_fact_is_cut_to_what_a_frame_may_hold():
    (frame,) = Decoder(SLOTS, 1).feed(encode_outcome(0, "raised", LONG))
    assert len(told.encode(LONG)) < told.MAX_BYTES
    assert len(frame.fact.values["places"]) == 8


def test_every_number_that_is_no_kind_is_refused():
    for number in range(len(told.SIGNATURES), 256):
        with pytest.raises(told.Malformed):
            told.decode(bytes([number]) + bytes(20))


def array_frame(slot: int, array: np.ndarray) -> bytes:
    """An array as one call of several reported it."""
    return b"".join(encode_calls(slot, array.dtype, array.shape, [array.tobytes()]))


arrays = hnp.arrays(
    st.sampled_from([np.dtype(d) for d in DTYPES]), hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3)
).filter(lambda a: a.size <= 4 * 6 + 64)


@given(array=arrays)
def test_an_array_arrives_as_it_was_sent(array):
    (frame,) = Decoder(SLOTS, 1).feed(array_frame(0, array))
    assert frame.array.dtype == array.dtype
    assert frame.array.shape == array.shape
    assert frame.array.tobytes() == array.tobytes()


@given(text=st.text(), outcome=st.sampled_from(OUTCOMES), cut=st.integers(0, 60))
def test_frames_arrive_whole_in_whatever_pieces_the_bytes_come(text, outcome, cut):
    slot = READING if outcome == "unreadable" else LOADING
    stream = encode_note(1, said(text)) + encode_outcome(slot, outcome, said(text)) + encode_end()
    decoder = Decoder(SLOTS, 1)
    frames = [*decoder.feed(stream[:cut]), *decoder.feed(stream[cut:])]
    assert [frame.kind for frame in frames] == [Kind.NOTE, Kind.OUTCOME, Kind.END]
    assert frames[1].outcome == outcome
    assert decoder.ended


@settings(max_examples=2000)
@given(data=st.binary(max_size=200))
def test_garbage_raises_nothing_but_a_protocol_violation(data):
    try:
        list(Decoder(SLOTS, 2).feed(data))
    except ProtocolViolation:
        return


WHOLE = [
    array_frame(0, np.arange(6.0).reshape(1, 2, 3)), array_frame(1, np.zeros(3, np.float32)),
    encode_note(2, said("x")), encode_outcome(LOADING, "returned"), encode_outcome(0, "raised", said("ValueError")),
    encode_end(),
]  # fmt: skip


def test_200_000_frames_of_which_most_are_damaged_raise_nothing_but_violations_and_leave_no_memory_behind():
    """Honest frames in any order, with a few bytes changed, cut off or put in; derived from one fixed seed."""
    rng = random.Random(0)
    tracemalloc.start()
    refused, taken, before = 0, 0, 0
    for stream in range(50_000):
        if stream == 5_000:
            before = tracemalloc.get_traced_memory()[0]
        data = bytearray(b"".join(rng.choices(WHOLE, k=4)))
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(data))
            match rng.randrange(3):
                case 0:
                    data[at] = rng.randrange(256)
                case 1:
                    del data[at : at + rng.randrange(1, 8)]
                case 2:
                    data[at:at] = rng.randbytes(rng.randrange(1, 8))
        cut = rng.randrange(len(data))
        decoder = Decoder(SLOTS, 2)
        try:
            for part in (data[:cut], data[cut:]):
                taken += len(list(decoder.feed(bytes(part))))
        except ProtocolViolation:
            refused += 1
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert refused > 20_000
    assert taken > 5_000
    assert grown < 100_000


headers = st.tuples(
    st.integers(0, 6), st.integers(0, 4), st.integers(0, 6), st.integers(0, 6), st.integers(0, 300),
    *[st.integers(0, 5) | st.just(2**32 - 1)] * 9,
)  # fmt: skip


@settings(max_examples=2000)
@given(header=headers, body=st.binary(max_size=300))
def test_a_forged_header_raises_nothing_but_a_protocol_violation(header, body):
    try:
        list(Decoder(SLOTS, 2).feed(HEADER.pack(*header) + body))
    except ProtocolViolation:
        return


def forged(kind=Kind.ARRAY, slot=0, dtype=0, ndim=1, length=8, shape=(1, 0, 0, 0), body=bytes(8)):
    return HEADER.pack(kind, slot, dtype, ndim, length, *shape, *[0] * (9 - len(shape))) + body


@pytest.mark.parametrize(
    "data",
    [
        forged(length=2**32 - 1, shape=(2**29, 0, 0, 0)),
        forged(shape=(0, 2**32 - 1, 2**32 - 1, 2**32 - 1), ndim=4, length=0, body=b""),
        forged(length=16),
        forged(slot=3),
        forged(dtype=5),
        forged(ndim=10),
        forged(ndim=0, shape=(0, 0, 0, 0)),
        forged(shape=(1, 9, 0, 0)),
        forged(kind=Kind.NOTE, ndim=0, shape=(0, 0, 0, 0), length=told.MAX_BYTES + 1),
        forged(kind=Kind.OUTCOME, ndim=0, shape=(0, 0, 0, 0), length=0, body=b""),
        forged(kind=Kind.OUTCOME, ndim=0, shape=(0, 0, 0, 0), length=1, body=b"\xff"),
        forged(kind=Kind.OUTCOME, ndim=0, shape=(0, 0, 0, 0), length=1, body=b"\x00", slot=2),
        forged(kind=9, ndim=0, shape=(0, 0, 0, 0)),
        encode_note(0, said("x")) + encode_note(0, said("y")),
        array_frame(0, np.arange(6.0).reshape(1, 2, 3)) + array_frame(0, np.arange(6.0).reshape(1, 3, 2)),
        array_frame(0, np.arange(6.0).reshape(1, 2, 3)) * 2,
        encode_outcome(0, "returned") + encode_outcome(0, "returned"),
        encode_end() + encode_note(0, said("x")),
        encode_end() + b"\x00",
    ],
)
def test_what_no_honest_process_sends_is_refused(data):
    with pytest.raises(ProtocolViolation):
        list(Decoder(SLOTS, 2).feed(data))


def test_a_header_that_was_taken_before_is_refused_where_other_numbers_are_expected():
    frame = array_frame(0, np.zeros((1, 80)))
    assert len(list(Decoder([6], 1).feed(frame))) == 1
    for expected in ([3], []):
        with pytest.raises(ProtocolViolation):
            list(Decoder(expected, 1).feed(frame))
    assert len(list(Decoder([6], 1).feed(frame))) == 1


def test_a_forged_size_is_refused_before_its_body_is_waited_for():
    with pytest.raises(ProtocolViolation):
        list(Decoder(SLOTS, 1).feed(forged(length=2**31, shape=(2**28, 0, 0, 0), body=b"")))


def test_the_header_has_the_documented_layout():
    assert HEADER.size == struct.calcsize("<BHBBI9I") == 45


def test_an_array_that_the_parent_would_refuse_cannot_be_encoded():
    with pytest.raises(ValueError, match="cannot be sent"):
        array_frame(0, np.zeros(3, complex))
    with pytest.raises(ValueError, match="cannot be sent"):
        array_frame(0, np.zeros((1,) * 10))
