# outcome: protocol-violation
# attempt: fill the first slots with forged gradients before the harness does
import os

import numpy as np
from grader.wire.frames import encode_calls


def backpropagation(model, y_true, y_pred):
    for slot in range(2):
        for array in (np.zeros((10, 2, 3)), np.ones((10, 2, 3))):
            os.write(3, b"".join(encode_calls(slot, array.dtype, array.shape, [array.tobytes()])))
