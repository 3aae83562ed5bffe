# legal: the Module takes an argument that has a default, and shows it when it is printed
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, inplace=False):
        ctx.save_for_backward(x > 0)
        if inplace:
            ctx.mark_dirty(x)
            return x.clamp_(min=0)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        mask, = ctx.saved_tensors
        return g.masked_fill(~mask, 0), None


class MyReLU(nn.Module):
    def __init__(self, inplace: bool = False):
        super().__init__()
        self.inplace = inplace

    def forward(self, x):
        return MyReLUFunction.apply(x, self.inplace)

    def extra_repr(self):
        return f"inplace={self.inplace}"
