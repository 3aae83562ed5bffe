# evidence: autograd
# attempt: the chain rule by hand, but the slope of each activation comes from autograd
import torch


def slope(f, z):
    with torch.enable_grad():
        z = z.detach().clone().requires_grad_(True)
        return torch.autograd.grad(f(z).sum(), z)[0]


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = delta * slope(model.f[l], model.z[l])
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta[0]
        delta = delta @ model.fc[str(l)].weight
