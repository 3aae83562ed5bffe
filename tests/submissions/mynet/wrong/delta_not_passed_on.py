# expects: hidden-weights hidden-biases
# mistake: loop-delta-not-updated
import torch


def hidden(model, delta, l):
    return (delta @ model.fc[str(l + 1)].weight) * model.df[l](model.z[l])


def backpropagation(model, y_true, y_pred):
    L = model.L
    delta = 2 * (y_pred - y_true) * model.df[L](model.z[L])
    model.dL_dw[L], model.dL_db[L] = delta.T @ model.a[L - 1], delta[0]
    for l in range(L - 1, 0, -1):
        dz = hidden(model, delta, l)
        model.dL_dw[l], model.dL_db[l] = dz.T @ model.a[l - 1], dz[0]
