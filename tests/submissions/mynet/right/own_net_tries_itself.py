# legal: its own MyNet is needed for isinstance, and runs a forward pass in its constructor to see that shapes fit
import torch
from torch import nn


class MyNet(nn.Module):
    def __init__(self, n_l=(2, 3, 2)):
        super().__init__()
        self.n_l = n_l
        self.L = len(n_l) - 1
        self.z, self.a = {}, {}
        self.dL_dw, self.dL_db = {}, {}
        self.f, self.df = {}, {}
        self.fc = nn.ModuleDict()
        for l in range(1, self.L + 1):
            self.fc[str(l)] = nn.Linear(n_l[l - 1], n_l[l])
            self.f[l] = torch.tanh
            self.df[l] = lambda z: 1 - torch.tanh(z) ** 2
        # sanity check
        out = self.forward(torch.zeros(1, n_l[0]))
        assert out.shape == (1, n_l[-1])

    def forward(self, x):
        self.a[0] = torch.flatten(x, 1)
        for l in range(1, self.L + 1):
            self.z[l] = self.fc[str(l)](self.a[l - 1])
            self.a[l] = self.f[l](self.z[l])
        return self.a[self.L]


def backpropagation(model, y_true, y_pred):
    if not isinstance(model, MyNet):
        raise TypeError("backpropagation needs a MyNet")
    delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.squeeze(0)
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])
