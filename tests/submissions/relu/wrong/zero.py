# expects: forward backward module-forward module-backward net-gradients
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        return torch.zeros_like(x)

    @staticmethod
    def backward(ctx, grad_output):
        return torch.zeros_like(grad_output)


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
