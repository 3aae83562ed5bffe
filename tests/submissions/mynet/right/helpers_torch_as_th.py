# legal: several helper functions, and torch under another name
import torch as th
import torch.nn.functional as F
from matplotlib import pyplot as plt


def loss(y_true, y_pred):
    return F.mse_loss(y_pred, y_true, reduction="sum")


def d_loss(y_true, y_pred):
    return 2 * (y_pred - y_true)


def d_tanh(z):
    return 1 - th.tanh(z).pow(2)


def step_back(delta, W, z):
    """From the delta of one layer to the delta of the layer below it."""
    return d_tanh(z) * (delta @ W)


def grads(delta, a_prev):
    return delta.t() @ a_prev, delta.view(-1)


def plot_losses(values):
    plt.plot(values)
    plt.show()


def backpropagation(model, y_true, y_pred):
    delta = d_loss(y_true, y_pred) * d_tanh(model.z[model.L])
    model.dL_dw[model.L], model.dL_db[model.L] = grads(delta, model.a[model.L - 1])
    for l in range(model.L - 1, 0, -1):
        delta = step_back(delta, model.fc[str(l + 1)].weight, model.z[l])
        model.dL_dw[l], model.dL_db[l] = grads(delta, model.a[l - 1])
