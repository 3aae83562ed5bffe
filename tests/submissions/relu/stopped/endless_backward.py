# outcome: timed-out
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        i = 0
        while i < x.numel():
            if x.flatten()[i] < 0:
                continue
            i += 1
        return g


class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)
