import torch


def hidden_delta(model, l, delta):
    W = model.fc[str(l + 1)].weight
    return torch.matmul(W, delta) * model.df[l](model.z[l]).T


def backpropagation(model, y_true, y_pred):
    delta = (2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])).T
    for l in range(model.L, 0, -1):
        if l < model.L:
            delta = hidden_delta(model, l, delta)
        model.dL_dw[l] = delta @ model.a[l - 1]
        model.dL_db[l] = delta[:, 0]
