# legal: an older attempt that was wrong stands above, together with a helper that is defined again below
import torch


def f_prime(z):
    return 1 - z ** 2


def backpropagation(model, y_true, y_pred):
    # first try: forgets the transposition, only works for two layers
    delta = (y_pred - y_true) * f_prime(model.z[2])
    model.dL_dw[2] = model.a[1].T @ delta
    model.dL_db[2] = delta


# ---------------------------------------------------------------- second try

def f_prime(z):
    return 1 / torch.cosh(z) ** 2


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * f_prime(model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.squeeze(0)
        if l > 1:
            delta = delta @ model.fc[str(l)].weight * f_prime(model.z[l - 1])
