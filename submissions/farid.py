import torch


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * (1 - y_pred**2)
    l = model.L
    while l > 0:
        model.dL_dw[l] = torch.matmul(delta.T, model.a[l - 1])
        model.dL_db[l] = delta[0]
        if l > 1:
            delta = torch.matmul(delta, model.fc[str(l)].weight) * (1 - model.a[l - 1] ** 2)
            l -= 1
