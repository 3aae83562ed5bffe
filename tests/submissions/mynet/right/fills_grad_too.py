# legal: also fills .grad of the parameters, so that an optimiser could be used, and returns the model
import torch


def backpropagation(model, y_true, y_pred):
    model.zero_grad()
    upstream = 2 * (y_pred.detach() - y_true)
    for l in range(model.L, 0, -1):
        lin = model.fc[str(l)]
        delta = upstream * model.df[l](model.z[l].detach())
        model.dL_dw[l] = delta.T @ model.a[l - 1].detach()
        model.dL_db[l] = delta.squeeze(0)
        lin.weight.grad = model.dL_dw[l].clone()
        lin.bias.grad = model.dL_db[l].clone()
        upstream = delta @ lin.weight.data
    return model
