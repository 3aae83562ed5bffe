# legal: einsum, torch.outer, vectors without the axis of the examples
import torch


def backpropagation(model, y_true, y_pred):
    a = {l: v[0] for l, v in model.a.items()}
    z = {l: v[0] for l, v in model.z.items()}
    w = {l: model.fc[f"{l}"].weight for l in range(1, model.L + 1)}

    d = torch.einsum("i,i->i", 2 * (y_pred[0] - y_true[0]), model.df[model.L](z[model.L]))
    for l in range(model.L, 0, -1):
        model.dL_dw[l], model.dL_db[l] = torch.outer(d, a[l - 1]), d
        if l > 1:
            d = torch.einsum("kj,k,j->j", w[l], d, model.df[l - 1](z[l - 1]))
