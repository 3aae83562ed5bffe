# expects: net-gradients
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        MyReLUFunction.saved = x
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * (MyReLUFunction.saved > 0)


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
