# expects: repeatable
# mistake: loop-accumulates
import torch


def add(store, l, value):
    # like .grad in PyTorch
    store[l] = value if store[l] is None else store[l] + value


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        add(model.dL_dw, l, d.T @ model.a[l - 1])
        add(model.dL_db, l, d[0])
        d = d @ model.fc[str(l)].weight
