"""Backpropagation of a tanh network: hand in this file."""

import torch


def backpropagation(model, y_true, y_pred):
    """Store dL/dW[l] in model.dL_dw[l] and dL/db[l] in model.dL_db[l], for l = 1 .. model.L."""
    with torch.no_grad():
        pass  # your derivation
