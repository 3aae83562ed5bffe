# expects: tanh-forward tanh-backward relu-forward relu-backward
# mistake: relu-forward-wrong tanh-forward-wrong
import torch
from torch.autograd import Function, gradcheck


class MSE(Function):

    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        diff = yhat - y
        return (diff * diff).mean(0)

    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        local = 2 / len(y) * (yhat - y)
        return grad_output * local, grad_output * -local


class Linear(Function):

    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        return torch.mm(x, w) + b

    @staticmethod
    def backward(ctx, grad_output):
        x, w, b = ctx.saved_tensors
        return torch.mm(grad_output, w.t()), torch.mm(x.t(), grad_output), grad_output.sum(0)


class Tanh(Function):

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * 1


class ReLU(Tanh):
    pass
