# outcome: raised
import torch


def backprop_layer(model, l, d):
    model.dL_dw[l] = d.T @ model.a[l - 1]
    model.dL_db[l] = d[0]
    return backprop_layer(model, l, d @ model.fc[str(l)].weight @ model.fc[str(l)].weight.T)


def backpropagation(model, y_true, y_pred):
    backprop_layer(model, model.L, 2 * (y_pred - y_true))
