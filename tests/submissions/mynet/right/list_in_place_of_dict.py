# legal: dL_dw and dL_db become lists with nothing at index 0, so model.dL_dw[l] is what the statement asks for
import torch


def backpropagation(model, y_true, y_pred):
    dW = [None] * (model.L + 1)
    dB = [None] * (model.L + 1)
    d = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        dW[l] = d.T @ model.a[l - 1]
        dB[l] = d.squeeze(0)
        if l > 1:
            d = d @ model.fc[str(l)].weight * model.df[l - 1](model.z[l - 1])
    model.dL_dw = dW
    model.dL_db = dB
