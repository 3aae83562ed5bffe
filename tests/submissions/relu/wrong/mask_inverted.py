# expects: backward
# mistake: relu-mask-inverted
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
        grad_input = grad_output.clone()
        grad_input[x > 0] = 0
        return grad_input


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
