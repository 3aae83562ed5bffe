# legal: keeps its own Parameters of the weights, so the products require grad; autograd is never asked for a gradient
import torch
from torch import nn


def layer_weights(model):
    """The weight matrices, one Parameter for each layer."""
    return {l: nn.Parameter(model.fc[str(l)].weight.data.clone()) for l in range(1, model.L + 1)}


def backpropagation(model, y_true, y_pred):
    W = layer_weights(model)
    delta = {}
    delta[model.L] = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L - 1, 0, -1):
        delta[l] = torch.matmul(delta[l + 1], W[l + 1]) * model.df[l](model.z[l])
    for l in range(1, model.L + 1):
        model.dL_dw[l] = torch.matmul(delta[l].T, model.a[l - 1])
        model.dL_db[l] = delta[l].squeeze(0)
