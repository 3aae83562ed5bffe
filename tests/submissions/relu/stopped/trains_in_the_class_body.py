# outcome: timed-out
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):
    total = 0
    while total >= 0:
        total += 1

    @staticmethod
    def forward(ctx, x):
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        return g


class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)
