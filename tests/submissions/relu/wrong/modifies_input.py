# expects: untouched
# mistake: forward-modifies-input
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        mask = x > 0
        ctx.save_for_backward(mask)
        x[~mask] = 0
        return x

    @staticmethod
    def backward(ctx, grad_output):
        mask, = ctx.saved_tensors
        return grad_output * mask


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
