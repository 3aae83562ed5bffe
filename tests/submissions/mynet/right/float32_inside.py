# legal: everything in single precision, and stored so
import torch


def backpropagation(model, y_true, y_pred):
    y_true, y_pred = y_true.float(), y_pred.float()
    delta = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = delta * model.df[l](model.z[l].float())
        model.dL_dw[l] = delta.T @ model.a[l - 1].float()
        model.dL_db[l] = delta[0]
        delta = delta @ model.fc[str(l)].weight.data.float()
