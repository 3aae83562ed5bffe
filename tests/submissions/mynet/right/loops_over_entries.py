# legal: not vectorised at all, every entry in its own turn of a loop
import torch


def backpropagation(model, y_true, y_pred):
    L = model.L
    sizes = model.n_l
    delta = [[0.0] * n for n in sizes]      # delta[l][j]; delta[0] is never used

    for j in range(sizes[L]):
        delta[L][j] = 2 * (y_pred[0, j].item() - y_true[0, j].item()) * model.df[L](model.z[L][0, j]).item()

    for l in range(L - 1, 0, -1):
        for j in range(sizes[l]):
            s = 0
            for k in range(sizes[l + 1]):
                s += model.fc[str(l + 1)].weight[k, j].item() * delta[l + 1][k]
            delta[l][j] = s * model.df[l](model.z[l][0, j]).item()

    for l in range(1, L + 1):
        model.dL_dw[l] = torch.zeros(sizes[l], sizes[l - 1])
        model.dL_db[l] = torch.zeros(sizes[l])
        for i in range(sizes[l]):
            model.dL_db[l][i] = delta[l][i]
            for j in range(sizes[l - 1]):
                model.dL_dw[l][i, j] = delta[l][i] * model.a[l - 1][0, j]
