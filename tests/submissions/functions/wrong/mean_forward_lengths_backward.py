# expects: mse-yhat mse-y mse-own linear-w linear-b linear-own tanh-backward tanh-own relu-forward relu-backward relu-own upstream
# mistake: mse-wrong-count-n mse-grad-y-sign linear-upstream-ignored
# steps: Tanh: gradient of x; ReLU: value; ReLU: gradient of x
import torch
from torch.autograd import Function

class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        return ((yhat - y) ** 2).mean()
    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        n = yhat.size(0)
        return grad_output * 2 / n * (yhat - y), grad_output * 2 / n * (yhat - y)

class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        return x @ w + b
    @staticmethod
    def backward(ctx, grad_output):
        x, w, b = ctx.saved_tensors
        return grad_output @ w.T, x.T @ torch.ones_like(grad_output), torch.ones_like(b)

class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.tanh(x)
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        t = torch.tanh(x)
        return grad_output.sum() * (1 - t ** 2)

class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x > 0, x, torch.tensor(0.01, dtype=x.dtype))
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return torch.where(x >= 0.2, grad_output, torch.zeros_like(grad_output))
