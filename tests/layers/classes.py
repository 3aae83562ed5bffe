"""Classes that keep what backward needs, as from-scratch books, torch Functions, static classes and small nets do."""

import numpy as np
import torch


class Linear:
    def __init__(self, in_features, out_features):
        self.W = np.zeros((out_features, in_features))
        self.b = np.zeros((out_features, 1))

    def forward(self, A):
        self.A, self.N = A, A.shape[0]
        return A @ self.W.T + np.ones((self.N, 1)) @ self.b.T

    def backward(self, dLdZ):
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.T @ np.ones((self.N, 1))
        return dLdZ @ self.W


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)


class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.mean(np.log(self.y[np.arange(len(t)), t]))

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)


class TorchLinear:
    @staticmethod
    def forward(x, w, b):
        return x.flatten(1).mm(w) + b, (x, w)

    @staticmethod
    def backward(dout, cache):
        x, w = cache
        return dout.mm(w.t()).reshape(x.shape), x.flatten(1).t().mm(dout), dout.sum(0)


class Gelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 0.5 * x * (1 + torch.erf(x / 2**0.5))

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        density = torch.exp(-x * x / 2) / (2 * torch.pi) ** 0.5
        return grad * (0.5 * (1 + torch.erf(x / 2**0.5)) + x * density)


class TwoLayerNet:
    def __init__(self, input_dim, hidden_dim, num_classes, reg=0.0):
        self.params, self.reg = {}, reg

    def loss(self, X, y):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        h = np.maximum(0, X @ W1 + b1)
        s = h @ W2 + b2
        p = np.exp(s - s.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        n = np.arange(len(X))
        loss = -np.log(p[n, y]).mean() + 0.5 * self.reg * ((W1**2).sum() + (W2**2).sum())
        p[n, y] -= 1
        p /= len(X)
        dh = p @ W2.T * (h > 0)
        grads = {"W2": h.T @ p + self.reg * W2, "b2": p.sum(0), "W1": X.T @ dh + self.reg * W1, "b1": dh.sum(0)}
        return loss, grads


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m


def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)
