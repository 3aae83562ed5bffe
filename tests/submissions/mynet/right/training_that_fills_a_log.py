"""The loop below would run for hours; nothing that the function needs comes from it."""

import torch

log = []
norms = {}


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * (1 - torch.tanh(model.z[model.L]) ** 2)
    for l in range(model.L, 0, -1):
        log.append((l, float(delta.norm())))
        norms.setdefault(l, []).append(log[-1])
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.sum(0)
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * (1 - torch.tanh(model.z[l - 1]) ** 2)


def train(model):
    while True:
        backpropagation(model, torch.zeros(1, 2), model(torch.zeros(1, 2)))


net = MyNet([2, 2])
for epoch in range(10**9):
    train(net)
train(net)
