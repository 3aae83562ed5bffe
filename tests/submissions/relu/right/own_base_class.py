# legal: the Module derives from a class of her own, which derives from nn.Module; forward-mode is offered as well
import torch
from torch import nn


class Layer(nn.Module):
    """All my layers."""

    name = "layer"

    def extra_repr(self):
        return self.name


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x.relu()

    @staticmethod
    def jvp(ctx, dx):
        x, = ctx.saved_tensors
        return dx * (x > 0)

    @staticmethod
    def vjp(ctx, dy):
        x, = ctx.saved_tensors
        return dy * (x > 0)


class MyReLU(Layer):

    name = "max(0, x)"

    def forward(self, x):
        return MyReLUFunction.apply(x)
