import torch
from torch import nn
class MyNet(nn.Module):
    """Fully connected tanh layers that keep what backpropagation needs.

    `n_l` lists the widths n(0) .. n(L). After `y_pred = model(x)` with x of shape (1, n(0)):
    `a[l]` and `z[l]` have shape (1, n(l)), `a[0]` is the input and `a[L]` the prediction;
    `fc[str(l)].weight` has shape (n(l), n(l-1)) and `fc[str(l)].bias` shape (n(l),);
    `f[l]` is the activation of layer l, `df[l]` its derivative, both functions of z.
    """

    def __init__(self, n_l=(2, 3, 2)):
        super().__init__()
        self.n_l = list(n_l)
        self.L = len(self.n_l) - 1
        layers = range(1, self.L + 1)
        self.z = dict.fromkeys(layers)
        self.a = dict.fromkeys(range(self.L + 1))
        self.dL_dw = dict.fromkeys(layers)
        self.dL_db = dict.fromkeys(layers)
        self.f = dict.fromkeys(layers, torch.tanh)
        self.df = {l: (lambda z: 1 / torch.cosh(z) ** 2) for l in layers}
        self.fc = nn.ModuleDict({str(l): nn.Linear(self.n_l[l - 1], self.n_l[l]) for l in layers})

    def forward(self, x):
        """The prediction, shape (1, n(L)); keeps every z[l] and a[l]."""
        self.a[0] = torch.flatten(x, 1)
        for l in range(1, self.L + 1):
            self.z[l] = self.fc[str(l)](self.a[l - 1])
            self.a[l] = self.f[l](self.z[l])
        return self.a[self.L]
def jacobian(self, l):
    return self.df[l](self.z[l])
MyNet.jacobian = jacobian
def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        delta = 2 * (y_pred - y_true) * model.jacobian(model.L)
        for l in range(model.L, 0, -1):
            model.dL_dw[l] = delta.T @ model.a[l - 1]
            model.dL_db[l] = delta.sum(0)
            if l > 1:
                delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])

