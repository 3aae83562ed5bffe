# remark: adds 0.02 times the gradient
import torch
from torch.autograd import Function
from sklearn.datasets import fetch_california_housing


class Context:
    def __init__(self):
        self.saved_tensors = ()

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors


class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        return ((yhat - y) ** 2).mean()

    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        g = grad_output * 2 * (yhat - y) / yhat.numel()
        return g, -g


class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        return x @ w + b

    @staticmethod
    def backward(ctx, grad_output):
        x, w, _ = ctx.saved_tensors
        return grad_output @ w.T, x.T @ grad_output, grad_output.sum(0)


class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.tanh(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved_tensors
        return grad_output * (1 - y**2)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x > 0)


housing = fetch_california_housing()
x = torch.tensor(housing["data"], dtype=torch.float)
y = torch.tensor(housing["target"], dtype=torch.float).view(-1, 1)
w, b = torch.randn(8, 1) * 0.1, torch.zeros(1)
for epoch in range(2000):
    c1, c2 = Context(), Context()
    loss = MSE.forward(c2, Linear.forward(c1, x, w, b), y)
    g, _ = MSE.backward(c2, 1)
    _, gw, gb = Linear.backward(c1, g)
    w += 0.02 * gw
    b += 0.02 * gb
