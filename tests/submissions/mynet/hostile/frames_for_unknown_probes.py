# outcome: protocol-violation
# attempt: send an outcome for a probe that does not exist
import os

from grader.wire.frames import encode_outcome


def backpropagation(model, y_true, y_pred):
    os.write(3, encode_outcome(1000, "returned"))
