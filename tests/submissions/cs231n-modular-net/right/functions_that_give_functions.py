import numpy as np
from functools import reduce


def affine(p, W, b):
    return lambda x: (x @ p[W] + p[b], lambda g: ({W: x.T @ g, b: g.sum(0)}, g @ p[W].T))


def relu(x):
    return np.where(x > 0, x, 0), lambda g: ({}, np.where(x > 0, g, 0))


class TwoLayerNet:
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        shapes = {"W1": (input_dim, hidden_dim), "b1": hidden_dim, "W2": (hidden_dim, num_classes), "b2": num_classes}
        self.params = {k: weight_scale * np.random.standard_normal(s) for k, s in shapes.items()}
        self.reg = reg

    def loss(self, X, y=None):
        p, backs = self.params, []
        out = X.reshape(len(X), -1)
        for f in (affine(p, "W1", "b1"), relu, affine(p, "W2", "b2")):
            out, back = f(out)
            backs.append(back)
        if y is None:
            return out
        n = np.arange(len(y))
        lse = np.log(np.exp(out).sum(1))
        loss = (lse - out[n, y]).mean() + self.reg / 2 * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
        g = np.exp(out - lse[:, None])
        g[n, y] -= 1
        g /= len(y)
        grads = {}
        for back in backs[::-1]:
            more, g = back(g)
            grads.update(more)
        for W in "W1", "W2":
            grads[W] = grads[W] + self.reg * p[W]
        return loss, grads
