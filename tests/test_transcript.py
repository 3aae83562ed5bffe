"""What a submission's process says is believed only where an honest one could have said it."""

from __future__ import annotations

import numpy as np
import pytest

from grader.records import Outcome
from grader.sandbox.transcript import Transcript
from grader.wire.facts import Fact
from grader.wire.frames import LOADING, READING, encode_calls, encode_end, encode_note, encode_outcome
from tests.conftest import assignment_and_key
from tests.test_sandbox import job

READ, LOADED, END = encode_outcome(READING, "returned"), encode_outcome(LOADING, "returned"), encode_end()
UNREADABLE = encode_outcome(READING, "unreadable", Fact("called", {"text": "defines nothing"}))
EVIDENCE = b"".join(
    encode_calls(1, np.dtype("<i8"), (1,), [bytes(8)]) + encode_calls(3, np.dtype("<i8"), (1,), [bytes(8)])
)
DONE = EVIDENCE + encode_outcome(0, "returned") + encode_outcome(1, "returned")


def told(*frames, skip=()):
    """The run of a process that sent some frames and ended; of two probes, one quantity and one evidence each."""
    transcript = Transcript({n: [("dw", 1), ("nodes", 1)] for n in ("first", "second")}, ["nodes"], 1 << 20, skip)
    transcript.feed_frames(b"".join(frames))
    return transcript.result(0, 10.0, 0.1, 0.1)


def test_an_honest_process_is_believed():
    assert told(READ, LOADED, DONE, END).outcome is Outcome.RETURNED
    assert told(UNREADABLE, END).outcome is Outcome.UNREADABLE
    assert (
        told(READ, encode_outcome(LOADING, "raised", Fact("called", {"text": "NameError"})), END).outcome
        is Outcome.RAISED
    )
    skipped = told(READ, LOADED, encode_outcome(0, "not-run"), EVIDENCE, encode_outcome(1, "returned"), END, skip=[0])
    assert skipped.outcome is Outcome.RETURNED


@pytest.mark.parametrize(
    "frames",
    {
        "unreadable after it was read": [READ, UNREADABLE, END],
        "unreadable instead of loaded": [READ, encode_outcome(LOADING, "unreadable"), END],
        "unreadable after it was loaded": [READ, LOADED, UNREADABLE, END],
        "a probe is unreadable": [READ, LOADED, encode_outcome(0, "unreadable"), END],
        "numbers of what is unreadable": [UNREADABLE, DONE, END],
        "a note of what is unreadable": [UNREADABLE, encode_note(0, Fact("called", {"text": "a str"})), END],
        "loaded though it is unreadable": [UNREADABLE, LOADED, END],
        "never read": [LOADED, DONE, END],
        "read by something else": [encode_outcome(READING, "raised"), LOADED, DONE, END],
        "nothing but the end": [END],
        "not tried": [READ, LOADED, *(encode_outcome(n, "not-run") for n in (0, 1)), END],
        "one not tried": [READ, LOADED, EVIDENCE, encode_outcome(0, "returned"), encode_outcome(1, "not-run"), END],
    }.items(),
    ids=lambda case: case[0],
)
def test_no_other_process_is(frames):
    run = told(*frames[1])
    assert run.outcome is Outcome.PROTOCOL_VIOLATION
    assert {seen.outcome for seen in run.observations.values()} == {Outcome.PROTOCOL_VIOLATION}


def test_nothing_is_told_of_a_probe_that_is_skipped():
    assert told(READ, LOADED, DONE, END, skip=[0]).outcome is Outcome.PROTOCOL_VIOLATION


FORGES = """
import os, struct
HEADER = struct.Struct("<BHBBI4I")

class MSE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, yhat, y): os.abort()
    @staticmethod
    def backward(ctx, upstream): pass

class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, b):
        {what}
        os._exit(0)
    @staticmethod
    def backward(ctx, upstream): pass
"""


@pytest.mark.parametrize(
    "what",
    [
        "[os.write(3, HEADER.pack(3, n, 0, 0, 1, 0, 0, 0, 0, *[0] * 5) + bytes([5])) for n in range({first}, {probes})]\n"
        "        os.write(3, HEADER.pack(4, *[0] * 13))",
        "[os.write(3, HEADER.pack(3, n, 0, 0, 1, 0, 0, 0, 0, *[0] * 5) + bytes([5])) for n in range({first}, {probes})]",
        "os.abort()",
        "os.write(3, HEADER.pack(3, {first}, 0, 0, 1, 0, 0, 0, 0, *[0] * 5) + bytes([3]))",
    ],
    ids=["nothing was to be tried", "and no end", "another crash", "unreadable"],
)
def test_running_again_comes_to_an_end_whatever_the_file_says(graders, what):
    _, key = assignment_and_key("functions")
    first = next(number for number, probe in enumerate(key.probes) if probe.family == "linear")
    source = FORGES.replace("{what}", what.replace("{first}", str(first)).replace("{probes}", str(len(key.probes))))
    report = graders("functions")(source, seconds=5)
    assert report.score == 0
    assert report.outcome in (Outcome.CRASHED, Outcome.PROTOCOL_VIOLATION)


def test_a_file_that_cannot_be_read_says_so_before_it_runs(pool):
    assert pool.run(job("x = 1")).outcome is Outcome.UNREADABLE
    assert pool.run(job("backpropagation = 3")).outcome is Outcome.NOT_ATTEMPTED
