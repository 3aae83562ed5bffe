# outcome: protocol-violation
# attempt: while being loaded, claim that loading returned, send the end, and exit with status 0
import os

from grader.wire.frames import LOADING, encode_end, encode_outcome

done = os.write(3, encode_outcome(LOADING, "returned") + encode_end())
left = os._exit(0)


def backpropagation(model, y_true, y_pred):
    return done, left
