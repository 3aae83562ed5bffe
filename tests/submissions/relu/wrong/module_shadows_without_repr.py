# expects: module-forward module-backward
# mistake: module-shadows-function
import torch
import torch.nn as nn


class MyReLU(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * (x > 0)


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLU.apply(x)
