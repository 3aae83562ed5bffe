# expects: mse-forward mse-yhat mse-y mse-own linear-forward linear-x linear-w linear-b linear-own tanh-forward tanh-backward tanh-own relu-forward relu-backward relu-own upstream untouched
import torch
from torch.autograd import Function


class Zero(Function):
    @staticmethod
    def forward(ctx, *inputs):
        ctx.save_for_backward(*inputs)
        return torch.zeros_like(inputs[0])

    @staticmethod
    def backward(ctx, grad_output):
        grads = tuple(torch.zeros_like(t) for t in ctx.saved_tensors)
        return grads[0] if len(grads) == 1 else grads


class MSE(Zero):
    pass


class Linear(Zero):
    pass


class Tanh(Zero):
    pass


class ReLU(Zero):
    pass
