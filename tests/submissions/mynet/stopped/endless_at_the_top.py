# outcome: timed-out
import torch

step = 1.0
while 1.0 + step != 0.0:        # smallest step; meant to be != 1.0
    step = step / 2


def backpropagation(model, y_true, y_pred):
    model.dL_db[model.L] = (y_pred - y_true)[0] / step
