# legal: what is stored requires grad (it is wrapped in a Parameter), but no gradient comes from autograd
import torch
import torch.nn as nn


def backpropagation(model, y_true, y_pred):

    # dL/dA of the last layer
    grad_a = 2 * (y_pred - y_true)

    for layer in range(model.L, 0, -1):
        grad_z = grad_a * model.df[layer](model.z[layer])

        model.dL_dw[layer] = nn.Parameter(grad_z.T @ model.a[layer - 1])
        model.dL_db[layer] = nn.Parameter(grad_z.reshape(-1))

        grad_a = grad_z @ model.fc[str(layer)].weight
