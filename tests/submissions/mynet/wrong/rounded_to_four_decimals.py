# expects: output-weights output-biases hidden-weights hidden-biases
import torch


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        model.dL_dw[l] = torch.round(d.T @ model.a[l - 1], decimals=4)
        model.dL_db[l] = torch.round(d[0], decimals=4)
        d = d @ model.fc[str(l)].weight
