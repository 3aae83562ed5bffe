# expects: tanh-backward tanh-own
# mistake: tanh-cosh-not-squared
import torch
from torch.autograd import Function


class Context(object):
    """Simplified context: keeps the tensors of one forward"""
    def __init__(self):
        self._saved = ()
    def save_for_backward(self, *args):
        self._saved = args
    @property
    def saved_tensors(self):
        return self._saved


class MSE(Function):
    """squared distance, averaged over the examples"""
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        q = yhat.shape[0]
        return torch.norm(yhat - y) ** 2 / q

    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        q = yhat.shape[0]
        grad_yhat = grad_output * 2 * (yhat - y) / q
        grad_y = grad_output * 2 * (y - yhat) / q
        return grad_yhat, grad_y


class Linear(Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W, b)
        return X.matmul(W) + b

    @staticmethod
    def backward(ctx, grad_output):
        X, W, b = ctx.saved_tensors
        return grad_output.matmul(W.t()), X.t().matmul(grad_output), grad_output.sum(0).view(b.shape)


class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        y = (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))
        ctx.save_for_backward(x)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output / torch.cosh(x)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x + x.abs()) / 2

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * (1 + torch.sign(x)) / 2     # 1/2 at 0

