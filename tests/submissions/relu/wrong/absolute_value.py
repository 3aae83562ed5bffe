# expects: forward
# mistake: relu-forward-wrong
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.abs()

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * x.sign()


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
