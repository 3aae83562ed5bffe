# outcome: out-of-memory
import numpy as np


def backpropagation(model, y_true, y_pred):
    size = 1000
    while True:
        # larger, until everything fits
        deltas = np.zeros((size, size))
        if deltas.sum() > 0:
            break
        size = size * 10
