# legal: backpropagation is a method of the student's own MyNet, and uses another method and an attribute of it
import torch
import torch.nn as nn


class MyNet(nn.Module):

    def __init__(self, n_l=[2, 3, 2]):
        super(MyNet, self).__init__()
        self.L = len(n_l) - 1
        self.n_l = n_l
        self.z = {}
        self.a = {}
        self.dL_dw = {i: None for i in range(1, self.L + 1)}
        self.dL_db = {i: None for i in range(1, self.L + 1)}
        self.delta = {}          # new: one delta for each layer
        self.f = {i: torch.tanh for i in range(1, self.L + 1)}
        self.df = {i: lambda x: 1 / torch.cosh(x) ** 2 for i in range(1, self.L + 1)}
        self.fc = nn.ModuleDict()
        for i in range(1, self.L + 1):
            self.fc[str(i)] = nn.Linear(n_l[i - 1], n_l[i])

    def forward(self, x):
        self.a[0] = x.flatten(1)
        for i in range(1, self.L + 1):
            self.z[i] = self.fc[str(i)](self.a[i - 1])
            self.a[i] = self.f[i](self.z[i])
        return self.a[self.L]

    def compute_delta(self, l, y_true, y_pred):
        if l == self.L:
            upstream = 2 * (y_pred - y_true)
        else:
            upstream = self.delta[l + 1] @ self.fc[str(l + 1)].weight
        self.delta[l] = upstream * self.df[l](self.z[l])

    @torch.no_grad()
    def backpropagation(self, y_true, y_pred):
        for l in range(self.L, 0, -1):
            self.compute_delta(l, y_true, y_pred)
            self.dL_dw[l] = self.delta[l].T @ self.a[l - 1]
            self.dL_db[l] = self.delta[l].squeeze(0)
