# outcome: crashed
import os

import torch


def backpropagation(model, y_true, y_pred):
    os.abort()
