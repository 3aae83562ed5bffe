import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * (x > 0)


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
