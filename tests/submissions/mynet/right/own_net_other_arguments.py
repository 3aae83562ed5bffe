# legal: isinstance with its own MyNet, whose constructor asks for more than the widths
import torch
from torch import nn


class MyNet(nn.Module):
    """Like the one of the statement, but the activation is chosen by the caller."""

    def __init__(self, n_l, activation, derivative):
        super().__init__()
        self.n_l = n_l
        self.L = len(n_l) - 1
        self.z = {l: None for l in range(1, self.L + 1)}
        self.a = {l: None for l in range(self.L + 1)}
        self.dL_dw = {l: None for l in range(1, self.L + 1)}
        self.dL_db = {l: None for l in range(1, self.L + 1)}
        self.f = {l: activation for l in range(1, self.L + 1)}
        self.df = {l: derivative for l in range(1, self.L + 1)}
        self.fc = nn.ModuleDict({str(l): nn.Linear(n_l[l - 1], n_l[l]) for l in range(1, self.L + 1)})

    def forward(self, x):
        self.a[0] = torch.flatten(x, 1)
        for l in range(1, self.L + 1):
            self.z[l] = self.fc[str(l)](self.a[l - 1])
            self.a[l] = self.f[l](self.z[l])
        return self.a[self.L]


def backpropagation(model, y_true, y_pred):
    assert isinstance(model, MyNet)
    grad = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        grad = grad * model.df[l](model.z[l])
        model.dL_dw[l] = grad.T @ model.a[l - 1]
        model.dL_db[l] = grad.flatten()
        grad = grad @ model.fc[str(l)].weight


net = MyNet([2, 3, 2], torch.tanh, lambda z: 1 - torch.tanh(z) ** 2)
