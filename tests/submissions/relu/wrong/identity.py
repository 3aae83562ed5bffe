# expects: forward backward module-forward module-backward net-gradients
# mistake: relu-forward-wrong
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output


class MyReLU(nn.Module):

    def forward(self, x):
        return MyReLUFunction.apply(x)
