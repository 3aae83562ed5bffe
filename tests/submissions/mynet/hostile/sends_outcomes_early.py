# outcome: protocol-violation
# attempt: claim that all probes returned before the first one did
import os

from grader.wire.facts import Fact
from grader.wire.frames import encode_outcome


def backpropagation(model, y_true, y_pred):
    for probe in range(10):
        os.write(3, encode_outcome(probe, "returned", Fact("called", {"text": "10 / 10"})))
