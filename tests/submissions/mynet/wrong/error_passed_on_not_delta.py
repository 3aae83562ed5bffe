# expects: hidden-weights hidden-biases
# mistake: back-uses-e-not-delta
import torch


def backpropagation(model, y_true, y_pred):
    e = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = e * model.df[l](model.z[l])
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta[0]
        e = e @ model.fc[str(l)].weight
