# legal: the Function is a class within the Module
import torch
from torch import nn
from functools import cached_property
class MyReLU(nn.Module):
    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.clamp(0)
        @staticmethod
        def backward(ctx, g):
            x, = ctx.saved_tensors
            return g * (x > 0)
    def forward(self, x):
        return self.Function.apply(x)
