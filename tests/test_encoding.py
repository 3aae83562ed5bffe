"""What the sandbox makes of the values that a submission stored, before they are sent."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader.sandbox.inside.encoding import Recorder
from grader.wire.frames import Decoder, Frame


def sent(*values) -> Frame:
    """The frame about one quantity that was reported in several calls."""
    recorder = Recorder()
    for value in values:
        recorder.report("q", value)
    (frame,) = Decoder([4], 1).feed(b"".join(recorder.frames([(0, "q", 4)])))
    return frame


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ((np.array([0]), np.array([0.5])), "f8"),
        ((np.array([0]), np.array([0.5], np.float32)), "f4"),
        ((np.array([True]), np.array([0.5])), "f8"),
        ((np.array([0.25]), np.array([0.5], np.float32)), "f4"),
        ((np.array([True]), np.array([2**40])), "i8"),
        ((np.array([1], np.int32), np.array([2**40])), "i8"),
    ],
)
@pytest.mark.parametrize("turn", [1, -1])
def test_calls_that_store_several_dtypes_keep_their_values(values, dtype, turn):
    frame = sent(*values[::turn])
    assert frame.array.dtype == dtype
    assert np.array_equal(frame.array, np.array(values[::turn], float))


def test_a_tensor_that_is_kept_as_its_own_negative_is_read():
    z = torch.complex(torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([3.0, 4.0], dtype=torch.float64))
    assert z.conj().imag.is_neg()
    assert sent(z.conj().imag).array.tolist() == [[-3.0, -4.0]]
