# expects: output-weights hidden-weights
# mistake: wgrad-z-instead-of-a
import torch


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        before = model.z[l - 1] if l > 1 else model.a[0]
        model.dL_dw[l] = d.T @ before
        model.dL_db[l] = d[0]
        d = d @ model.fc[str(l)].weight
