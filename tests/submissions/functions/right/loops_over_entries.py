import math
import torch
from torch.autograd import Function


class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        n, p = yhat.shape
        total = torch.zeros(p, dtype=yhat.dtype)
        for i in range(n):
            for j in range(p):
                total[j] += (yhat[i, j] - y[i, j]) ** 2
        return total / n

    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        n, p = yhat.shape
        a, b = torch.zeros_like(yhat), torch.zeros_like(y)
        for i in range(n):
            for j in range(p):
                a[i, j] = grad_output[j] * 2 * (yhat[i, j] - y[i, j]) / n
                b[i, j] = -a[i, j]
        return a, b


class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        rows = [torch.stack([(row * w[:, k]).sum() + b.flatten()[k] for k in range(w.shape[1])]) for row in x]
        return torch.stack(rows)

    @staticmethod
    def backward(ctx, grad_output):
        x, w, b = ctx.saved_tensors
        dx, dw, db = torch.zeros_like(x), torch.zeros_like(w), torch.zeros_like(b)
        for row, g, out in zip(x, grad_output, dx):
            out += w @ g
            dw += torch.outer(row, g)
            db += g
        return dx, dw, db


class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.values = [[math.tanh(v) for v in row] for row in x.tolist()]
        return torch.tensor(ctx.values, dtype=x.dtype)

    @staticmethod
    def backward(ctx, grad_output):
        slopes = [[1 - v * v for v in row] for row in ctx.values]
        return grad_output * torch.tensor(slopes, dtype=grad_output.dtype)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        out = x.clone()
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                if x[i, j] < 0:
                    out[i, j] = 0
        return out

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        g = grad_output.clone()
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                g[i, j] = g[i, j] if x[i, j] > 0 else 0
        return g
