"""Rétropropagation avec une table de dérivées."""

import torch

DERIVATIVES = {}


def tanh_prime(z):
    return 1 - torch.tanh(z) ** 2


for name, derivative in zip(("tanh", "zero"), (tanh_prime, torch.zeros_like)):
    DERIVATIVES[name] = derivative

NAMES, DERIVATIVES["one"] = sorted(DERIVATIVES), torch.ones_like


def backpropagation(model, y_true, y_pred):
    slope = DERIVATIVES["tanh"]
    assert NAMES == ["tanh", "zero"]
    assert "one" in DERIVATIVES
    delta = 2 * (y_pred - y_true) * slope(model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.sum(0)
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * slope(model.z[l - 1])
