# outcome: crashed
import ctypes

import torch


def backpropagation(model, y_true, y_pred):
    # reads the tensor through its address, which is wrong
    ctypes.string_at(0)
