# expects: output-weights hidden-weights
import torch


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        # (1, n, 1) x (1, 1, m)
        model.dL_dw[l] = torch.bmm(d.unsqueeze(2), model.a[l - 1].unsqueeze(1))
        model.dL_db[l] = d.squeeze(0)
        d = d @ model.fc[str(l)].weight
