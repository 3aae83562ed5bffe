# legal: makes everything contiguous and detached first; a class method and super() on the way
import torch
import torch.nn as nn


class Base(torch.autograd.Function):
    """What my Functions have in common."""

    @classmethod
    def of(cls, x):
        return cls.apply(x.contiguous())


class ReLUFunction(Base):
    @staticmethod
    def forward(ctx, x):
        data = x.detach().contiguous()
        ctx.save_for_backward(data)
        return torch.where(data > 0, data, data.new_zeros(()))

    @staticmethod
    def backward(ctx, g):
        data, = ctx.saved_tensors
        out = g.contiguous().clone()
        out.mul_(data > 0)
        return out


class MyReLU(nn.Module):
    def forward(self, x):
        return ReLUFunction.of(x)
