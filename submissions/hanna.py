import torch


def backpropagation(model, y_true, y_pred):
    y = model.a[model.L]
    delta = 2 * (y - y_true) * (1 - y * y)
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = torch.einsum("bi,bj->ij", delta, model.a[l - 1])
        model.dL_db[l] = delta
        delta = (delta @ model.fc[str(l)].weight) * model.df[l](model.a[l - 1])
