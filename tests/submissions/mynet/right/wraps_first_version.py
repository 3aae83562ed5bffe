# legal: the first version is kept under another name, and the second one calls it
import torch


def backpropagation(model, y_true, y_pred):
    e = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = e * model.df[l](model.z[l])
        model.dL_dw[l] = d.T @ model.a[l - 1]
        model.dL_db[l] = d            # shape (1, n): corrected below
        e = d @ model.fc[str(l)].weight


first_version = backpropagation


def backpropagation(model, y_true, y_pred):
    first_version(model, y_true, y_pred)
    for l in model.dL_db:
        model.dL_db[l] = model.dL_db[l].view(-1)
