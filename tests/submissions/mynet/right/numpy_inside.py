# legal: all of the arithmetic in numpy, converted back to tensors at the end
import numpy as np
import torch


def to_np(t):
    return t.detach().cpu().numpy()


def backpropagation(model, y_true, y_pred):
    y, yhat = to_np(y_true), to_np(y_pred)
    delta = None
    for l in np.arange(model.L, 0, -1):
        l = int(l)
        z = to_np(model.z[l])
        fprime = 1.0 - np.tanh(z) ** 2
        if delta is None:
            delta = 2.0 * (yhat - y) * fprime
        else:
            W = to_np(model.fc[str(l + 1)].weight)
            delta = np.dot(delta, W) * fprime
        dW = np.outer(delta, to_np(model.a[l - 1]))
        model.dL_dw[l] = torch.from_numpy(dW)
        model.dL_db[l] = torch.tensor(delta.ravel())
