# outcome: timed-out
import re

import torch


def backpropagation(model, y_true, y_pred):
    # one call into C that takes for ever and cannot be interrupted
    re.match(r"(\w+\s?)*$", "dL_dw" * 12 + "!")
