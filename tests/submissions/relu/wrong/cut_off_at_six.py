# expects: forward
import torch
from torch import nn
import torch.nn.functional as F


class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(0, 6)

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * (x > 0)


class MyReLU(nn.Module):
    def __init__(self):
        super().__init__()
    def forward(self, x):
        return MyReLUFunction.apply(x)
