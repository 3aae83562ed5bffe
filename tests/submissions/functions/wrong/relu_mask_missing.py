# expects: relu-backward relu-own
# mistake: relu-mask-missing
import torch
from torch.autograd import Function


class Linear(Function):
    @staticmethod
    def forward(ctx, W, X, b):
        ctx.save_for_backward(W, X, b)
        return X.mm(W) + b

    @staticmethod
    def backward(ctx, grad_output):
        W, X, b = ctx.saved_tensors
        dW = X.t().mm(grad_output)
        dX = grad_output.mm(W.t())
        db = grad_output.sum(0, keepdim=True)
        return dW, dX, db


class MSE(Function):
    @staticmethod
    def forward(ctx, y_pred, y_true):
        ctx.save_for_backward(y_pred, y_true)
        return (y_pred - y_true).pow(2).mean(dim=0, keepdim=True)

    @staticmethod
    def backward(ctx, grad_output):
        y_pred, y_true = ctx.saved_tensors
        base = 2.0 * (y_pred - y_true) / y_pred.size(0)
        return (grad_output * base, -grad_output * base)


class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        out = x.tanh()
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        out, = ctx.saved_tensors
        return (1 - out.square()).mul(grad_output)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x > 0, x, torch.zeros_like(x))

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output
