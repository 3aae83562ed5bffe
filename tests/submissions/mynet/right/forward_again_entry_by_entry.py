# legal: runs the forward pass again, in plain Python, and then goes back in loops over single entries
import math

import torch


def backpropagation(model, y_true, y_pred):
    layers = range(1, model.L + 1)
    W = {l: model.fc[str(l)].weight.tolist() for l in layers}
    b = {l: model.fc[str(l)].bias.tolist() for l in layers}
    a = {0: model.a[0][0].tolist()}
    for l in layers:
        a[l] = [math.tanh(b[l][i] + sum(W[l][i][j] * a[l - 1][j] for j in range(len(a[l - 1])))) for i in range(len(b[l]))]

    y = y_true[0].tolist()
    d = [2 * (a[model.L][i] - y[i]) * (1 - a[model.L][i] ** 2) for i in range(len(y))]
    for l in reversed(layers):
        model.dL_db[l] = torch.tensor(d)
        model.dL_dw[l] = torch.tensor([[di * aj for aj in a[l - 1]] for di in d])
        d = [sum(W[l][i][j] * d[i] for i in range(len(d))) * (1 - a[l - 1][j] ** 2) for j in range(len(a[l - 1]))]
