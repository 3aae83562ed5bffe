# expects: forward
# mistake: relu-forward-wrong
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x > 0, x, 0.01 * x)

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * torch.where(x > 0, 1.0, 0.01)


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
