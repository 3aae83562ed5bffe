# legal: the slope at 0 is a half, by heaviside; the Function was defined before under the same name, in a worse version
import torch
import torch.nn as nn


class MyReLUFunction(torch.autograd.Function):
    # first try
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(0)

    @staticmethod
    def backward(ctx, g):
        return g


class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x + x.abs()) / 2

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0]
        return g * torch.heaviside(x, torch.tensor(0.5, dtype=x.dtype))


class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)
