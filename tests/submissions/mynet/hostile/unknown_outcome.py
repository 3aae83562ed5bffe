# outcome: protocol-violation
# attempt: send an outcome that is none
import os

from grader.wire.frames import HEADER


def backpropagation(model, y_true, y_pred):
    os.write(3, HEADER.pack(3, 0, 0, 0, 1, 0, 0, 0, 0, *[0] * 5) + b"\xff")
