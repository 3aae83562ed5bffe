# outcome: protocol-violation
# attempt: send an array of a dtype that is not in the list
import os

from grader.wire.frames import HEADER


def backpropagation(model, y_true, y_pred):
    os.write(3, HEADER.pack(1, 0, 200, 1, 8, 1, 0, 0, 0, *[0] * 5) + b"\0" * 8)
