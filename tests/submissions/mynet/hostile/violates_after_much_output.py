# outcome: too-much-output
# attempt: flood the output, and forge frames while being stopped for it
import os

from grader.wire.frames import encode_end, encode_outcome


def backpropagation(model, y_true, y_pred):
    for _ in range(400):
        os.write(1, b"x" * 65536)
    for probe in range(10):
        os.write(3, encode_outcome(probe, "returned"))
    os.write(3, encode_end())
