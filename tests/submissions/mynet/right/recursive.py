# legal: recursion over the layers instead of a loop
import torch


def delta(model, l, y_true, y_pred):
    """delta of layer l; fills in the gradients of layer l and of all layers above it on the way."""
    if l == model.L:
        back = 2 * (y_pred - y_true)
    else:
        back = delta(model, l + 1, y_true, y_pred) @ model.fc[str(l + 1)].weight
    d = back * model.df[l](model.z[l])
    model.dL_dw[l] = d.T @ model.a[l - 1]
    model.dL_db[l] = d.squeeze(dim=0)
    return d


def backpropagation(model, y_true, y_pred):
    delta(model, 1, y_true, y_pred)
