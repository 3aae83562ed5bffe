# legal: one name for both classes, but the apply of the Function was kept before the Module took the name
import torch
from torch import nn


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.clamp(x, min=0)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (x > 0)


relu_fn = MyReLU.apply


class MyReLU(nn.Module):
    def forward(self, x):
        return relu_fn(x)
