# outcome: out-of-memory
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        # the mask of every pair of entries, for all images
        ctx.pairs = torch.ones(200000, 200000)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        return g


class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)
