# outcome: out-of-memory
import torch

history = []


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    l = model.L
    while l >= 1:
        # room for the gradients of every step
        history.append(bytearray(10 ** 8))
        l = max(l - 1, 1)
