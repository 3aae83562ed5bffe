# evidence: caches
# attempt: a class of dual numbers of its own, pushed through the network one direction at a time
import numpy as np
import torch


class Dual:
    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.slope + other.slope)
        return Dual(self.value + other, self.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __matmul__(self, matrix):
        return Dual(self.value @ matrix, self.slope @ matrix)

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.slope)


def backpropagation(model, y_true, y_pred):
    layers = range(1, model.L + 1)
    w = {l: model.fc[str(l)].weight.numpy().T for l in layers}
    b = {l: model.fc[str(l)].bias.numpy() for l in layers}
    for k in layers:
        delta = np.zeros(len(b[k]))
        for i in range(len(delta)):
            a = Dual(model.a[0][0].numpy(), np.zeros(w[1].shape[0]))
            for l in layers:
                z = a @ w[l] + b[l]
                if l == k:
                    z = z + Dual(0.0, np.eye(len(delta))[i])
                a = z.tanh()
            e = a + (-y_true[0].numpy())
            delta[i] = (e * e).slope.sum()
        model.dL_db[k] = torch.tensor(delta)
        model.dL_dw[k] = torch.outer(torch.tensor(delta), model.a[k - 1][0])
