import torch


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        model.dL_dw[l] = d.T @ model.a[l - 1]
        model.dL_db[l] = d[0]
        d = d @ model.fc[str(l)].weight
