# evidence: caches
# attempt: a class of dual numbers of its own, pushed through the network one direction at a time
import numpy as np
import torch


class Dual:
    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(self.value + other, self.slope)

    def __sub__(self, other):
        return Dual(self.value - other, self.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __rmatmul__(self, matrix):
        return Dual(matrix @ self.value, matrix @ self.slope)

    __array_ufunc__ = None

    def tanh(self):
        t = np.tanh(self.value)
        return Dual(t, (1 - t * t) * self.slope)


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    return torch.sum((t - v) ** 2)


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    n = [np.asarray(a) for a in (w1, b1, w2, b2, x, t)]

    def at(e1, e2):
        x1 = (Dual(n[0] @ n[4] + n[1], e1)).tanh()
        x2 = (n[2] @ x1 + n[3] + 0 if e2 is None else Dual(n[2] @ x1.value + n[3], e2)).tanh()
        error = x2 - n[5]
        return (error * error).slope.sum()

    ds1 = torch.tensor([at(e, None) for e in np.eye(len(n[1]))])
    ds2 = torch.tensor([at(np.zeros(len(n[1])), e) for e in np.eye(len(n[3]))])
    dl_dw2 += torch.outer(ds2, x1)
    dl_db2 += ds2
    dl_dw1 += torch.outer(ds1, x)
    dl_db1 += ds1
