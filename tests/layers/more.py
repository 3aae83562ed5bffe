"""What courses write besides pairs and classes: configurations, dropout, lists, contexts, engines, buffers."""

import math

import numpy as np
import torch


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps, momentum = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = bn_param["running_mean"], bn_param["running_var"]
    if mode == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    mu, v = x.mean(0), x.var(0)
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * mu
    bn_param["running_var"] = momentum * var + (1 - momentum) * v
    xhat = (x - mu) / np.sqrt(v + eps)
    return gamma * xhat + beta, (xhat, gamma, v + eps)


def batchnorm_backward(dout, cache):
    xhat, gamma, v = cache
    g = dout * gamma
    dx = (g - g.mean(0) - xhat * (g * xhat).mean(0)) / np.sqrt(v)
    return dx, (dout * xhat).sum(0), dout.sum(0)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    mask = None
    out = x
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / p
        out = x * mask
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    param, mask = cache
    return dout * mask if param["mode"] == "train" else dout


def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m


class Net:
    def __init__(self, sizes):
        self.layers = [Dense(n, m) for n, m in zip(sizes[:-1], sizes[1:])]

    def forward(self, x):
        self.z = self.layers[0].forward(x)
        return self.layers[1].forward(np.tanh(self.z))

    def backward(self, dout):
        return self.layers[0].backward(self.layers[1].backward(dout) * (1 - np.tanh(self.z) ** 2))


class Dense:
    def __init__(self, n, m):
        self.params, self.grads = [np.zeros((n, m)), np.zeros((1, m))], [None, None]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, dout):
        self.grads[0] = self.x.T @ dout
        self.grads[1] = dout.sum(0, keepdims=True)
        return dout @ self.params[0].T


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return grad * y


class Mul:
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, d):
        a, b = ctx.saved_values
        return d * b, d * a


def forward(x, w):
    return x @ w


def accumulate(x, w, dout, dw):
    """Adds to what is there."""
    dw += x.T @ dout


class Value:
    def __init__(self, data, _children=()):
        self.data, self.grad, self._prev, self._backward = data, 0.0, set(_children), lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def back():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = back
        return out

    def tanh(self):
        out = Value(math.tanh(self.data), (self,))

        def back():
            self.grad += (1 - out.data**2) * out.grad

        out._backward = back
        return out

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for child in v._prev:
                    visit(child)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backward()


def mse(p, t):
    """The sum over the batch, not the mean."""
    return ((p - t) ** 2).sum(), 2 * (p - t)


def linear_in_columns(x, W, b):
    assert b.shape == (W.shape[0], 1)
    return x @ W.T + b.T, (x, W)


def linear_in_columns_backward(dout, cache):
    x, W = cache
    return dout.T @ x, dout.sum(0)


def cross_entropy_of_labels(x, Y):
    p = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    return -np.sum(Y * np.log(p)) / len(x), (p - Y) / len(x)


def eight(x):
    return np.sin(x), x


def eight_backward(dout, cache):
    return dout * np.cos(cache)
