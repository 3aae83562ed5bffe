# expects: output-weights output-biases hidden-weights hidden-biases
# mistake: loss-factor-2-missing hid:actderiv-at-a
import torch


def backpropagation(model, y_true, y_pred):
    L = model.L
    dz = {L: (y_pred - y_true) * model.df[L](model.z[L])}
    for l in range(L - 1, 0, -1):
        dz[l] = (dz[l + 1] @ model.fc[str(l + 1)].weight) * model.df[l](model.a[l])
    for l in dz:
        model.dL_dw[l] = dz[l].T @ model.a[l - 1]
        model.dL_db[l] = dz[l][0]
